/**
 * The life of pods on their nodes (upstream `kubelet.go` SyncPod and `kuberuntime_manager.go` computePodActions). Each pod
 * has one pending event at most: the earliest moment at which something about it changes by itself. Then everything due is
 * done, the next actions are chosen from the state of the containers, and what changed is reported.
 */
import type { ApiServer } from '../apiserver/apiserver.ts';
import type { Informer } from '../apiserver/informer.ts';
import type { Container, Pod } from '../api/core-v1.ts';
import { PodResourcesCache } from '../api/resources.ts';
import type { Engine, EventHandler, HandlerId } from '../engine/engine.ts';
import { SECOND } from '../engine/time.ts';
import { EventPhase } from '../record/event-phases.ts';
import type { PodHop } from '../record/facts.ts';
import type { Recorder } from '../record/recorder.ts';
import type { Behaviors } from './behaviors.ts';
import type { EntityDuration } from './draw.ts';
import { containerCreating, podInitializing } from './container-states.ts';
import { ContainerTable, Stage } from './container-table.ts';
import type { NodeMachine } from './node-machine.ts';
import { PodWorker, WorkerFlag } from './pod-worker.ts';
import type { KubeletSettings } from './settings.ts';
import { StatusLists, makeReport } from './status-report.ts';
import type { EndReason } from './status-report.ts';
import type { StatusWriter } from './status-writer.ts';
import { WorkerTable } from './worker-table.ts';
import { grown } from './columns.ts';

/** What happens to a worker when time has come; implemented by the syncs. */
export interface PodSync {
  /** Does what is due now; called when the kubelet of the node runs. */
  attend(worker: PodWorker): void;
  /** Containers that end now while no kubelet runs. */
  endUnattended(worker: PodWorker): void;
  /** Chooses and begins the next actions. */
  sync(worker: PodWorker): void;
}

/** All pod workers, their events, and the way to the API server. */
export class PodWorkers implements EventHandler {
  readonly name = 'kubelet/pod';
  readonly phase = EventPhase.machine;
  readonly server: ApiServer;
  readonly engine: Engine;
  readonly recorder: Recorder;
  readonly settings: KubeletSettings;
  readonly table = new ContainerTable();
  readonly resources = new PodResourcesCache();
  /** Why pods end, where the containers do not say it; few at a time. */
  readonly endReasons = new Map<PodWorker, EndReason>();
  /** Microseconds; only of pods with activeDeadlineSeconds. */
  readonly deadlines = new Map<PodWorker, number>();
  /** Whole seconds; only of pods that are to end. */
  readonly graces = new Map<PodWorker, number>();
  /** Last versions of objects that are gone while their containers may still run. */
  private readonly removedPods = new Map<PodWorker, Pod>();
  isApiReachable = true;
  private readonly pods: Informer<'Pod'>;
  private readonly behaviors: Behaviors;
  private readonly writer: StatusWriter;
  private readonly lists = new StatusLists();
  private readonly handler: HandlerId;
  private readonly workers: (PodWorker | undefined)[] = [];
  private readonly freeIds: number[] = [];
  /** Ids by the store slot of the pod; -1 = none. */
  private idBySlot = new Int32Array(64).fill(noWorker);
  private readonly byNode: PodWorker[][] = [];
  private readonly rows = new WorkerTable();
  /** When sandboxes that are being made are ready, microseconds. */
  private readonly sandboxAt = new Map<PodWorker, number>();
  private actions: PodSync | undefined;

  constructor(
    pods: Informer<'Pod'>,
    server: ApiServer,
    settings: KubeletSettings,
    behaviors: Behaviors,
    writer: StatusWriter,
  ) {
    this.pods = pods;
    this.server = server;
    this.engine = server.engine;
    this.recorder = server.recorder;
    this.settings = settings;
    this.behaviors = behaviors;
    this.writer = writer;
    this.handler = this.engine.register(this);
  }

  /** Given once by whoever syncs pods. */
  set podSync(actions: PodSync) {
    this.actions = actions;
  }

  /** The worker of a pod's store slot. */
  of(pod: Pod, slot: number): PodWorker | undefined {
    const worker = this.workers[this.idBySlot[slot] ?? noWorker];
    return worker?.uid === pod.metadata.uid ? worker : undefined;
  }

  /** The workers of a node, in no particular but always the same order. */
  on(node: NodeMachine): readonly PodWorker[] {
    return this.byNode[node.index] ?? noWorkers;
  }

  /** A worker for an admitted pod. */
  add(node: NodeMachine, pod: Pod, slot: number): PodWorker {
    const id = this.freeIds.pop() ?? this.workers.push(undefined) - 1;
    this.rows.open(id);
    const worker = new PodWorker(this.rows, id, pod, node, this.behaviors.of(pod));
    const { spec } = pod;
    const state = spec.initContainers.length > 0 ? podInitializing : containerCreating;
    worker.begin(slot, this.table.allocate(worker.rowCount, state), this.server.nowSeconds);
    this.workers[id] = worker;
    if (slot >= this.idBySlot.length) this.idBySlot = grown(this.idBySlot, slot + 1, noWorker);
    this.idBySlot[slot] = id;
    (this.byNode[node.index] ??= []).push(worker);
    node.occupy(this.resources.of(spec).requests, spec);
    if (spec.activeDeadlineSeconds !== undefined) {
      this.deadlines.set(worker, (worker.seenSince + spec.activeDeadlineSeconds) * SECOND);
    }
    return worker;
  }

  /** The object of a pod is gone; its containers may still run. */
  detach(worker: PodWorker, lastVersion: Pod): void {
    this.leaveSlot(worker);
    worker.slot = -1;
    this.removedPods.set(worker, lastVersion);
  }

  /** Forgets a pod. */
  free(worker: PodWorker): void {
    const { id, node, spec } = worker;
    this.cancelWake(worker);
    this.sandboxAt.delete(worker);
    if (worker.slot >= 0) this.leaveSlot(worker);
    const siblings = this.byNode[node.index]!;
    const last = siblings.pop()!;
    if (last !== worker) siblings[siblings.indexOf(worker)] = last;
    this.table.release(worker.firstRow, worker.rowCount);
    if (!worker.has(WorkerFlag.finished)) node.vacate(this.resources.of(spec).requests, spec);
    this.endReasons.delete(worker);
    this.removedPods.delete(worker);
    this.deadlines.delete(worker);
    this.graces.delete(worker);
    this.workers[id] = undefined;
    this.freeIds.push(id);
  }

  byId(id: number): PodWorker | undefined {
    return this.workers[id];
  }

  /** The pod of a worker, in a version at least as new as its kubelet has seen. */
  podOf(worker: PodWorker): Pod {
    if (worker.slot < 0) return this.removedPods.get(worker)!;
    const store = this.server.state.store('Pod');
    // A removed pod is seen by the informer until the kubelets are told of the removal; then `detach` keeps it.
    return store.asOf(worker.slot, store.sequence) ?? this.pods.bySlot(worker.slot)!;
  }

  handle(id: number): void {
    const worker = this.workers[id]!;
    this.rows.wakeAt[id] = Infinity;
    if (worker.node.isKubeletRunning) {
      this.actions!.attend(worker);
      this.proceed(worker);
    } else {
      this.actions!.endUnattended(worker);
      this.arm(worker);
    }
  }

  /** Looks at a pod after a change: next actions, report, next event. */
  proceed(worker: PodWorker): void {
    this.actions!.sync(worker);
    if (this.flush(worker)) this.arm(worker);
  }

  /** Sends what is to be reported, if it may be; false when this was the last of the pod. */
  flush(worker: PodWorker): boolean {
    const { node } = worker;
    if (!this.isApiReachable || !node.isConnected) return true;
    if (worker.has(WorkerFlag.finished)) return this.finish(worker);
    const mayWait = this.isBusy(worker) && !worker.has(WorkerFlag.urgent);
    if (!worker.has(WorkerFlag.needsReport) || mayWait || worker.has(WorkerFlag.stopping)) return true;
    worker.clear(WorkerFlag.needsReport | WorkerFlag.urgent);
    this.send(worker, false);
    return true;
  }

  private finish(worker: PodWorker): boolean {
    if (worker.slot >= 0) this.send(worker, this.podOf(worker).metadata.deletionTimestamp !== undefined);
    this.free(worker);
    return false;
  }

  private send(worker: PodWorker, isDeleted: boolean): void {
    if (worker.slot < 0) return;
    const end = this.endReasons.get(worker);
    const report = makeReport(worker, this.table, this.lists, this.server.nowSeconds, end);
    if (report.areContainersReady) this.tellOnce(worker, WorkerFlag.toldReady, 'ready', this.engine.now);
    this.writer.report(worker.node, this.podOf(worker), report, isDeleted);
  }

  /** Nothing of the pod starts any more, and its containers are stopped; an earlier, longer grace is shortened. */
  terminate(worker: PodWorker, graceSeconds: number, end?: EndReason): void {
    const grace = Math.max(graceSeconds, 1);
    this.graces.set(worker, Math.min(grace, this.graces.get(worker) ?? grace));
    worker.set(WorkerFlag.terminating);
    if (end !== undefined && !this.endReasons.has(worker)) this.endReasons.set(worker, end);
  }

  /** No container runs any more; the resources of the pod are free from now on. */
  markFinished(worker: PodWorker): void {
    const { node, spec } = worker;
    worker.set(WorkerFlag.finished);
    node.vacate(this.resources.of(spec).requests, spec);
  }

  /** Something about the pod is to be reported; `isUrgent`: even while its containers are being started. */
  note(worker: PodWorker, isUrgent = false): void {
    worker.set(isUrgent ? WorkerFlag.needsReport | WorkerFlag.urgent : WorkerFlag.needsReport);
  }

  tellOnce(worker: PodWorker, flag: number, hop: PodHop, time: number): void {
    if (worker.has(flag)) return;
    worker.set(flag);
    this.recorder.podHop(worker.uid, hop, time);
  }

  /** A sync is under way: sandbox, pull or start, one after the other. */
  isBusy(worker: PodWorker): boolean {
    if (worker.has(WorkerFlag.sandboxPending)) return true;
    const { stage } = this.table;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (stage[row] === Stage.pulling || stage[row] === Stage.starting) return true;
    }
    return false;
  }

  container(worker: PodWorker, row: number): Container {
    const index = row - worker.firstRow;
    const { initContainers, containers } = worker.spec;
    return index < initContainers.length ? initContainers[index]! : containers[index - initContainers.length]!;
  }

  /** A duration of one start of a container, keyed by who it is and not by when it happens. */
  duration(duration: EntityDuration, worker: PodWorker, row: number): number {
    return duration.constantUs ?? duration.draw(this.engine, this.entity(worker, row));
  }

  /** Identity of one start of a container. */
  entity(worker: PodWorker, row: number): string {
    const { namespace, name } = this.podOf(worker).metadata;
    return `${namespace}/${name}/${row - worker.firstRow}/${this.table.restartCount[row]}`;
  }

  sandboxDueAt(worker: PodWorker): number {
    return this.sandboxAt.get(worker) ?? Infinity;
  }

  setSandboxDueAt(worker: PodWorker, time: number): void {
    if (time === Infinity) this.sandboxAt.delete(worker);
    else this.sandboxAt.set(worker, time);
  }

  /** Posts the event of the earliest change. */
  arm(worker: PodWorker): void {
    const { id, firstRow, rowCount, node } = worker;
    const { table } = this;
    let earliest = this.sandboxDueAt(worker);
    for (let row = firstRow; row < firstRow + rowCount; row++) {
      earliest = Math.min(earliest, table.dueAt[row]!, table.probeAt(row));
    }
    if (!worker.has(WorkerFlag.terminating) && this.deadlines.size > 0) {
      earliest = Math.min(earliest, this.deadlines.get(worker) ?? Infinity);
    }
    if (!node.isUp) earliest = Infinity;
    if (earliest === this.rows.wakeAt[id]) return;
    this.cancelWake(worker);
    if (earliest === Infinity) return;
    this.rows.wakeAt[id] = earliest;
    this.rows.wakes[id] = this.engine.at(Math.max(earliest, this.engine.now), this.handler, id);
  }

  private cancelWake({ id }: PodWorker): void {
    if (this.rows.wakeAt[id] === Infinity) return;
    this.engine.cancel(this.rows.wakes[id]!);
    this.rows.wakeAt[id] = Infinity;
  }

  private leaveSlot({ id, slot }: PodWorker): void {
    if (this.idBySlot[slot] === id) this.idBySlot[slot] = noWorker;
  }
}

const noWorker = -1;

const noWorkers: readonly PodWorker[] = [];
