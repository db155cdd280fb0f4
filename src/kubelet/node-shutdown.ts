/** Graceful node shutdown (upstream `pkg/kubelet/nodeshutdown`): pods are ended by priority before the system goes down. */
import type { Pod } from '../api/core-v1.ts';
import type { EventId, HandlerId } from '../engine/engine.ts';
import { SECOND } from '../engine/time.ts';
import { EventPhase } from '../record/event-phases.ts';
import type { ShutdownGroup } from './behavior.ts';
import { typical } from './defaults.ts';
import { killPatienceUs, tellImpatience } from './kill-patience.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import type { NodeFleet } from './node-fleet.ts';
import type { NodeMachine } from './node-machine.ts';
import type { PodSyncer } from './pod-sync.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';

const message = 'Pod was terminated in response to imminent node shutdown.';
const shutdownEnd = { reason: 'Terminated', message, disruption: message, joinsSuccess: true } as const;

/** A pod that was active when the shutdown began. */
interface ActivePod {
  readonly worker: PodWorker;
  readonly pod: Pod;
}

interface Patience {
  readonly pod: Pod;
  /** Microseconds. */
  readonly until: number;
}

/** A system on its way down. */
interface Shutdown {
  readonly pods: readonly ActivePod[];
  /** Index of the next group. */
  next: number;
  /** Pods of the present group that are waited for. */
  readonly waiting: Set<PodWorker>;
  /** Pods that have been told to end and have not, and when the wait for each is given up. */
  readonly patience: Map<PodWorker, Patience>;
  /** When the next group begins at the latest, or power goes off; microseconds. */
  endsAt: number;
  event: EventId | undefined;
  turnsOff: boolean;
  bootsAgain: boolean;
  arePodsGone: boolean;
}

/** The shutdowns that are under way. */
export class NodeShutdowns {
  private readonly workers: PodWorkers;
  private readonly syncer: PodSyncer;
  private readonly fleet: NodeFleet;
  private readonly events: KubeletEvents;
  private readonly powerOff: (node: NodeMachine, bootsAgain: boolean) => void;
  private readonly running = new Map<NodeMachine, Shutdown>();
  /** Registered with the first shutdown. */
  private handler: HandlerId | undefined;

  constructor(
    workers: PodWorkers,
    syncer: PodSyncer,
    fleet: NodeFleet,
    events: KubeletEvents,
    powerOff: (node: NodeMachine, bootsAgain: boolean) => void,
  ) {
    this.workers = workers;
    this.syncer = syncer;
    this.fleet = fleet;
    this.events = events;
    this.powerOff = powerOff;
  }

  /** Begins to end the pods of a node; false where its kubelet does not do that. */
  begin(node: NodeMachine, turnsOff: boolean): boolean {
    const running = this.running.get(node);
    if (running !== undefined) {
      running.turnsOff ||= turnsOff;
      if (running.arePodsGone && turnsOff) this.nextGroup(node, running);
      return true;
    }
    if (this.groups.length === 0 || !node.isUp || !node.isKubeletRunning) return false;
    const active = this.workers.index.on(node).filter((worker) => !worker.has(WorkerFlag.finished));
    const shutdown: Shutdown = {
      pods: active.map((worker) => ({ worker, pod: this.workers.podOf(worker) })),
      next: 0,
      waiting: new Set(),
      patience: new Map(),
      endsAt: Infinity,
      event: undefined,
      turnsOff,
      bootsAgain: false,
      arePodsGone: false,
    };
    this.running.set(node, shutdown);
    node.isShuttingDown = true;
    if (this.events.areWanted) {
      this.events.node(node.name, 'Normal', 'Shutdown', 'Shutdown manager detected shutdown event');
    }
    this.fleet.lookNow(node);
    this.nextGroup(node, shutdown);
    return true;
  }

  /** Whether the node is going off, and boots as soon as it is. */
  bootAfterwards(node: NodeMachine): boolean {
    const shutdown = this.running.get(node);
    if (shutdown?.turnsOff !== true) return false;
    shutdown.bootsAgain = true;
    return true;
  }

  /** The containers of a pod have ended. */
  podEnded(worker: PodWorker): void {
    if (this.running.size === 0) return;
    const shutdown = this.running.get(worker.node);
    if (shutdown !== undefined) this.stopWaiting(worker, shutdown);
  }

  /** Power is gone. */
  forget(node: NodeMachine): void {
    const shutdown = this.running.get(node);
    if (shutdown === undefined) return;
    this.disarm(shutdown);
    this.running.delete(node);
    node.isShuttingDown = false;
  }

  private stopWaiting(worker: PodWorker, shutdown: Shutdown): void {
    shutdown.patience.delete(worker);
    if (shutdown.waiting.delete(worker) && shutdown.waiting.size === 0) this.nextGroup(worker.node, shutdown);
    else this.arm(worker.node, shutdown);
  }

  private get groups(): readonly ShutdownGroup[] {
    return this.workers.settings.shutdownGroups;
  }

  /** Groups without pods are left out; after the last one the rest of the system stops. */
  private nextGroup(node: NodeMachine, shutdown: Shutdown): void {
    const { now } = this.workers.engine;
    shutdown.waiting.clear();
    shutdown.endsAt = Infinity;
    while (shutdown.next < this.groups.length) {
      const { seconds } = this.groups[shutdown.next]!;
      const members = this.membersOf(shutdown, shutdown.next++);
      if (members.length === 0) continue;
      for (const { worker } of members) shutdown.waiting.add(worker);
      shutdown.endsAt = now + seconds * SECOND;
      for (const member of members) this.end(member, shutdown, seconds);
      return this.arm(node, shutdown);
    }
    if (!shutdown.arePodsGone || shutdown.turnsOff) {
      shutdown.arePodsGone = true;
      if (shutdown.turnsOff) shutdown.endsAt = now + typical.systemStopUs;
    }
    this.arm(node, shutdown);
  }

  private membersOf({ pods }: Shutdown, group: number): readonly ActivePod[] {
    const from = group === 0 ? -Infinity : this.groups[group]!.priority;
    const below = this.groups[group + 1]?.priority ?? Infinity;
    return pods.filter(({ worker, pod }) => {
      const { priority } = worker.spec;
      return priority >= from && priority < below && this.isWaitedFor(worker, pod);
    });
  }

  /** One that has ended meanwhile says nothing more, and is waited for in vain as long as its object is there. */
  private isWaitedFor(worker: PodWorker, pod: Pod): boolean {
    if (this.workers.index.byId(worker.id) === worker) return !worker.has(WorkerFlag.finished);
    return this.workers.current(pod) !== undefined;
  }

  private end({ worker, pod }: ActivePod, { patience }: Shutdown, seconds: number): void {
    const grace = Math.min(worker.spec.terminationGracePeriodSeconds, seconds);
    patience.set(worker, { pod, until: this.workers.engine.now + killPatienceUs(grace) });
    if (this.workers.index.byId(worker.id) !== worker) return;
    this.syncer.orders.terminate(worker, grace, shutdownEnd);
    this.workers.proceed(worker);
  }

  private onTime(node: NodeMachine): void {
    const shutdown = this.running.get(node);
    if (shutdown === undefined) return;
    const { now } = this.workers.engine;
    shutdown.event = undefined;
    if (shutdown.endsAt <= now) {
      if (shutdown.arePodsGone) return this.powerOff(node, shutdown.bootsAgain);
      return this.nextGroup(node, shutdown);
    }
    for (const [worker, { pod, until }] of shutdown.patience) {
      if (until > now) continue;
      tellImpatience(this.events, pod);
      this.stopWaiting(worker, shutdown);
    }
    this.arm(node, shutdown);
  }

  /** The next moment at which something is over: the time of the group, or the patience with a pod. */
  private arm(node: NodeMachine, shutdown: Shutdown): void {
    const { engine } = this.workers;
    this.disarm(shutdown);
    let at = shutdown.endsAt;
    for (const { until } of shutdown.patience.values()) at = Math.min(at, until);
    if (at === Infinity) return;
    this.handler ??= engine.register({
      name: 'kubelet/shutdown',
      phase: EventPhase.machine,
      handle: (index) => this.onTime(this.fleet.nodes[index]!),
    });
    shutdown.event = engine.at(at, this.handler, node.index);
  }

  private disarm(shutdown: Shutdown): void {
    if (shutdown.event !== undefined) this.workers.engine.cancel(shutdown.event);
    shutdown.event = undefined;
  }
}
