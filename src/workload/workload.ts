/** The workload of a run: what a user does at given times, and what the generators submit. */
import type { ApiServer } from '../apiserver/apiserver.ts';
import type { Engine } from '../engine/engine.ts';
import { EventPhase } from '../record/event-phases.ts';
import { GeneratedLoad } from './generated-load.ts';
import type { ArrivingObjects } from './generated-load.ts';
import { WorkloadGenerator } from './generator.ts';
import type { GeneratorSpec } from './generator-spec.ts';
import { TimedPods } from './traces/timed-pods.ts';
import type { TraceReplay } from './traces/trace-replay.ts';
import type { TimedUserAction } from './user-action.ts';
import { UserClient } from './user-client.ts';

/** What arrives by itself. */
export interface WorkloadSources {
  readonly generators: readonly GeneratorSpec[];
  /** Replayed with its times, if there is one. */
  readonly trace: TraceReplay | undefined;
}

/** One user, who sends all of it without a rate limit. */
export class Workload {
  private readonly user: UserClient;
  private readonly load: GeneratedLoad;

  constructor(server: ApiServer, actions: readonly TimedUserAction[], sources: WorkloadSources) {
    const client = server.client({ name: 'user', phase: EventPhase.input, queriesPerSecond: 0, burst: 0 });
    this.user = new UserClient(server, client, actions);
    this.load = new GeneratedLoad(server, client, arrivingObjects(server.engine, sources));
  }

  /** Posts the first action and the first arrivals; called once, before time starts. */
  start(): void {
    this.user.start();
    this.load.start();
  }
}

function arrivingObjects(engine: Engine, { generators, trace }: WorkloadSources): readonly ArrivingObjects[] {
  const drawn = generators.map((spec) => new WorkloadGenerator(spec, engine.random(`workload/${spec.name}/arrivals`)));
  if (trace === undefined) return drawn;
  const drawOf = (name: string): number => engine.entityRandom('workload/trace/thin', name).double();
  return [...drawn, new TimedPods(trace.pods, trace.timing, drawOf)];
}
