/** Pods as the kubelets hear of them (upstream `pkg/kubelet/kubelet.go`, HandlePodAdditions, HandlePodUpdates, HandlePodRemoves). */
import { byNode } from '../apiserver/cluster-state.ts';
import type { ClusterState } from '../apiserver/cluster-state.ts';
import type { Informer } from '../apiserver/informer.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Uid } from '../api/meta-v1.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import { isConditionTrue } from '../api/pod-status.ts';
import type { HeldChange } from './held-changes.ts';
import { HeldChanges } from './held-changes.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import type { NodeFleet } from './node-fleet.ts';
import type { NodeMachine } from './node-machine.ts';
import { PodAdmission } from './pod-admission.ts';
import type { PodSyncer } from './pod-sync.ts';
import { isDoubted } from './pod-orders.ts';
import type { PodWorker } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { StatusWriter } from './status-writer.ts';

/** Admits pods, and tells their workers what has changed. */
export class PodUpdates {
  private readonly pods: Informer<'Pod'>;
  private readonly workers: PodWorkers;
  private readonly syncer: PodSyncer;
  private readonly fleet: NodeFleet;
  private readonly writer: StatusWriter;
  private readonly admission: PodAdmission;
  private readonly held = new HeldChanges();
  private readonly state: ClusterState;
  /** Pods up to this version were there before time began. */
  private startVersion = 0;

  constructor(
    pods: Informer<'Pod'>,
    workers: PodWorkers,
    syncer: PodSyncer,
    fleet: NodeFleet,
    writer: StatusWriter,
    events: KubeletEvents,
  ) {
    this.pods = pods;
    this.workers = workers;
    this.syncer = syncer;
    this.fleet = fleet;
    this.writer = writer;
    this.admission = new PodAdmission(workers, syncer, writer, events, (node) => this.goOn(node));
    this.state = workers.server.state;
    pods.onChange(
      (before, after, slot) => this.onPod(before, after, slot),
      (before, after, slot) => this.isPodChange(before, after, slot),
    );
  }

  /** Takes the pods that were there before time began. */
  start(): void {
    for (const pod of [...this.state.list('Pod')]) {
      this.startVersion = Math.max(this.startVersion, pod.metadata.resourceVersion);
      const node = this.fleet.get(pod.spec.nodeName);
      if (node === undefined || isPodTerminal(pod)) continue;
      const slot = this.admission.slotOf(pod);
      if (pod.status.phase === 'Running') this.syncer.interruptions.adopt(this.workers.add(node, pod, slot));
      else this.admission.take(node, pod, slot);
    }
  }

  private isPodChange(before: Pod | undefined, after: Pod | undefined, slot: number): boolean {
    if (after === undefined) {
      if (before!.spec.nodeName === '') return false;
      return !isPodTerminal(before!) || this.workers.index.of(before!, slot) !== undefined;
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
      return this.workers.index.of(after, slot) !== undefined;
    if (isDoubted(after) && !isDoubted(before)) return true;
    // A gate is looked at where nothing else keeps the pod from being ready (upstream NeedToReconcilePodReadiness).
    if (after.spec.readinessGates.length === 0 || !isConditionTrue(after.status.containersReady)) return false;
    return after.status.otherConditions !== before.status.otherConditions;
  }

  private onPod(before: Pod | undefined, after: Pod | undefined, slot: number): void {
    const pod = (after ?? before)!;
    const node = this.fleet.get(pod.spec.nodeName);
    if (node === undefined) return;
    const worker = this.workers.index.of(pod, slot);
    if (node.isLoopBlocked) return this.hold(node, worker, pod, after === undefined);
    if (after === undefined) {
      if (worker !== undefined) this.onRemoved(worker, pod);
      return;
    }
    if (!node.isConnected) return;
    if (worker !== undefined) {
      this.workers.told = after;
      this.syncer.orders.follow(worker, after);
      this.workers.proceed(worker);
      this.workers.told = undefined;
    } else if (before === undefined || before.spec.nodeName === '') {
      if (before !== undefined || after.metadata.resourceVersion > this.startVersion)
        this.admission.take(node, after, slot);
    } else if (after.metadata.deletionTimestamp !== undefined) {
      // It has ended here, and the status that says so is on its way.
      this.writer.remove(node, after);
    }
  }

  private onRemoved(worker: PodWorker, lastVersion: Pod): void {
    if (!worker.node.isConnected) return this.workers.detach(worker, lastVersion);
    this.syncer.orders.removed(worker, lastVersion);
    this.workers.proceed(worker);
  }

  /** The loop of the kubelet waits: it hears of the change when it goes on. */
  private hold(node: NodeMachine, worker: PodWorker | undefined, pod: Pod, isGone: boolean): void {
    if (isGone && worker !== undefined) this.workers.detach(worker, pod);
    if (node.isConnected && (worker !== undefined || !isGone)) this.held.hold(node, { pod, worker });
  }

  /** The loop of a kubelet goes on, with what has come meanwhile. */
  private goOn(node: NodeMachine): void {
    if (this.held.takeRelist(node)) this.resync(node);
    while (!node.isLoopBlocked) {
      const change = this.held.next(node);
      if (change === undefined) break;
      this.hear(node, change);
    }
    if (node.isLoopBlocked) return;
    for (const worker of [...this.workers.index.on(node)]) this.workers.proceed(worker);
  }

  private hear(node: NodeMachine, { pod, worker }: HeldChange): void {
    const current = this.workers.current(pod);
    const known = worker ?? this.workerOf(pod);
    if (known === undefined) {
      if (current !== undefined && !isPodTerminal(current)) {
        this.admission.take(node, current, this.admission.slotOf(current));
      }
      return;
    }
    if (this.workers.index.byId(known.id) !== known) return;
    if (known.slot < 0) this.syncer.orders.removed(known, this.workers.podOf(known));
    else this.syncer.orders.follow(known, this.workers.podOf(known));
    this.workers.proceed(known);
  }

  /** The containers of a pod are gone: there is room for others. */
  podEnded(worker: PodWorker): void {
    this.admission.podEnded(worker);
  }

  /** The kubelet of a node has ended. */
  forget(node: NodeMachine): void {
    this.admission.forget(node);
    this.held.forget(node);
  }

  /** The kubelet lists its pods anew: some are gone, some are to end, some are new, the rest goes on. */
  resync(node: NodeMachine): void {
    if (node.isLoopBlocked) return this.held.relistLater(node);
    const isInContact = node.isConnected && this.workers.reports.isApiReachable;
    if (isInContact) this.writer.resend(node);
    const workers = [...this.workers.index.on(node)];
    const known = new Set(workers.map(({ uid }) => uid));
    for (const worker of workers) {
      if (worker.slot < 0) this.syncer.orders.removed(worker, this.workers.podOf(worker));
      else if (isInContact) this.syncer.orders.follow(worker, this.workers.podOf(worker));
      this.syncer.interruptions.resume(worker);
    }
    if (isInContact) this.takeUnknown(node, known);
  }

  /** The API server answers again: what could not be said is said, and what a kubelet could not list before is listed. */
  relist(node: NodeMachine): void {
    if (node.isLoopBlocked) return this.held.relistLater(node);
    this.writer.resend(node);
    const workers = [...this.workers.index.on(node)];
    const known = new Set(workers.map(({ uid }) => uid));
    for (const worker of workers) {
      if (worker.slot >= 0) this.syncer.orders.follow(worker, this.workers.podOf(worker));
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
      const slot = this.admission.slotOf(pod);
      if (slot >= 0) this.admission.take(node, pod, slot);
    }
  }

  /** Who looks after a pod; undefined = no kubelet does. */
  workerOf(pod: Pod): PodWorker | undefined {
    return this.workers.index.of(pod, this.admission.slotOf(pod));
  }
}
