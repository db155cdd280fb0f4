/** The kubelets, container runtimes and machines of all nodes. */
import type { ApiServer } from '../apiserver/apiserver.ts';
import { byNode } from '../apiserver/cluster-state.ts';
import type { Informer } from '../apiserver/informer.ts';
import type { Node, Pod } from '../api/core-v1.ts';
import { isNodeReady } from '../api/node-conditions.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import type { Uid } from '../api/meta-v1.ts';
import type { HandlerId } from '../engine/engine.ts';
import { EventPhase } from '../record/event-phases.ts';
import type { Rejection } from './admission.ts';
import { admit } from './admission.ts';
import type { Behavior, ImageSize, KubeletOptions, RegistryOptions } from './behavior.ts';
import { Behaviors } from './behaviors.ts';
import { CriticalPods } from './critical-pods.ts';
import { typical } from './defaults.ts';
import { Evictions } from './eviction.ts';
import { ImageSizes } from './images.ts';
import { KubeletEvents } from './kubelet-events.ts';
import { NodeFleet } from './node-fleet.ts';
import type { NodeMachine } from './node-machine.ts';
import { NodeShutdowns } from './node-shutdown.ts';
import type { NodeCapacity } from './node-usage.ts';
import { PodSyncer, isDoubted } from './pod-sync.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorker } from './pod-worker.ts';
import { PodWorkers } from './pod-workers.ts';
import type { KubeletSettings } from './settings.ts';
import { kubeletSettings } from './settings.ts';
import { StatusWriter } from './status-writer.ts';

/** What kubelets are given: the server they talk to, and the scenario's word on pods, images and settings. */
export interface KubeletsOptions {
  readonly server: ApiServer;
  readonly behaviors: readonly Behavior[];
  readonly images: readonly ImageSize[];
  readonly registry: RegistryOptions;
  readonly kubelet: KubeletOptions;
}

/**
 * Every node's kubelet in one component with one watch of pods and one of nodes. Faults reach the machines here, and the
 * node lifecycle controller asks here when a node was heard last.
 */
export class Kubelets {
  private readonly server: ApiServer;
  private readonly settings: KubeletSettings;
  private readonly events: KubeletEvents;
  private readonly fleet: NodeFleet;
  private readonly writer: StatusWriter;
  private readonly pods: Informer<'Pod'>;
  private readonly workers: PodWorkers;
  private readonly syncer: PodSyncer;
  private readonly critical: CriticalPods;
  private readonly evictions: Evictions;
  private readonly shutdowns: NodeShutdowns;
  private readonly bootHandler: HandlerId;
  /** Pods up to this version were there before time began. */
  private startVersion = 0;

  constructor(options: KubeletsOptions) {
    const { server } = options;
    const { engine, recorder } = server;
    this.server = server;
    this.settings = kubeletSettings(options.kubelet, options.registry, new ImageSizes(options.images));
    this.events = new KubeletEvents(recorder);
    const client = server.client({ name: 'kubelet', phase: EventPhase.machine, queriesPerSecond: 0, burst: 0 });
    this.fleet = new NodeFleet(server, client, this.settings, this.events);
    this.writer = new StatusWriter(client, () => engine.now);
    this.pods = server.informer('kubelet', EventPhase.machine, 'Pod');
    const behaviors = new Behaviors(server, options.behaviors);
    this.workers = new PodWorkers(this.pods, server, this.settings, behaviors, this.writer);
    this.syncer = new PodSyncer(this.workers, this.events);
    this.critical = new CriticalPods(this.workers, this.syncer, this.events);
    this.evictions = new Evictions(this.workers, this.syncer, this.fleet, this.events);
    this.shutdowns = new NodeShutdowns(this.workers, this.syncer, this.fleet, this.events, (node, bootsAgain) =>
      this.powerOff(node, bootsAgain),
    );
    this.workers.onUsage = (node) => this.evictions.usageChanged(node);
    this.workers.onFinished = (worker) => this.onFinished(worker);
    this.syncer.puller.onImage = (node, image) => this.onImage(node, image);
    this.bootHandler = engine.register({
      name: 'kubelet/boot',
      phase: EventPhase.machine,
      handle: (index) => this.onBooted(this.fleet.nodes[index]!),
    });
    this.pods.onChange(
      (before, after, slot) => this.onPod(before, after, slot),
      (before, after, slot) => this.isPodChange(before, after, slot),
    );
    const nodes = server.informer('kubelet', EventPhase.machine, 'Node');
    nodes.onChange((before, after) => this.onNode(before, after), isNodeChange);
  }

  /** Called once before time starts, after the initial nodes and pods were installed. */
  start(): void {
    const { state } = this.server;
    for (const node of state.list('Node')) this.fleet.initialStatus(this.fleet.add(node));
    for (const pod of [...state.list('Pod')]) {
      this.startVersion = Math.max(this.startVersion, pod.metadata.resourceVersion);
      const node = this.fleet.get(pod.spec.nodeName);
      if (node === undefined || isPodTerminal(pod)) continue;
      const slot = this.slotOf(pod);
      if (pod.status.phase === 'Running') this.syncer.adopt(this.workers.add(node, pod, slot));
      else this.take(node, pod, slot);
    }
  }

  /** Time of the newest lease renewal at or before `now` that reached the API server, microseconds; -1 = none. */
  lastRenewal(nodeName: string, now: number): number {
    return this.fleet.lastRenewal(nodeName, now);
  }

  /** Calls back when a node falls silent and when it speaks again. */
  onChange(listener: (nodeName: string, isRenewing: boolean) => void): void {
    this.fleet.onChange(listener);
  }

  /** Whether the kubelet of a node answers those who ask it. */
  isReachable(nodeName: string): boolean {
    return this.fleet.get(nodeName)?.isConnected === true;
  }

  /** Power off: containers die silently, and nothing is written. */
  crash(nodeName: string): void {
    const node = this.fleet.get(nodeName);
    if (node === undefined) return;
    if (node.boot !== undefined) this.server.engine.cancel(node.boot);
    node.boot = undefined;
    this.shutdowns.forget(node);
    if (!node.isUp) return;
    node.isUp = false;
    node.pressures.clear();
    this.syncer.puller.cancelAll(node);
    for (const worker of [...this.workers.on(node)]) this.lose(worker);
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
    node.boot = this.server.engine.after(typical.bootDurationUs, this.bootHandler, node.index);
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
    if (node.isConnected) this.resync(node);
  }

  /** Containers run on, but nobody restarts them or says how they are. */
  stopKubelet(nodeName: string): void {
    const node = this.fleet.get(nodeName);
    if (node === undefined || !node.isKubeletRunning) return;
    node.isKubeletRunning = false;
    if (node.isUp) {
      this.syncer.puller.cancelAll(node);
      for (const worker of this.workers.on(node)) if (!worker.has(WorkerFlag.finished)) this.syncer.abandon(worker);
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
    this.resync(node);
    this.fleet.lookNow(node);
  }

  /** Kills a running container of a pod, the first main one unless named; false if none runs. */
  crashContainer(pod: Pod, exitCode: number, reason = '', container?: string): boolean {
    const worker = this.workers.of(pod, this.slotOf(pod));
    return worker !== undefined && worker.node.isUp && this.syncer.crash(worker, exitCode, reason, container);
  }

  /** Its processes stand still; the name of the container, undefined if none runs. */
  hangContainer(pod: Pod, container?: string): string | undefined {
    const worker = this.workers.of(pod, this.slotOf(pod));
    return worker?.node.isUp === true ? this.syncer.hang(worker, container) : undefined;
  }

  releaseContainer(pod: Pod, container: string): void {
    const worker = this.workers.of(pod, this.slotOf(pod));
    if (worker?.node.isUp === true) this.syncer.release(worker, container);
  }

  /** What a node does by itself takes `factor` times as long from now on; work under way for the rest of its way. */
  setSlowdown(nodeName: string, factor: number): void {
    const node = this.fleet.get(nodeName);
    if (node === undefined) return;
    const before = node.slowdown;
    node.slowdown = factor;
    this.syncer.puller.slowNode(node, factor, before);
    this.workers.repace(node, factor, before);
  }

  /** The clock of a node is so many microseconds ahead. */
  setClockOffset(nodeName: string, us: number): void {
    const node = this.fleet.get(nodeName);
    if (node !== undefined) node.clockOffsetUs = us;
  }

  /** Tells the probes' attempts up to now that had no events of their own. */
  tellProbes(): void {
    for (const node of this.fleet.nodes) for (const worker of this.workers.on(node)) this.syncer.catchUp(worker);
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
    this.workers.isApiReachable = isReachable;
    this.fleet.isReachable = isReachable;
    if (!isReachable) return;
    for (const node of this.fleet.nodes) if (node.isConnected) this.relist(node);
  }

  private isPodChange(before: Pod | undefined, after: Pod | undefined, slot: number): boolean {
    if (after === undefined) {
      if (before!.spec.nodeName === '') return false;
      return !isPodTerminal(before!) || this.workers.of(before!, slot) !== undefined;
    }
    if (after.spec.nodeName === '') return false;
    const isEnded = isPodTerminal(after);
    if (before === undefined || before.spec.nodeName === '') return !isEnded;
    const { deletionTimestamp, deletionGracePeriodSeconds } = after.metadata;
    const isDeletion =
      deletionTimestamp !== before.metadata.deletionTimestamp ||
      deletionGracePeriodSeconds !== before.metadata.deletionGracePeriodSeconds;
    if (isDeletion && !isEnded) return true;
    const isUpdate =
      after.spec !== before.spec ||
      after.metadata.labels !== before.metadata.labels ||
      after.metadata.annotations !== before.metadata.annotations;
    if (isDeletion || isUpdate || (isEnded && !isPodTerminal(before)))
      return this.workers.of(after, slot) !== undefined;
    if (isDoubted(after) && !isDoubted(before)) return true;
    return after.spec.readinessGates.length > 0 && after.status.otherConditions !== before.status.otherConditions;
  }

  private onPod(before: Pod | undefined, after: Pod | undefined, slot: number): void {
    const pod = (after ?? before)!;
    const node = this.fleet.get(pod.spec.nodeName);
    if (node === undefined) return;
    const worker = this.workers.of(pod, slot);
    if (after === undefined) {
      if (worker !== undefined) this.onRemoved(worker, pod);
      return;
    }
    if (!node.isConnected) return;
    if (worker !== undefined) {
      this.workers.told = after;
      this.syncer.follow(worker, after);
      this.workers.proceed(worker);
      this.workers.told = undefined;
    } else if (before === undefined || before.spec.nodeName === '') {
      if (before !== undefined || after.metadata.resourceVersion > this.startVersion) this.take(node, after, slot);
    } else if (after.metadata.deletionTimestamp !== undefined) {
      // It has ended here, and the status that says so is on its way.
      this.writer.remove(node, after);
    }
  }

  private onRemoved(worker: PodWorker, lastVersion: Pod): void {
    if (!worker.node.isConnected) return this.workers.detach(worker, lastVersion);
    this.syncer.removed(worker, lastVersion);
    this.workers.proceed(worker);
  }

  /** Admits a pod that was bound to the node, or says why not. */
  private take(node: NodeMachine, pod: Pod, slot: number): void {
    if (pod.metadata.deletionTimestamp === undefined) {
      const requests = this.workers.resources.of(pod.spec).requests;
      const stored = this.server.state.get('Node', '', node.name);
      const refused = admit(pod.spec, requests, stored, node, this.settings.maxPods);
      if (refused !== undefined) {
        const rejection = this.critical.makeRoom(node, pod, slot, refused);
        if (rejection !== undefined) this.reject(node, pod, rejection);
        return;
      }
    }
    this.syncer.begin(this.workers.add(node, pod, slot));
  }

  private reject(node: NodeMachine, pod: Pod, rejection: Rejection): void {
    if (this.events.areWanted) this.events.pod(pod, 'Warning', rejection.reason, rejection.message);
    this.writer.reject(node, pod, rejection, node.secondsAt(this.server.engine.now));
  }

  /** The containers of a pod are gone: there is room for others. */
  private onFinished(worker: PodWorker): void {
    this.evictions.podEnded(worker);
    this.shutdowns.podEnded(worker);
    for (const { node, pod, slot } of this.critical.podEnded(worker)) {
      const current = this.server.state.get('Pod', pod.metadata.namespace, pod.metadata.name);
      if (current?.metadata.uid === pod.metadata.uid && node.isConnected) this.take(node, current, slot);
    }
  }

  private onNode(before: Node | undefined, after: Node | undefined): void {
    const { name } = (after ?? before)!.metadata;
    if (after === undefined) {
      const gone = this.fleet.get(name);
      if (gone !== undefined) gone.isRegistered = false;
      if (gone !== undefined) this.fleet.contactChanged(gone);
      return;
    }
    const isNew = this.fleet.get(name) === undefined;
    const node = this.fleet.add(after);
    if (!node.isRegistered) {
      node.isRegistered = true;
      this.fleet.contactChanged(node);
    }
    const stored = this.server.state.get('Node', '', name);
    if (stored === undefined || isNodeReady(stored)) return;
    if (isNew) this.fleet.lookNow(node);
    else this.fleet.lookAtNextPeriod(node);
  }

  private onImage(node: NodeMachine, image: string): void {
    node.newImages.push(image);
    this.fleet.lookAtNextPeriod(node);
  }

  private powerOff({ name }: NodeMachine, bootsAgain: boolean): void {
    this.crash(name);
    if (bootsAgain) this.restore(name);
  }

  private onBooted(node: NodeMachine): void {
    node.boot = undefined;
    node.isUp = true;
    this.changed(node);
    if (this.events.areWanted) {
      this.events.node(node.name, 'Warning', 'Rebooted', `Node ${node.name} has been rebooted`);
    }
    if (!node.isKubeletRunning) return;
    this.resync(node);
    this.fleet.lookNow(node);
  }

  private changed(node: NodeMachine): void {
    this.server.recorder.machineChanged(node.name, node.state);
    this.fleet.contactChanged(node);
  }

  private lose(worker: PodWorker): void {
    if (worker.slot < 0) this.syncer.drop(worker);
    else this.syncer.lose(worker);
  }

  /** The kubelet lists its pods anew: some are gone, some are to end, some are new, the rest goes on. */
  private resync(node: NodeMachine): void {
    const isInContact = node.isConnected && this.workers.isApiReachable;
    this.evictions.resume(node);
    if (isInContact) this.writer.resend(node);
    const workers = [...this.workers.on(node)];
    const known = new Set(workers.map(({ uid }) => uid));
    for (const worker of workers) {
      if (worker.slot < 0) this.syncer.removed(worker, this.workers.podOf(worker));
      else if (isInContact) this.syncer.follow(worker, this.workers.podOf(worker));
      this.syncer.resume(worker);
    }
    if (isInContact) this.takeUnknown(node, known);
  }

  /** The API server answers again: what could not be said is said, and what a kubelet could not list before is listed. */
  private relist(node: NodeMachine): void {
    this.writer.resend(node);
    const workers = [...this.workers.on(node)];
    const known = new Set(workers.map(({ uid }) => uid));
    for (const worker of workers) {
      if (worker.slot >= 0) this.syncer.follow(worker, this.workers.podOf(worker));
      this.workers.proceed(worker);
    }
    this.takeUnknown(node, known);
  }

  /** Pods of the node of which its kubelet has not heard yet. */
  private takeUnknown(node: NodeMachine, known: ReadonlySet<Uid>): void {
    for (const pod of this.pods.by(byNode, node.name)) {
      const { uid } = pod.metadata;
      // The last status of a pod that has just ended here is on its way: the API does not know yet.
      if (isPodTerminal(pod) || known.has(uid) || this.writer.hasUnsent(node, uid)) continue;
      const slot = this.slotOf(pod);
      if (slot >= 0) this.take(node, pod, slot);
    }
  }

  /** The slot of a pod in the store; -1 if another pod has its name by now. */
  private slotOf(pod: Pod): number {
    const { namespace, name, uid } = pod.metadata;
    const stored = this.server.state.get('Pod', namespace, name);
    return stored?.metadata.uid === uid ? this.server.state.store('Pod').slotOf(namespace, name) : -1;
  }
}

/** A new node, one that is gone, and one that is said not to be ready. */
function isNodeChange(before: Node | undefined, after: Node | undefined): boolean {
  return before === undefined || after === undefined || (!isNodeReady(after) && isNodeReady(before));
}
