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
import type { Engine, EventHandler } from '../engine/engine.ts';
import { EventPhase } from '../record/event-phases.ts';
import type { PodHop, RuntimeCall } from '../record/facts.ts';
import type { Recorder } from '../record/recorder.ts';
import { ActiveDeadlines } from './active-deadline.ts';
import type { Behaviors } from './behaviors.ts';
import { ContainerMemory } from './container-memory.ts';
import { ContainerTable } from './container-table.ts';
import { reactionToNextList } from './node-clock.ts';
import type { NodeMachine } from './node-machine.ts';
import { PodReports } from './pod-reports.ts';
import { PodWakes } from './pod-wakes.ts';
import { PodWorker, WorkerFlag } from './pod-worker.ts';
import { ScriptedRuns } from './scripted-runs.ts';
import type { KubeletSettings } from './settings.ts';
import type { EndReason } from './report-types.ts';
import type { StatusWriter } from './status-writer.ts';
import type { SyncRun } from './sync-run.ts';
import { WorkerIndex } from './worker-index.ts';
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
  readonly index = new WorkerIndex();
  readonly scripted: ScriptedRuns;
  readonly wakes: PodWakes;
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
  private readonly rows = new WorkerTable();
  /** Whoever syncs pods; given once. */
  actions: PodSync | undefined;

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
    this.scripted = new ScriptedRuns(this.engine, this.table, this);
    this.wakes = new PodWakes(this, this.engine, this.rows, this.engine.register(this));
  }

  /** A worker for an admitted pod. */
  add(node: NodeMachine, pod: Pod, slot: number): PodWorker {
    const id = this.index.freeId();
    this.rows.open(id);
    const worker = new PodWorker(this.rows, id, pod, node, this.behaviors.of(pod));
    const { spec } = pod;
    worker.begin(slot, this.table.allocate(worker.rowCount), node.secondsAt(this.engine.now));
    this.index.enter(worker, slot);
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
    this.index.leaveSlot(worker);
    worker.slot = -1;
    this.removedPods.set(worker, lastVersion);
  }

  /** Forgets a pod. */
  free(worker: PodWorker): void {
    this.wakes.cancel(worker);
    this.index.leave(worker);
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
  }

  /** The pod of a worker, in a version at least as new as its kubelet has seen. */
  podOf(worker: PodWorker): Pod {
    if (worker.slot < 0) return this.removedPods.get(worker)!;
    const store = this.server.state.store('Pod');
    // A removed pod is seen by the informer until the kubelets are told of the removal, when `detach` keeps it; where a change and
    // the removal reach them at one instant, by nobody but who is told of the change.
    return store.asOf(worker.slot, store.sequence) ?? this.pods.bySlot(worker.slot) ?? this.told!;
  }

  /** The pod as it is stored now; undefined where it is gone, also if another pod has its name by now. */
  current({ metadata }: Pod): Pod | undefined {
    const stored = this.server.state.get('Pod', metadata.namespace, metadata.name);
    return stored?.metadata.uid === metadata.uid ? stored : undefined;
  }

  handle(id: number): void {
    const worker = this.index.byId(id)!;
    this.rows.wakeAt[id] = Infinity;
    if (worker.node.isKubeletRunning) {
      this.actions!.attend(worker);
      this.proceed(worker);
    } else {
      this.actions!.endUnattended(worker);
      this.wakes.arm(worker);
    }
  }

  /** Looks at a pod after a change: syncs, report, next event. */
  proceed(worker: PodWorker): void {
    if (!this.actions!.sync(worker)) return;
    this.reports.flush(worker);
    this.wakes.arm(worker);
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

  /** A container of which something about memory or disk is known has started or ended. */
  usageChanged(worker: PodWorker, row: number): void {
    const { script, usage } = worker.behavior;
    if ((script === undefined && usage === undefined) || this.onUsage === undefined) return;
    const { memoryBytes = 0, diskBytes = 0 } = worker.script(row) ?? {};
    if (memoryBytes > 0 || diskBytes > 0 || this.memory.useOf(worker, row) !== undefined) this.onUsage(worker.node);
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
}
