/** A recorded case played again in the simulation: the same operations at the same times, and what was seen of it. */
import type { ApiObject } from '../../api/meta-v1.ts';
import { admissionPlugins } from '../../apiserver/admission/registry.ts';
import { controllers } from '../../controllers/registry.ts';
import { ControllerProcess } from '../../controllers/controller-process.ts';
import type { HandlerId } from '../../engine/engine.ts';
import { Engine } from '../../engine/engine.ts';
import { SECOND } from '../../engine/time.ts';
import { Recorder } from '../../record/recorder.ts';
import { readSchedulerConfiguration } from '../../scheduler/configuration.ts';
import { pluginRegistry } from '../../scheduler/framework/define-plugin.ts';
import { inTreePlugins } from '../../scheduler/plugins/registry.ts';
import { Scheduler } from '../../scheduler/scheduler.ts';
import type { TieBreak } from '../../scheduler/select-host.ts';
import { installNamespace } from '../../workload/initial-state.ts';
import { nodeSha256 } from '../sha256.ts';
import { ActedServer } from './acted-server.ts';
import { FakeKubelets } from './fake-kubelet.ts';
import { FakeLeases } from './fake-leases.ts';
import { ObjectNames } from './object-names.ts';
import { Operations } from './operations.ts';
import type { WatchPace } from './recorded-machine.ts';
import { RecordedMachine } from './recorded-machine.ts';
import { RowWriter } from './row-writer.ts';
import { RecordedLoad } from './recorded-load.ts';
import type { RecordedRun, Row, TimelineCase } from './timeline-case.ts';

/** Virtual seconds before the case begins, whole: components have settled by then. */
const prelude = 40;

/** Plays a case with the times of one of its runs; returns what was seen. */
export function playTimeline(
  recorded: TimelineCase,
  run: RecordedRun,
  seed = 'timeline',
  pace: WatchPace = 'prompt',
  tieBreak: TieBreak = 'heap',
): readonly Row[] {
  return new Replay(recorded, run, seed, pace, tieBreak).rows();
}

/** From the start of the controllers to the first write to a node that is seen: two requests. */
const firstWriteS = 0.04;

/**
 * When the controllers came up, seconds. Before the case, but for those that began with an empty cluster of their own:
 * they were new as well, and took the taints of its nodes away when they were there.
 */
function startOfControllers({ ops, nodes }: TimelineCase, { opTimes, observed = [] }: RecordedRun): number {
  const joining = ops.filter((operation) => operation.do === 'node joins').map(({ op }) => opTimes[op]!);
  const isNew = joining.length === nodes.length && Math.max(...joining) < 1;
  const first = observed.find(({ taintsRemoved }) => taintsRemoved !== undefined);
  return isNew && first !== undefined ? first.t - firstWriteS : -2;
}

class Replay {
  private readonly recorded: TimelineCase;
  private readonly run: RecordedRun;
  private readonly engine: Engine;
  private readonly server: ActedServer;
  private readonly writer: RowWriter;
  private readonly operations: Operations;
  private readonly actions: (() => void)[] = [];
  private readonly act: HandlerId;
  private readonly tieBreak: TieBreak;
  /** Virtual time at which the case begins: the fraction of its second is that of the recording. */
  private readonly beginsAt: number;

  constructor(recorded: TimelineCase, run: RecordedRun, seed: string, pace: WatchPace, tieBreak: TieBreak) {
    this.recorded = recorded;
    this.tieBreak = tieBreak;
    this.run = run;
    const [hours, minutes, seconds] = run.clockAtZero.split(':').map(Number) as [number, number, number];
    this.beginsAt = Math.round((hours * 3600 + minutes * 60 + seconds) * SECOND);
    if (this.beginsAt < prelude * SECOND) this.beginsAt += 86_400 * SECOND;
    const engine = new Engine({ seed, createHash: nodeSha256 });
    this.engine = engine;
    const recorder = new Recorder();
    const machine = new RecordedMachine(engine, pace);
    this.server = new ActedServer({ engine, recorder, latency: machine.latency, admission: admissionPlugins() });
    this.server.turnOf = (request) => machine.turnOf(this.server.writesOf(request));
    recorder.observe({ kubeEvent: () => void machine.turnOf(1) });
    this.act = engine.register({ name: 'timeline/act', phase: 0, handle: (at) => this.actions[at]!() });
    const { server } = this;
    const names = new ObjectNames();
    const deleterOf = ({ kind, metadata }: ApiObject): string | undefined =>
      server.deleters.get(`${kind}/${metadata.namespace}/${metadata.name}`);
    this.writer = new RowWriter(
      names,
      () => this.seconds,
      () => server.actor,
      deleterOf,
    );
    recorder.observe(this.writer);
    server.onRefusal = (request, response, by) =>
      this.writer.refused(request, response, by === 'user via eviction' ? 'user' : by);
    const kubelets = new FakeKubelets(server, (delayUs, action) => this.at(engine.now + delayUs, action));
    const leases = new FakeLeases();
    this.operations = new Operations({
      server,
      kubelets,
      leases,
      names,
      namespace: recorded.id,
      now: () => engine.now,
    });
    this.at(this.beginsAt - 2 * SECOND, () => this.begin());
    this.at(this.beginsAt + Math.round(startOfControllers(recorded, run) * SECOND), () =>
      this.startControllers(leases),
    );
  }

  rows(): readonly Row[] {
    for (const operation of this.recorded.ops) {
      const at = this.beginsAt + Math.round(this.run.opTimes[operation.op]! * SECOND);
      const last = this.run.lastLease?.[String(operation.op)];
      const lastLease = last === undefined ? undefined : this.beginsAt + Math.round(last * SECOND);
      if (operation.do === 'node joins') this.at(at, () => this.join(operation.node!, false));
      else this.at(at, () => this.operations.do(operation, lastLease));
    }
    const end = this.beginsAt + Math.round(this.run.end * SECOND);
    this.at(end, () => undefined);
    this.engine.run({ until: end });
    return this.writer.rows;
  }

  private get seconds(): number {
    return (this.engine.now - this.beginsAt) / SECOND;
  }

  private at(time: number, action: () => void): void {
    this.engine.at(time, this.act, this.actions.push(action) - 1);
  }

  private begin(): void {
    const { server, recorded } = this;
    installNamespace(server, 'default');
    installNamespace(server, recorded.id);
    const joining = new Set(recorded.ops.filter((operation) => operation.do === 'node joins').map(({ node }) => node));
    for (const { metadata } of recorded.nodes) if (!joining.has(metadata!.name)) this.join(metadata!.name!, true);
    const registry = pluginRegistry(inTreePlugins, []);
    const { configuration } = readSchedulerConfiguration(undefined, registry);
    const scheduler = new Scheduler({ server, configuration, registry, tieBreak: this.tieBreak, cycleCost: undefined });
    scheduler.start();
  }

  private startControllers(leases: FakeLeases): void {
    const { server, recorded } = this;
    const podMetrics = new RecordedLoad(recorded, server, () => this.seconds);
    new ControllerProcess(controllers, server, { heartbeats: leases, podMetrics }).start();
  }

  private join(nodeName: string, isInstalled: boolean): void {
    const manifest = this.recorded.nodes.find(({ metadata }) => metadata!.name === nodeName)!;
    const now = isInstalled ? 1 : 0;
    this.operations.join(manifest, manifest.leasePhaseSeconds + now, isInstalled);
  }
}
