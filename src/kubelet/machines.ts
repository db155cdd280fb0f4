/** What faults do to nodes, to containers, to the image registry, and to the way to the API server. */
import type { Pod } from '../api/core-v1.ts';
import type { Engine, HandlerId } from '../engine/engine.ts';
import { EventPhase } from '../record/event-phases.ts';
import { typical } from './defaults.ts';
import type { Evictions } from './eviction.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import type { NodeFleet } from './node-fleet.ts';
import type { NodeMachine } from './node-machine.ts';
import { NodeShutdowns } from './node-shutdown.ts';
import type { NodeCapacity } from './node-usage.ts';
import type { PodSyncer } from './pod-sync.ts';
import type { PodUpdates } from './pod-updates.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';

/** Switches of the machines; names of nodes that do not exist change nothing. */
export class Machines {
  private readonly engine: Engine;
  private readonly workers: PodWorkers;
  private readonly syncer: PodSyncer;
  private readonly fleet: NodeFleet;
  private readonly updates: PodUpdates;
  private readonly evictions: Evictions;
  private readonly events: KubeletEvents;
  private readonly shutdowns: NodeShutdowns;
  private readonly bootHandler: HandlerId;

  constructor(
    workers: PodWorkers,
    syncer: PodSyncer,
    fleet: NodeFleet,
    updates: PodUpdates,
    evictions: Evictions,
    events: KubeletEvents,
  ) {
    this.engine = workers.engine;
    this.workers = workers;
    this.syncer = syncer;
    this.fleet = fleet;
    this.updates = updates;
    this.evictions = evictions;
    this.events = events;
    this.shutdowns = new NodeShutdowns(workers, syncer, fleet, events, (node, bootsAgain) =>
      this.powerOff(node, bootsAgain),
    );
    this.bootHandler = this.engine.register({
      name: 'kubelet/boot',
      phase: EventPhase.machine,
      handle: (index) => this.onBooted(this.fleet.nodes[index]!),
    });
  }

  /** Power off: containers die silently, and nothing is written. */
  crash(nodeName: string): void {
    const node = this.fleet.get(nodeName);
    if (node === undefined) return;
    if (node.boot !== undefined) this.engine.cancel(node.boot);
    node.boot = undefined;
    this.shutdowns.forget(node);
    if (!node.isUp) return;
    node.isUp = false;
    this.forgetKubelet(node);
    this.syncer.puller.cancelAll(node);
    for (const worker of [...this.workers.index.on(node)]) this.lose(worker);
    this.changed(node);
  }

  /** The system begins to go down: its kubelet ends the pods, where it is told to. */
  beginShutdown(nodeName: string): void {
    const node = this.fleet.get(nodeName);
    if (node !== undefined) this.shutdowns.begin(node, false);
  }

  /** The same, and power goes off when the system is down. */
  shutDown(nodeName: string): void {
    const node = this.fleet.get(nodeName);
    if (node === undefined) return;
    if (!this.shutdowns.begin(node, true)) this.crash(nodeName);
  }

  /** Another machine stands where one is off: it holds no images. */
  replace(nodeName: string): void {
    const node = this.fleet.get(nodeName);
    if (node === undefined || node.isUp) return;
    node.images.clear();
    node.newImages = [];
  }

  /** Power on: the node boots, then its kubelet starts its pods again. A system that is going down boots when it is down. */
  restore(nodeName: string): void {
    const node = this.fleet.get(nodeName);
    if (node === undefined || this.shutdowns.bootAfterwards(node) || node.isUp || node.boot !== undefined) return;
    node.boot = this.engine.after(typical.bootDurationUs, this.bootHandler, node.index);
  }

  /** Cut off from the control plane; containers run on. */
  partition(nodeName: string): void {
    const node = this.fleet.get(nodeName);
    if (node === undefined || node.isPartitioned) return;
    node.isPartitioned = true;
    this.changed(node);
  }

  heal(nodeName: string): void {
    const node = this.fleet.get(nodeName);
    if (node === undefined || !node.isPartitioned) return;
    node.isPartitioned = false;
    this.changed(node);
    if (node.isConnected) this.updates.resync(node);
  }

  /** Containers run on, but nobody restarts them or says how they are. */
  stopKubelet(nodeName: string): void {
    const node = this.fleet.get(nodeName);
    if (node === undefined || !node.isKubeletRunning) return;
    node.isKubeletRunning = false;
    this.forgetKubelet(node);
    if (node.isUp) {
      this.syncer.puller.cancelAll(node);
      for (const worker of this.workers.index.on(node))
        if (!worker.has(WorkerFlag.finished)) this.syncer.interruptions.abandon(worker);
    }
    this.changed(node);
  }

  startKubelet(nodeName: string): void {
    const node = this.fleet.get(nodeName);
    if (node === undefined || node.isKubeletRunning) return;
    node.isKubeletRunning = true;
    this.changed(node);
    if (!node.isUp) return;
    if (this.events.areWanted) this.events.node(node.name, 'Normal', 'Starting', 'Starting kubelet.');
    this.begin(node);
  }

  /** Kills a running container of a pod, the first main one unless named; false if none runs. */
  crashContainer(pod: Pod, exitCode: number, reason = '', container?: string): boolean {
    const worker = this.updates.workerOf(pod);
    return worker !== undefined && worker.node.isUp && this.syncer.crash(worker, exitCode, reason, container);
  }

  /** Its processes stand still; the name of the container, undefined if none runs. */
  hangContainer(pod: Pod, container?: string): string | undefined {
    const worker = this.updates.workerOf(pod);
    return worker?.node.isUp === true ? this.syncer.hangs.begin(worker, container) : undefined;
  }

  releaseContainer(pod: Pod, container: string): void {
    const worker = this.updates.workerOf(pod);
    if (worker?.node.isUp === true) this.syncer.hangs.end(worker, container);
  }

  /** What a node does by itself takes `factor` times as long from now on; work under way for the rest of its way. */
  setSlowdown(nodeName: string, factor: number): void {
    const node = this.fleet.get(nodeName);
    if (node === undefined) return;
    const before = node.slowdown;
    node.slowdown = factor;
    this.syncer.puller.slowNode(node, factor, before);
    this.workers.wakes.repace(node, factor, before);
  }

  /** The clock of a node is so many microseconds ahead. */
  setClockOffset(nodeName: string, us: number): void {
    const node = this.fleet.get(nodeName);
    if (node !== undefined) node.clockOffsetUs = us;
  }

  /** What runs on a node beside its pods uses so many bytes of memory. */
  setOtherMemory(nodeName: string, bytes: number): void {
    const node = this.fleet.get(nodeName);
    if (node !== undefined) this.evictions.setOther(node, { memoryBytes: bytes });
  }

  /** And of disk. */
  setOtherDisk(nodeName: string, bytes: number): void {
    const node = this.fleet.get(nodeName);
    if (node !== undefined) this.evictions.setOther(node, { diskBytes: bytes });
  }

  /** So many processes run beside the pods of a node. */
  setOtherProcesses(nodeName: string, count: number): void {
    const node = this.fleet.get(nodeName);
    if (node !== undefined) this.evictions.setOther(node, { processes: count });
  }

  /** Bytes, or processes, that a node has; 0 of one that does not exist. */
  capacityOf(nodeName: string, what: NodeCapacity): number {
    const node = this.fleet.get(nodeName);
    return node === undefined ? 0 : this.evictions.capacity(node, what);
  }

  setRegistryAvailable(isAvailable: boolean): void {
    this.syncer.puller.setAvailable(isAvailable);
  }

  /** Pulls take `factor` times as long. */
  setRegistrySlowdown(factor: number): void {
    this.syncer.puller.setSlowdown(factor);
  }

  /** Tells all kubelets that the API server can or cannot be reached. */
  setApiServerReachable(isReachable: boolean): void {
    this.workers.reports.isApiReachable = isReachable;
    if (!isReachable) return;
    for (const node of this.fleet.nodes) if (node.isConnected) this.updates.relist(node);
  }

  /** Tells all kubelets that the API server answers in time to renewals of their leases, or does not. */
  setLeasesRenewed(areRenewed: boolean): void {
    this.fleet.isReachable = areRenewed;
  }

  private powerOff({ name }: NodeMachine, bootsAgain: boolean): void {
    this.crash(name);
    if (bootsAgain) this.restore(name);
  }

  /** The containers of a pod are gone: a system that waits for them goes down. */
  podEnded(worker: PodWorker): void {
    this.shutdowns.podEnded(worker);
  }

  private onBooted(node: NodeMachine): void {
    node.boot = undefined;
    node.isUp = true;
    this.changed(node);
    if (this.events.areWanted) {
      this.events.node(node.name, 'Warning', 'Rebooted', `Node ${node.name} has been rebooted`);
    }
    if (!node.isKubeletRunning) return;
    this.begin(node);
  }

  /** A kubelet begins: it lists its pods, and says how its node is. */
  private begin(node: NodeMachine): void {
    this.evictions.begin(node);
    this.updates.resync(node);
    this.fleet.lookNow(node);
  }

  private changed(node: NodeMachine): void {
    this.workers.recorder.machineChanged(node.name, node.state);
    this.fleet.contactChanged(node);
  }

  /** The kubelet of a node has ended, and what it remembered is gone. */
  private forgetKubelet(node: NodeMachine): void {
    this.evictions.forget(node);
    this.updates.forget(node);
  }

  private lose(worker: PodWorker): void {
    if (worker.slot < 0) this.syncer.drop(worker);
    else this.syncer.interruptions.lose(worker);
  }
}
