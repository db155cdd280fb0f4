/** Sends what the generators make when it arrives, as a user without a rate limit would. */
import type { ApiServer } from '../apiserver/apiserver.ts';
import type { Client, ResponseHandler } from '../apiserver/client.ts';
import type { ApiRequest, ApiResponse } from '../apiserver/requests.ts';
import type { Engine, HandlerId, Lane } from '../engine/engine.ts';
import { EventPhase } from '../record/event-phases.ts';
import type { Recorder } from '../record/recorder.ts';
import { WorkloadGenerator } from './generator.ts';
import type { GeneratorSpec } from './generator-spec.ts';
import { unavailableRetryUs } from './script.ts';

/** All generators of a run. */
export class GeneratedLoad implements ResponseHandler {
  readonly hearsRefusalsOnly = true;
  private readonly engine: Engine;
  private readonly recorder: Recorder;
  private readonly client: Client;
  private readonly generators: readonly WorkloadGenerator[];
  private readonly arrive: HandlerId;
  private readonly retries: Lane;
  /** Requests that found no API server, oldest first: the lane fires in the same order. */
  private readonly waiting: ApiRequest[] = [];
  private firstWaiting = 0;

  constructor(server: ApiServer, client: Client, specs: readonly GeneratorSpec[]) {
    this.engine = server.engine;
    this.recorder = server.recorder;
    this.client = client;
    this.generators = specs.map(
      (spec) => new WorkloadGenerator(spec, this.engine.random(`workload/${spec.name}/arrivals`)),
    );
    this.arrive = this.engine.register({
      name: 'workload/arrival',
      phase: EventPhase.input,
      handle: (at) => this.onArrival(at),
    });
    const retry = this.engine.register({
      name: 'workload/retry',
      phase: EventPhase.input,
      handle: () => this.retry(),
    });
    this.retries = this.engine.lane(retry);
  }

  /** Posts the first arrival of each generator. */
  start(): void {
    for (const [at, generator] of this.generators.entries()) {
      const first = generator.nextArrival();
      if (first !== undefined) this.engine.at(first, this.arrive, at);
    }
  }

  onResponse(_token: number, response: ApiResponse, request: ApiRequest): void {
    const { engine } = this;
    if (response.code === 'Unavailable') {
      this.waiting.push(request);
      this.retries.push(engine.now + unavailableRetryUs, 0);
      return;
    }
    const target = `${request.kind} ${request.namespace}/${request.name}`;
    this.recorder.userAction({ verb: 'create', target, startedAt: engine.now, message: response.message });
  }

  /** Objects that arrive together share one event. */
  private onArrival(at: number): void {
    const generator = this.generators[at]!;
    let next: number | undefined;
    do {
      this.client.send(generator.nextRequest(), this);
      next = generator.nextArrival();
    } while (next === this.engine.now);
    if (next !== undefined) this.engine.at(next, this.arrive, at);
  }

  private retry(): void {
    const request = this.waiting[this.firstWaiting++]!;
    if (this.firstWaiting === this.waiting.length) {
      this.waiting.length = 0;
      this.firstWaiting = 0;
    }
    this.client.send(request, this);
  }
}
