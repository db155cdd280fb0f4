/** Syncs of pods (upstream `kubelet.go` SyncPod, `kuberuntime_manager.go` SyncPod, `pod_workers.go`). */
import { isPodTerminal } from '../api/pod-conditions.ts';
import { deadlineEnd } from './active-deadline.ts';
import { ContainerExits } from './container-exit.ts';
import { ContainerHangs, aliveRow } from './container-hangs.ts';
import { ContainerImages } from './container-images.ts';
import { ContainerKiller } from './container-kill.ts';
import { PostStartHook } from './post-start-hook.ts';
import { ContainerStarter } from './container-start.ts';
import { ContainerFlag } from './container-table.ts';
import { ImagePuller } from './image-pull.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import { PodInterruptions } from './pod-interruptions.ts';
import { PodOrders } from './pod-orders.ts';
import { PodSandboxes } from './pod-sandbox.ts';
import { PodTermination } from './pod-termination.ts';
import { PodVolumes } from './pod-volumes.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodSync, PodWorkers } from './pod-workers.ts';
import { Prober } from './prober.ts';
import { SyncQueue } from './sync-queue.ts';
import { SyncRun } from './sync-run.ts';
import { SyncSteps } from './sync-steps.ts';

/** The decisions about pods: what is due, and what comes next. */
export class PodSyncer implements PodSync {
  readonly puller: ImagePuller;
  readonly orders: PodOrders;
  readonly interruptions: PodInterruptions;
  readonly hangs: ContainerHangs;
  private readonly workers: PodWorkers;
  private readonly events: KubeletEvents;
  private readonly exits: ContainerExits;
  private readonly images: ContainerImages;
  private readonly prober: Prober;
  private readonly killer: ContainerKiller;
  private readonly hook: PostStartHook;
  private readonly starter: ContainerStarter;
  private readonly termination: PodTermination;
  private readonly sandboxes: PodSandboxes;
  private readonly volumes: PodVolumes;
  private readonly queue: SyncQueue;
  private readonly steps: SyncSteps;

  constructor(workers: PodWorkers, events: KubeletEvents) {
    this.workers = workers;
    this.events = events;
    this.exits = new ContainerExits(workers);
    this.images = new ContainerImages(workers, events);
    this.prober = new Prober(workers, events);
    this.hangs = new ContainerHangs(workers, this.prober);
    this.killer = new ContainerKiller(workers, this.exits, this.prober, events);
    this.hook = new PostStartHook(workers, this.killer, events);
    this.starter = new ContainerStarter(workers, this.exits, this.images, this.prober, this.hook, events);
    this.termination = new PodTermination(workers, this.killer, events);
    this.sandboxes = new PodSandboxes(workers, events);
    this.volumes = new PodVolumes(workers, events);
    this.queue = new SyncQueue(workers, this.prober);
    this.orders = new PodOrders(workers, this.exits);
    this.interruptions = new PodInterruptions(workers, this.exits, this.starter, this.prober, this.orders, (worker) =>
      this.forget(worker),
    );
    const { exits, prober, killer, starter, termination, sandboxes, volumes, queue } = this;
    const hands = { exits, prober, killer, starter, termination, sandboxes, volumes, queue };
    this.steps = new SyncSteps(workers, events, hands);
    this.puller = new ImagePuller(workers.engine, workers.recorder, workers.settings.pulls, this.images);
    this.images.imagePuller = this.puller;
    workers.actions = this;
  }

  /** A pod that a kubelet sees for the first time and takes. */
  begin(worker: PodWorker): void {
    worker.set(WorkerFlag.needsReport | WorkerFlag.pending | WorkerFlag.dispatched);
    this.workers.recorder.podHop(worker.uid, 'seen_by_kubelet', this.workers.engine.now);
    this.orders.follow(worker, this.workers.podOf(worker));
    this.workers.proceed(worker);
  }

  attend(worker: PodWorker): void {
    const { table, engine, queued, relists, deadlines } = this.workers;
    const { now } = engine;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (table.probeAt(row) <= now) this.prober.attend(worker, row);
      if (table.dueAt[row]! <= now) this.ended(worker, row);
    }
    this.volumes.attend(worker);
    if (relists.size > 0 && (relists.get(worker) ?? Infinity) <= now) {
      relists.delete(worker);
      worker.set(WorkerFlag.pending);
      worker.clear(WorkerFlag.loopsIdly);
      this.workers.note(worker);
      this.noteLaterEnds(worker);
    }
    if (queued.size > 0 && (queued.get(worker) ?? Infinity) <= now) {
      queued.delete(worker);
      worker.set(WorkerFlag.pending);
    }
    if (deadlines.takeDue(worker)) worker.set(WorkerFlag.pending);
  }

  /** What has ended since the list was made is in the next one. */
  private noteLaterEnds(worker: PodWorker): void {
    const { reports } = this.workers;
    if (this.termination.hasUnseenEnd(worker, reports.listedUntil(worker))) this.workers.noteForRelist(worker);
  }

  endUnattended(worker: PodWorker): void {
    const { table, engine } = this.workers;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (table.probeAt(row) <= engine.now) table.setProbeAt(row, Infinity);
      if (table.dueAt[row]! <= engine.now) this.exits.record(worker, row);
    }
  }

  sync(worker: PodWorker): boolean {
    for (;;) {
      if (worker.has(WorkerFlag.finished)) return !this.finish(worker);
      if (worker.has(WorkerFlag.stopping)) {
        if (!this.termination.proceed(worker)) return true;
        this.prober.end(worker);
        continue;
      }
      const run = this.workers.runs.get(worker);
      if (run !== undefined) {
        if (!this.steps.advance(worker, run)) return true;
      } else {
        if (!worker.has(WorkerFlag.pending) || worker.freshAt > this.workers.engine.now) return true;
        if (this.workers.isHeldUp(worker) || this.waitsInLoop(worker)) return true;
        this.beginSync(worker);
      }
    }
  }

  /** Of a pod whose syncs call for each other one waits for the next list of containers at any time. */
  private waitsInLoop(worker: PodWorker): boolean {
    if (!worker.has(WorkerFlag.loopsIdly)) return false;
    worker.clear(WorkerFlag.loopsIdly);
    worker.freshAt = this.workers.nextRelist(worker);
    return true;
  }

  nextAt(worker: PodWorker): number {
    return Math.min(this.killer.nextAt(worker), this.volumes.nextAt(worker));
  }

  /** Ends a running container of the pod by force, the first main one unless named; false if none runs. */
  crash(worker: PodWorker, exitCode: number, reason: string, container: string | undefined): boolean {
    const row = aliveRow(this.workers.table, worker, container);
    if (row < 0) return false;
    this.workers.table.exitCode[row] = exitCode;
    if (!worker.node.isKubeletRunning) {
      this.exits.record(worker, row, reason);
      this.workers.wakes.arm(worker);
    } else {
      this.ended(worker, row, reason);
      this.workers.proceed(worker);
    }
    return true;
  }

  /** Tells the probes' attempts that had no event. */
  catchUp(worker: PodWorker): void {
    this.prober.catchUpAll(worker);
  }

  /** A container's process has ended under the eyes of its kubelet. */
  private ended(worker: PodWorker, row: number, reason = ''): void {
    const { table } = this.workers;
    const isByItself = !table.has(row, ContainerFlag.isStopped);
    this.prober.instances.containerEnds(worker, row, !isByItself);
    const ownReason = isByItself ? this.workers.scripted.exitReason(worker, row) : '';
    this.exits.record(worker, row, reason === '' ? ownReason : reason);
    this.killer.ended(worker, row);
    this.hook.containerEnded(worker, row);
    this.prober.instances.containerEnded(worker, row);
    if (!worker.has(WorkerFlag.stopping)) this.workers.noteForRelist(worker);
  }

  private beginSync(worker: PodWorker): void {
    const run = this.nextRun(worker);
    const endsNext = worker.has(WorkerFlag.syncsFirst);
    worker.clear(WorkerFlag.syncsFirst);
    if (endsNext) worker.set(WorkerFlag.pending);
    else if (worker.has(WorkerFlag.terminating)) return this.beginEnd(worker);
    else if (this.workers.isOverdue(worker)) return this.deadlineExceeded(worker);
    // Why a pod ends is told when it begins to.
    const isToldLater = endsNext && this.workers.endReasons.has(worker);
    if (worker.has(WorkerFlag.needsReport) && !isToldLater && this.reportsEnd(worker)) return;
    this.prober.instances.shown(worker);
    this.prober.trigger(worker, run.hearsNews);
    run.seenUntil = this.workers.reports.seenUntil(worker);
    this.workers.runs.set(worker, run);
    this.steps.begin(worker, run);
  }

  /** A sync, with what had called for it and is done with now. */
  private nextRun(worker: PodWorker): SyncRun {
    const run = new SyncRun();
    run.wantsAnother = worker.has(WorkerFlag.again);
    run.isBeforeNews = worker.has(WorkerFlag.isShownLate);
    run.hearsNews = worker.has(WorkerFlag.isShown);
    worker.clear(WorkerFlag.pending | WorkerFlag.again | WorkerFlag.isShownLate | WorkerFlag.isShown);
    worker.clear(WorkerFlag.waitsIdly | WorkerFlag.loopsIdly | WorkerFlag.dispatched);
    this.workers.queued.delete(worker);
    return run;
  }

  /** The containers are told to stop (upstream SyncTerminatingPod). */
  private beginEnd(worker: PodWorker): void {
    this.termination.begin(worker);
    if (this.isTold(worker)) this.prober.end(worker);
    this.prober.instances.shown(worker);
    this.prober.trigger(worker);
    this.prober.stopKilling(worker);
    this.termination.killAll(worker, this.workers.graces.get(worker)!);
  }

  /** Tells the status; true when it says that the pod is over, so that it ends. */
  private reportsEnd(worker: PodWorker): boolean {
    const { phase } = this.workers.reports.publish(worker, this.workers.reports.seenUntil(worker));
    if (phase !== 'Succeeded' && phase !== 'Failed') return false;
    this.prober.endBeforeStop(worker);
    worker.freshAt = this.workers.nextRelist(worker);
    this.workers.terminate(worker, worker.spec.terminationGracePeriodSeconds);
    return true;
  }

  /** Whether the status says how the pod ends while its containers are still there: then nothing is probed. */
  private isTold(worker: PodWorker): boolean {
    return this.workers.endReasons.has(worker) || isPodTerminal(this.workers.podOf(worker));
  }

  /** The end of a pod whose containers are gone; true when it is forgotten. */
  private finish(worker: PodWorker): boolean {
    if (worker.freshAt > this.workers.engine.now) return false;
    const isSettled = worker.slot < 0;
    if (!isSettled) {
      if (!this.workers.reports.canTalk(worker)) return false;
      if (this.workers.reports.needsLastWord(worker)) this.termination.settle(worker);
      this.workers.reports.removeObject(worker);
    }
    this.drop(worker);
    return true;
  }

  /** Forgets a pod altogether. */
  drop(worker: PodWorker): void {
    this.forget(worker);
    this.workers.free(worker);
  }

  /** Forgets what was going on about a pod, and what was learned about its containers. */
  private forget(worker: PodWorker): void {
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) this.exits.forget(row);
    this.killer.abandon(worker);
    this.images.forget(worker);
    this.prober.forget(worker);
    this.volumes.forget(worker);
    this.sandboxes.forget(worker);
    this.queue.forget(worker);
    this.workers.runs.delete(worker);
    this.workers.queued.delete(worker);
    this.workers.relists.delete(worker);
  }

  private deadlineExceeded(worker: PodWorker): void {
    const { reason, message } = deadlineEnd;
    this.workers.terminate(worker, worker.spec.terminationGracePeriodSeconds, deadlineEnd);
    this.workers.reports.publish(worker, this.workers.reports.seenUntil(worker));
    this.prober.endBeforeStop(worker);
    worker.freshAt = this.workers.nextRelist(worker);
    if (this.events.areWanted) this.events.pod(this.workers.podOf(worker), 'Normal', reason, message);
  }
}
