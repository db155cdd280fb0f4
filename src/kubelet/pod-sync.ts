/** Syncs of pods (upstream `kubelet.go` SyncPod, `kuberuntime_manager.go` SyncPod, `pod_workers.go`). */
import type { Pod } from '../api/core-v1.ts';
import { ContainerExits } from './container-exit.ts';
import { ContainerImages } from './container-images.ts';
import { ContainerKiller } from './container-kill.ts';
import { ContainerStarter } from './container-start.ts';
import { restartingAll } from './container-states.ts';
import { ContainerFlag, Stage } from './container-table.ts';
import { upstream } from './defaults.ts';
import { ImagePuller } from './image-pull.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import { planSync } from './pod-plan.ts';
import { isSidecar } from './pod-phase.ts';
import { PodSandboxes } from './pod-sandbox.ts';
import { PodTermination } from './pod-termination.ts';
import { PodVolumes } from './pod-volumes.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodSync, PodWorkers } from './pod-workers.ts';
import { Prober } from './prober.ts';
import { SyncQueue } from './sync-queue.ts';
import { SyncRun, SyncStep } from './sync-run.ts';

/** The decisions about pods: what is due, what comes next, and what faults do to them. */
export class PodSyncer implements PodSync {
  readonly puller: ImagePuller;
  private readonly workers: PodWorkers;
  private readonly events: KubeletEvents;
  private readonly exits: ContainerExits;
  private readonly images: ContainerImages;
  private readonly prober: Prober;
  private readonly killer: ContainerKiller;
  private readonly starter: ContainerStarter;
  private readonly termination: PodTermination;
  private readonly sandboxes: PodSandboxes;
  private readonly volumes: PodVolumes;
  private readonly queue: SyncQueue;
  /** Pods whose activeDeadlineSeconds are over. */
  private readonly overdue = new Set<PodWorker>();

  constructor(workers: PodWorkers, events: KubeletEvents) {
    this.workers = workers;
    this.events = events;
    this.exits = new ContainerExits(workers);
    this.images = new ContainerImages(workers, events);
    this.prober = new Prober(workers, events);
    this.killer = new ContainerKiller(workers, this.exits, events);
    this.starter = new ContainerStarter(workers, this.exits, this.killer, this.images, this.prober, events);
    this.termination = new PodTermination(workers, this.killer, events);
    this.sandboxes = new PodSandboxes(workers, events);
    this.volumes = new PodVolumes(workers, events);
    this.queue = new SyncQueue(workers, this.prober);
    this.puller = new ImagePuller(workers.engine, workers.recorder, workers.settings.pulls, this.images);
    this.images.imagePuller = this.puller;
    workers.podSync = this;
  }

  /** A pod that a kubelet sees for the first time and takes. */
  begin(worker: PodWorker): void {
    worker.set(WorkerFlag.needsReport | WorkerFlag.pending);
    this.workers.recorder.podHop(worker.uid, 'seen_by_kubelet', this.workers.engine.now);
    this.follow(worker, this.workers.podOf(worker));
    this.workers.proceed(worker);
  }

  /** A pod that ran before time began: its containers run on without having been started. */
  adopt(worker: PodWorker): void {
    const { table } = this.workers;
    const { status } = this.workers.podOf(worker);
    worker.sandboxSince = worker.seenSince;
    worker.address = status.podIP >= 0 ? status.podIP : worker.node.nextAddress();
    worker.set(WorkerFlag.initialized | WorkerFlag.mounted);
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      const isInit = row < worker.firstRow + worker.initCount;
      const index = row - worker.firstRow - (isInit ? 0 : worker.initCount);
      const known = (isInit ? status.initContainerStatuses : status.containerStatuses)[index];
      table.restartCount[row] = known?.restartCount ?? 0;
      table.setLastState(row, known?.lastState);
      if (isInit && !isSidecar(this.workers.container(worker, row))) {
        table.stage[row] = Stage.exited;
        table.state[row] = known?.state;
      } else this.starter.adopt(worker, row, known?.ready ?? false);
    }
    this.workers.publish(worker, this.workers.engine.now);
    this.prober.shown(worker);
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
    }
    if (queued.size > 0 && (queued.get(worker) ?? Infinity) <= now) {
      queued.delete(worker);
      worker.set(WorkerFlag.pending);
    }
    if (deadlines.size > 0 && (deadlines.get(worker) ?? Infinity) <= now) {
      deadlines.delete(worker);
      this.overdue.add(worker);
      worker.set(WorkerFlag.pending);
    }
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
        continue;
      }
      const run = this.workers.runs.get(worker);
      if (run !== undefined) {
        if (!this.advance(worker, run)) return true;
      } else {
        if (!worker.has(WorkerFlag.pending) || worker.freshAt > this.workers.engine.now) return true;
        this.beginSync(worker);
      }
    }
  }

  nextAt(worker: PodWorker): number {
    return Math.min(this.killer.nextAt(worker), this.volumes.nextAt(worker));
  }

  /** Ends a running main container of the pod by force; false if none runs. */
  crash(worker: PodWorker, exitCode: number): boolean {
    const { table } = this.workers;
    for (let row = worker.firstRow + worker.initCount; row < worker.firstRow + worker.rowCount; row++) {
      if (!table.isAlive(row)) continue;
      table.exitCode[row] = exitCode;
      if (!worker.node.isKubeletRunning) {
        this.exits.record(worker, row);
        this.workers.arm(worker);
      } else {
        this.ended(worker, row);
        this.workers.proceed(worker);
      }
      return true;
    }
    return false;
  }

  /** Takes over what the API says of the pod: a deletion, or an end that others have declared. */
  follow(worker: PodWorker, pod: Pod): void {
    const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
    if (deletionTimestamp !== undefined) this.terminate(worker, deletionGracePeriodSeconds ?? 0);
    else if (pod.status.phase === 'Failed' || pod.status.phase === 'Succeeded') {
      this.terminate(worker, worker.spec.terminationGracePeriodSeconds);
    } else if (worker.spec.readinessGates.length > 0) worker.set(WorkerFlag.needsReport | WorkerFlag.pending);
  }

  /** The pod's object is gone: by force there is no grace left. */
  removed(worker: PodWorker, lastVersion: Pod): void {
    this.workers.detach(worker, lastVersion);
    this.terminate(worker, lastVersion.metadata.deletionGracePeriodSeconds ?? 0);
  }

  /** Power is gone: the containers are gone too, and nobody is told. */
  lose(worker: PodWorker): void {
    if (worker.has(WorkerFlag.finished)) return this.workers.arm(worker);
    this.abandon(worker);
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (this.workers.table.has(row, ContainerFlag.hasRun)) worker.set(WorkerFlag.lost);
      this.exits.lose(worker, row);
    }
    worker.sandboxSince = -1;
    worker.clear(
      WorkerFlag.initialized | WorkerFlag.stopping | WorkerFlag.mounted | WorkerFlag.sandboxStopped | WorkerFlag.again,
    );
    this.workers.arm(worker);
  }

  /** The kubelet is gone: what it was doing is broken off, the containers run on. */
  abandon(worker: PodWorker): void {
    const { table } = this.workers;
    this.forget(worker);
    this.killer.abandon(worker);
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      this.exits.forget(row);
      table.reasons.delete(row);
      table.set(row, ContainerFlag.planned | ContainerFlag.condemned, false);
    }
    worker.clear(WorkerFlag.stopping);
    worker.set(WorkerFlag.needsReport | WorkerFlag.pending);
    this.workers.arm(worker);
  }

  /** A kubelet is there again: it sees what has happened meanwhile and goes on. */
  resume(worker: PodWorker): void {
    if (worker.has(WorkerFlag.lost)) {
      worker.clear(WorkerFlag.lost);
      if (worker.spec.restartPolicy === 'Never') {
        worker.set(WorkerFlag.initialized);
        this.terminate(worker, worker.spec.terminationGracePeriodSeconds);
      }
    }
    if (worker.has(WorkerFlag.pending)) {
      worker.freshAt = this.workers.engine.now;
      this.prober.begin(worker);
    }
    this.workers.proceed(worker);
  }

  /** Ends a pod for a reason of the kubelet's own. */
  terminate(worker: PodWorker, graceSeconds: number, end?: Parameters<PodWorkers['terminate']>[2]): void {
    this.workers.terminate(worker, graceSeconds, end);
    const run = this.workers.runs.get(worker);
    if (run?.step === SyncStep.volumes) {
      this.workers.runs.delete(worker);
      worker.freshAt = this.workers.nextRelist(worker);
    }
  }

  /** Tells the probes' attempts that had no event. */
  catchUp(worker: PodWorker): void {
    this.prober.catchUpAll(worker);
  }

  /** A container's process has ended under the eyes of its kubelet. */
  private ended(worker: PodWorker, row: number): void {
    this.prober.containerEnds(worker, row);
    const { table } = this.workers;
    const isByItself = table.stage[row] === Stage.running;
    const run = isByItself ? this.workers.scriptedRun(worker, row) : undefined;
    this.exits.record(worker, row, run?.reason);
    this.killer.ended(worker, row);
    if (!worker.has(WorkerFlag.stopping)) this.workers.noteForRelist(worker);
  }

  private beginSync(worker: PodWorker): void {
    worker.clear(WorkerFlag.pending);
    this.workers.queued.delete(worker);
    if (worker.has(WorkerFlag.terminating)) {
      this.prober.stopKilling(worker);
      return this.termination.begin(worker);
    }
    if (this.overdue.delete(worker)) return this.deadlineExceeded(worker);
    if (worker.has(WorkerFlag.needsReport)) {
      const { phase } = this.workers.publish(worker, this.workers.seenUntil(worker));
      if (phase === 'Succeeded' || phase === 'Failed') {
        worker.freshAt = this.workers.nextRelist(worker);
        return this.workers.terminate(worker, worker.spec.terminationGracePeriodSeconds);
      }
    }
    this.prober.shown(worker);
    this.prober.trigger(worker);
    const run = new SyncRun();
    run.seenUntil = this.workers.seenUntil(worker);
    this.workers.runs.set(worker, run);
    if (this.volumes.begin(worker, run)) this.plan(worker, run);
  }

  private plan(worker: PodWorker, run: SyncRun): void {
    this.prober.begin(worker);
    planSync(worker, this.workers.table, run.seenUntil, run);
    if (this.giveUp(worker)) return void this.workers.runs.delete(worker);
  }

  /** Takes a sync as far as it goes now; true when it is over. */
  private advance(worker: PodWorker, run: SyncRun): boolean {
    for (;;) {
      if (run.step !== SyncStep.none && !this.stepOver(worker, run)) return false;
      if (!this.workers.runs.has(worker)) return true;
      if (run.step === SyncStep.none && !this.nextStep(worker, run)) {
        this.endSync(worker, run);
        return true;
      }
    }
  }

  /** Whether the step in hand is over; what follows from it is done. */
  private stepOver(worker: PodWorker, run: SyncRun): boolean {
    const { now } = this.workers.engine;
    switch (run.step) {
      case SyncStep.volumes:
        if (run.dueAt > now) return false;
        run.step = SyncStep.none;
        if (this.volumes.over(worker, run)) this.plan(worker, run);
        return true;
      case SyncStep.sandbox:
        if (run.dueAt > now) return false;
        return this.sandboxes.over(worker, run, now);
      case SyncStep.kill:
      case SyncStep.killStarted:
        this.killer.proceed(worker, always);
        if (this.workers.table.isAlive(run.row)) return false;
        run.step = SyncStep.none;
        run.changes++;
        return true;
      case SyncStep.killAll:
        if (!this.termination.haveEnded(worker)) return false;
        run.step = SyncStep.none;
        return true;
      default:
        if (run.dueAt > now) return false;
        if (run.mergedSandboxAt >= 0) {
          this.sandboxes.ready(worker, run, run.mergedSandboxAt);
          this.starter.tellPresent(worker, run.row);
          run.mergedSandboxAt = -1;
        }
        this.starter.stepOver(worker, run);
        return true;
    }
  }

  /** Begins the next thing that the sync has to do; false when there is none. */
  private nextStep(worker: PodWorker, run: SyncRun): boolean {
    if (run.restartsAll) return this.restartAll(worker, run);
    if (run.killsPod) return this.killPod(worker, run);
    const condemned = this.rowWith(worker, ContainerFlag.condemned, Stage.running);
    if (condemned >= 0) return this.killCondemned(worker, run, condemned);
    if (run.needsSandbox) {
      run.needsSandbox = false;
      this.beginSandbox(worker, run);
      return true;
    }
    if (run.isBroken) return false;
    const row = this.rowWith(worker, ContainerFlag.planned);
    if (row < 0) return false;
    this.starter.begin(worker, run, row);
    const isRegularInit = row < worker.firstRow + worker.initCount && !isSidecar(this.workers.container(worker, row));
    if (isRegularInit && run.hasError) run.isBroken = true;
    return true;
  }

  /** Sandbox and first start are one event where nothing can come between them that lasts long enough to be told. */
  private beginSandbox(worker: PodWorker, run: SyncRun): void {
    const { engine } = this.workers;
    const readyAt = this.sandboxes.begin(worker, run);
    const row = this.rowWith(worker, ContainerFlag.planned);
    const startUs = row < 0 ? undefined : this.starter.plainStart(worker, row);
    if (readyAt <= engine.now || startUs === undefined || startUs > upstream.untoldUs) return;
    if (this.sandboxes.failsNext(worker)) return;
    run.step = SyncStep.none;
    this.starter.begin(worker, run, row, readyAt);
    run.mergedSandboxAt = readyAt;
  }

  private killCondemned(worker: PodWorker, run: SyncRun, row: number): boolean {
    const { table } = this.workers;
    const container = this.workers.container(worker, row);
    const isStartup = table.has(row, ContainerFlag.failedStartup);
    const probe = isStartup ? container.startupProbe : container.livenessProbe;
    const grace = probe?.terminationGracePeriodSeconds ?? worker.spec.terminationGracePeriodSeconds;
    const isRestarted = table.has(row, ContainerFlag.planned);
    const message = `Container ${container.name} failed ${isStartup ? 'startup' : 'liveness'} probe`;
    if (!isRestarted) table.set(row, ContainerFlag.condemned, false);
    run.step = SyncStep.kill;
    run.row = row;
    run.dueAt = Infinity;
    run.hasActed = true;
    this.killer.kill(worker, row, grace, isRestarted ? `${message}, will be restarted` : message);
    return true;
  }

  private killPod(worker: PodWorker, run: SyncRun): boolean {
    if (!run.isKilling) {
      run.isKilling = true;
      run.step = SyncStep.killAll;
      run.dueAt = Infinity;
      this.termination.killAll(worker, worker.spec.terminationGracePeriodSeconds);
      return true;
    }
    this.termination.stopSandbox(worker);
    run.hasActed = true;
    run.changes++;
    return false;
  }

  private restartAll(worker: PodWorker, run: SyncRun): boolean {
    const { table } = this.workers;
    if (!run.isKilling) {
      run.isKilling = true;
      run.step = SyncStep.killAll;
      run.dueAt = Infinity;
      for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
        if (table.stage[row] === Stage.running) {
          this.killer.kill(worker, row, upstream.minimumGraceSeconds, 'killing', false, false);
        }
      }
      return true;
    }
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (table.stage[row] !== Stage.none) this.removeInstance(row);
    }
    worker.clear(WorkerFlag.initialized);
    this.workers.note(worker);
    run.hasActed = true;
    run.changes++;
    return false;
  }

  /** The runtime forgets the container, and counts its instances from 0 again. */
  private removeInstance(row: number): void {
    const { table } = this.workers;
    table.setLastState(row, restartingAll);
    table.state[row] = undefined;
    table.stage[row] = Stage.none;
    table.restartCount[row] = table.restartCount[row]! + 1;
    table.removed.set(row, table.restartCount[row]!);
    table.set(row, ContainerFlag.hasRun, false);
    table.since[row] = -1;
  }

  private endSync(worker: PodWorker, run: SyncRun): void {
    const { runs, table } = this.workers;
    runs.delete(worker);
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      table.set(row, ContainerFlag.planned | ContainerFlag.condemned, false);
    }
    this.queue.afterSync(worker, run);
  }

  /** The end of a pod whose containers are gone; true when it is forgotten. */
  private finish(worker: PodWorker): boolean {
    if (worker.freshAt > this.workers.engine.now) return false;
    const isSettled = worker.slot < 0;
    if (!isSettled) {
      if (!this.workers.canTalk(worker)) return false;
      if (this.workers.needsLastWord(worker)) this.termination.settle(worker);
      this.workers.removeObject(worker);
    }
    this.forget(worker);
    this.workers.free(worker);
    return true;
  }

  private forget(worker: PodWorker): void {
    this.overdue.delete(worker);
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
    this.workers.publish(worker, this.workers.seenUntil(worker));
    worker.freshAt = this.workers.nextRelist(worker);
    if (this.events.areWanted) this.events.pod(this.workers.podOf(worker), 'Normal', reason, message);
  }

  /** The scenario's own rule, which Kubernetes does not have: the whole pod fails, so that its controller replaces it. */
  private giveUp(worker: PodWorker): boolean {
    const { table } = this.workers;
    const limit = worker.behavior.failAfterRestarts;
    if (limit === Infinity) return false;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      const isRestart = table.has(row, ContainerFlag.planned) && table.has(row, ContainerFlag.hasRun);
      if (!isRestart || table.restartCount[row]! < limit) continue;
      const { name } = this.workers.container(worker, row);
      const message = `not Kubernetes: failAfterRestarts of the scenario, container ${name} ended after ${table.restartCount[row]} restarts`;
      const end = { reason: 'FailAfterRestarts', message };
      this.workers.terminate(worker, worker.spec.terminationGracePeriodSeconds, end);
      worker.freshAt = this.workers.engine.now;
      if (this.events.areWanted) this.events.pod(this.workers.podOf(worker), 'Warning', end.reason, message);
      return true;
    }
    return false;
  }

  private rowWith(worker: PodWorker, flag: number, stage = -1): number {
    const { table } = this.workers;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (table.has(row, flag) && (stage < 0 || table.stage[row] === stage)) return row;
    }
    return -1;
  }
}

const deadlineEnd = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};

const always = (): boolean => true;
