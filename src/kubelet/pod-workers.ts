/**
 * The kubelets' memory of pods (upstream `pkg/kubelet/pod_workers.go`). Each pod has one pending event at most: the earliest
 * moment at which something about it changes by itself. Then everything due is done, syncs begin where they may, and what
 * the last one found is reported.
 */
import type { ApiServer } from '../apiserver/apiserver.ts';
import type { Informer } from '../apiserver/informer.ts';
import type { Pod, PodSpec } from '../api/core-v1.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import { PodResourcesCache } from '../api/resources.ts';
import type { Engine, EventHandler, HandlerId } from '../engine/engine.ts';
import { EventPhase } from '../record/event-phases.ts';
import type { PodHop, RuntimeCall } from '../record/facts.ts';
import type { Recorder } from '../record/recorder.ts';
import { ActiveDeadlines } from './active-deadline.ts';
import type { Behaviors } from './behaviors.ts';
import { grown } from './columns.ts';
import { ContainerMemory } from './container-memory.ts';
import { ContainerTable } from './container-table.ts';
import type { EntityDuration } from './draw.ts';
import { reactionToNextList } from './node-clock.ts';
import type { NodeMachine } from './node-machine.ts';
import { PodReports } from './pod-reports.ts';
import { PodWorker, WorkerFlag } from './pod-worker.ts';
import type { ResolvedRun } from './scripts.ts';
import { runOf } from './scripts.ts';
import type { KubeletSettings } from './settings.ts';
import type { EndReason } from './report-types.ts';
import type { StatusWriter } from './status-writer.ts';
import type { SyncRun } from './sync-run.ts';
import { WorkerTable } from './worker-table.ts';

/** What happens to a worker when time has come; implemented by the syncs. */
export interface PodSync {
  /** Does what is due now; called when the kubelet of the node runs. */
  attend(worker: PodWorker): void;
  /** Containers that end now while no kubelet runs. */
  endUnattended(worker: PodWorker): void;
  /** Syncs as far as it goes now; false when this was the last of the pod. */
  sync(worker: PodWorker): boolean;
  /** When something beside containers, probes and syncs is due; Infinity = never. */
  nextAt(worker: PodWorker): number;
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
  readonly memory: ContainerMemory;
  readonly reports: PodReports;
  /** Why pods end, where the containers do not say it; few at a time. */
  readonly endReasons = new Map<PodWorker, EndReason>();
  readonly deadlines: ActiveDeadlines;
  /** Whole seconds; only of pods that are to end. */
  readonly graces = new Map<PodWorker, number>();
  /** Syncs that are under way. */
  readonly runs = new Map<PodWorker, SyncRun>();
  /** When the queue of pods gives one back for a sync, microseconds. */
  readonly queued = new Map<PodWorker, number>();
  /** When the next list of containers shows something new, microseconds. */
  readonly relists = new Map<PodWorker, number>();
  /** Last versions of objects that are gone while their containers may still run. */
  private readonly removedPods = new Map<PodWorker, Pod>();
  /** Called when the containers of a pod that was to end are gone. */
  onFinished: ((worker: PodWorker) => void) | undefined;
  /** Called when the memory or the disk in use on a node changes. */
  onUsage: ((node: NodeMachine) => void) | undefined;
  /** The version that the kubelets are being told of. */
  told: Pod | undefined;
  private readonly pods: Informer<'Pod'>;
  private readonly behaviors: Behaviors;
  private readonly handler: HandlerId;
  private readonly workers: (PodWorker | undefined)[] = [];
  private readonly freeIds: number[] = [];
  /** Ids by the store slot of the pod; -1 = none. */
  private idBySlot = new Int32Array(64).fill(noWorker);
  private readonly byNode: PodWorker[][] = [];
  private readonly rows = new WorkerTable();
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
    this.deadlines = new ActiveDeadlines(this.engine);
    this.recorder = server.recorder;
    this.settings = settings;
    this.behaviors = behaviors;
    this.memory = new ContainerMemory(this.table, this.engine);
    this.reports = new PodReports(this, this.engine, this.table, writer);
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
    worker.begin(slot, this.table.allocate(worker.rowCount), node.secondsAt(this.engine.now));
    this.workers[id] = worker;
    if (slot >= this.idBySlot.length) this.idBySlot = grown(this.idBySlot, slot + 1, noWorker);
    this.idBySlot[slot] = id;
    (this.byNode[node.index] ??= []).push(worker);
    node.occupy(this.resources.of(spec).requests, spec);
    this.deadlines.set(worker);
    return worker;
  }

  /** The spec of a pod has changed. */
  setSpec(worker: PodWorker, spec: PodSpec): void {
    worker.node.vacate(this.resources.of(worker.spec).requests, worker.spec);
    worker.spec = spec;
    worker.node.occupy(this.resources.of(spec).requests, spec);
    this.deadlines.set(worker);
  }

  /** Whether a pod that has been told nothing else has been active for longer than it may. */
  isOverdue(worker: PodWorker): boolean {
    return this.deadlines.isOver(worker) && !this.endReasons.has(worker) && !isPodTerminal(this.podOf(worker));
  }

  /** The object of a pod is gone; its containers may still run. */
  detach(worker: PodWorker, lastVersion: Pod): void {
    this.leaveSlot(worker);
    worker.slot = -1;
    this.removedPods.set(worker, lastVersion);
  }

  /** Forgets a pod. */
  free(worker: PodWorker): void {
    const { id, node } = worker;
    this.cancelWake(worker);
    if (worker.slot >= 0) this.leaveSlot(worker);
    const siblings = this.byNode[node.index]!;
    const last = siblings.pop()!;
    if (last !== worker) siblings[siblings.indexOf(worker)] = last;
    this.table.release(worker.firstRow, worker.rowCount);
    if (!worker.has(WorkerFlag.finished)) this.markFinished(worker);
    this.endReasons.delete(worker);
    this.removedPods.delete(worker);
    this.deadlines.forget(worker);
    this.graces.delete(worker);
    this.runs.delete(worker);
    this.queued.delete(worker);
    this.relists.delete(worker);
    this.reports.forget(worker);
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
    // A removed pod is seen by the informer until the kubelets are told of the removal, when `detach` keeps it; where a change and
    // the removal reach them at one instant, by nobody but who is told of the change.
    return store.asOf(worker.slot, store.sequence) ?? this.pods.bySlot(worker.slot) ?? this.told!;
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

  /** Looks at a pod after a change: syncs, report, next event. */
  proceed(worker: PodWorker): void {
    if (!this.actions!.sync(worker)) return;
    this.reports.flush(worker);
    this.arm(worker);
  }

  /** The node has become slower or faster: sandboxes and containers that are being made go on at its new pace. */
  repace(node: NodeMachine, factor: number, before: number): void {
    if (this.runs.size === 0) return;
    for (const worker of this.on(node)) {
      const run = this.runs.get(worker);
      if (run === undefined) continue;
      run.rescale(this.engine.now, factor, before);
      this.arm(worker);
    }
  }

  /** When the kubelet of the node next lists its containers. */
  nextRelist({ node }: PodWorker): number {
    return reactionToNextList(node.relistPhaseUs, this.engine.now, node.slowdown);
  }

  /** The next list of containers shows something new about the pod: a sync follows. */
  noteForRelist(worker: PodWorker): void {
    if (!this.relists.has(worker)) this.relists.set(worker, this.nextRelist(worker));
  }

  /**
   * Nothing of the pod starts any more, and its containers are stopped; an earlier, longer grace is shortened. Of several reasons the
   * last counts, as long as the stop has not begun.
   */
  terminate(worker: PodWorker, graceSeconds: number, end?: EndReason): void {
    const grace = Math.max(graceSeconds, 1);
    this.graces.set(worker, Math.min(grace, this.graces.get(worker) ?? grace));
    if (end?.isEviction === true && !worker.has(WorkerFlag.terminating)) worker.set(WorkerFlag.evicted);
    worker.set(WorkerFlag.terminating | WorkerFlag.pending);
    if (end !== undefined && !worker.has(WorkerFlag.stopping)) this.endReasons.set(worker, end);
  }

  /** No container runs any more; the resources of the pod are free from now on. */
  markFinished(worker: PodWorker): void {
    const { node, spec } = worker;
    worker.set(WorkerFlag.finished);
    node.vacate(this.resources.of(spec).requests, spec);
    this.onFinished?.(worker);
  }

  /** No sync of the pod begins: the loop of its kubelet waits. One that is to end needs no loop any more. */
  isHeldUp(worker: PodWorker): boolean {
    return worker.node.isLoopBlocked && !worker.has(WorkerFlag.terminating | WorkerFlag.dispatched);
  }

  /** Something about the pod is to be reported by the next sync. */
  note(worker: PodWorker): void {
    worker.set(WorkerFlag.needsReport);
  }

  tellOnce(worker: PodWorker, flag: number, hop: PodHop, time: number): void {
    if (worker.has(flag)) return;
    worker.set(flag);
    this.recorder.podHop(worker.uid, hop, time);
  }

  /** Tells a call to the runtime, where somebody listens. */
  tellCall(
    worker: PodWorker,
    row: number,
    call: RuntimeCall['call'],
    detail = '',
    code = 0,
    time = this.engine.now,
  ): void {
    if (!this.recorder.wants('runtimeCall')) return;
    const container = row < 0 ? '' : worker.container(row).name;
    const attempt = row < 0 ? 0 : this.table.attempt(row);
    this.recorder.runtimeCall({ pod: this.podOf(worker), container, call, attempt, code, detail, time });
  }

  /** The script of the present run of a container. */
  scriptedRun(worker: PodWorker, row: number): ResolvedRun | undefined {
    const script = worker.script(row);
    return script === undefined ? undefined : runOf(script, this.table.attempt(row));
  }

  /** Reason of the end of a container that nobody has stopped; empty = that of its exit code. */
  exitReason(worker: PodWorker, row: number): string {
    return worker.isOverLimit(row) ? 'OOMKilled' : (this.scriptedRun(worker, row)?.reason ?? '');
  }

  /** A container of which something about memory or disk is known has started or ended. */
  usageChanged(worker: PodWorker, row: number): void {
    const { script, usage } = worker.behavior;
    if ((script === undefined && usage === undefined) || this.onUsage === undefined) return;
    const { memoryBytes = 0, diskBytes = 0 } = worker.script(row) ?? {};
    if (memoryBytes > 0 || diskBytes > 0 || this.memory.useOf(worker, row) !== undefined) this.onUsage(worker.node);
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

  /** Posts the event of the earliest change. */
  arm(worker: PodWorker): void {
    const { id, node } = worker;
    const earliest = node.isUp ? this.earliest(worker) : Infinity;
    if (earliest === this.rows.wakeAt[id]) return;
    this.cancelWake(worker);
    if (earliest === Infinity) return;
    this.rows.wakeAt[id] = earliest;
    this.rows.wakes[id] = this.engine.at(Math.max(earliest, this.engine.now), this.handler, id);
  }

  private earliest(worker: PodWorker): number {
    const { firstRow, rowCount } = worker;
    const { table, runs, queued, relists } = this;
    let earliest = Infinity;
    for (let row = firstRow; row < firstRow + rowCount; row++) earliest = Math.min(earliest, table.dueAt[row]!);
    // Without a kubelet nothing happens but ends of containers.
    if (!worker.node.isKubeletRunning) return earliest;
    earliest = Math.min(earliest, this.actions!.nextAt(worker));
    for (let row = firstRow; row < firstRow + rowCount; row++) earliest = Math.min(earliest, table.probeAt(row));
    const run = runs.size === 0 ? undefined : runs.get(worker);
    if (run !== undefined) earliest = Math.min(earliest, run.dueAt);
    else if (worker.has(WorkerFlag.pending) && !worker.has(WorkerFlag.stopping)) {
      if (!this.isHeldUp(worker)) earliest = Math.min(earliest, worker.freshAt);
    } else if (worker.has(WorkerFlag.finished) && (worker.slot < 0 || this.reports.canTalk(worker))) {
      earliest = Math.min(earliest, worker.freshAt);
    }
    if (queued.size > 0) earliest = Math.min(earliest, queued.get(worker) ?? Infinity);
    if (relists.size > 0) earliest = Math.min(earliest, relists.get(worker) ?? Infinity);
    return worker.has(WorkerFlag.terminating) ? earliest : Math.min(earliest, this.deadlines.nextAt(worker));
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
