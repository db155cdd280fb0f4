/** What a kubelet does next about a pod: sandbox, init containers in order, the others in order, restarts, the end. */
import type { Pod } from '../api/core-v1.ts';
import { isConditionTrue } from '../api/pod-status.ts';
import { SECOND } from '../engine/time.ts';
import { ContainerExits } from './container-exit.ts';
import { ContainerStarter } from './container-start.ts';
import { ContainerFlag, Stage } from './container-table.ts';
import { upstream } from './defaults.ts';
import { ImagePuller } from './image-pull.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import { isSidecar } from './pod-phase.ts';
import { PodTermination } from './pod-termination.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodSync, PodWorkers } from './pod-workers.ts';
import type { EndReason } from './status-report.ts';

const noRow = -1;

/**
 * The node lifecycle controller has taken the pod for not ready while its kubelet was silent. Once that hears of it, it says
 * what it knows anew (upstream `needsReconcile` in `status_manager.go`).
 */
export function isDoubted({ spec, status }: Pod): boolean {
  return spec.readinessGates.length === 0 && isConditionTrue(status.containersReady) && !isConditionTrue(status.ready);
}

/** The decisions about pods: what is due, what comes next, and what faults do to them. */
export class PodSyncer implements PodSync {
  readonly puller: ImagePuller;
  private readonly workers: PodWorkers;
  private readonly events: KubeletEvents;
  private readonly starter: ContainerStarter;
  private readonly exits: ContainerExits;
  private readonly termination: PodTermination;

  constructor(workers: PodWorkers, events: KubeletEvents) {
    this.workers = workers;
    this.events = events;
    this.exits = new ContainerExits(workers, events);
    this.starter = new ContainerStarter(workers, this.exits, events);
    this.termination = new PodTermination(workers, this.exits, events);
    this.puller = new ImagePuller(workers.engine, workers.recorder, workers.settings.pulls, this.starter);
    this.starter.imagePuller = this.puller;
    workers.podSync = this;
  }

  /** A pod that a kubelet sees for the first time and takes. */
  begin(worker: PodWorker): void {
    this.workers.note(worker, true);
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
    worker.set(WorkerFlag.initialized);
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      const isInit = row < worker.firstRow + worker.initCount;
      const index = row - worker.firstRow - (isInit ? 0 : worker.initCount);
      const known = (isInit ? status.initContainerStatuses : status.containerStatuses)[index];
      table.restartCount[row] = known?.restartCount ?? 0;
      table.setLastState(row, known?.lastState);
      if (isInit && !isSidecar(this.workers.container(worker, row))) table.stage[row] = Stage.done;
      else this.starter.adopt(worker, row, known?.ready ?? false);
      if (table.stage[row] === Stage.done && known !== undefined) table.state[row] = known.state;
    }
    this.workers.proceed(worker);
  }

  attend(worker: PodWorker): void {
    const { table, engine, deadlines } = this.workers;
    const { now } = engine;
    if (this.workers.sandboxDueAt(worker) <= now) this.sandboxReady(worker, now);
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (table.dueAt[row]! <= now) this.stageOver(worker, row);
      else if (table.probeAt(row) <= now && !this.starter.probeChanged(worker, row)) {
        this.termination.stopForRestart(worker, row, 'failed startup probe, will be restarted');
        if (table.stage[row] === Stage.exited) this.exits.decide(worker, row);
      }
    }
    if (deadlines.size > 0 && (deadlines.get(worker) ?? Infinity) <= now) this.deadlineExceeded(worker);
  }

  endUnattended(worker: PodWorker): void {
    const { table, engine } = this.workers;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (table.probeAt(row) <= engine.now) table.setProbeAt(row, Infinity);
      if (table.dueAt[row]! > engine.now) continue;
      const isRunning = table.stage[row] === Stage.running || table.stage[row] === Stage.stopping;
      if (isRunning) this.exits.record(worker, row);
      else table.dueAt[row] = Infinity;
    }
  }

  sync(worker: PodWorker): void {
    if (worker.has(WorkerFlag.finished)) return;
    if (!worker.has(WorkerFlag.terminating)) this.advance(worker);
    if (worker.has(WorkerFlag.terminating) && !this.workers.isBusy(worker)) this.termination.proceed(worker);
  }

  /** Ends a running main container of the pod by force; false if none runs. */
  crash(worker: PodWorker, exitCode: number): boolean {
    const { table } = this.workers;
    for (let row = worker.firstRow + worker.initCount; row < worker.firstRow + worker.rowCount; row++) {
      if (table.stage[row] !== Stage.running && table.stage[row] !== Stage.stopping) continue;
      table.exitCode[row] = exitCode;
      if (worker.node.isKubeletRunning) {
        this.exits.handle(worker, row);
        this.workers.proceed(worker);
      } else {
        this.exits.record(worker, row);
        this.workers.arm(worker);
      }
      return true;
    }
    return false;
  }

  /** Takes over what the API says of the pod: a deletion, or an end that others have declared. */
  follow(worker: PodWorker, pod: Pod): void {
    const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
    if (deletionTimestamp !== undefined) this.workers.terminate(worker, deletionGracePeriodSeconds ?? 0);
    else if (pod.status.phase === 'Failed' || pod.status.phase === 'Succeeded') {
      this.workers.terminate(worker, worker.spec.terminationGracePeriodSeconds);
    } else if (worker.spec.readinessGates.length > 0 || isDoubted(pod)) this.workers.note(worker);
  }

  /** The pod's object is gone: its containers have the grace of the last version. */
  removed(worker: PodWorker, lastVersion: Pod): void {
    const { deletionGracePeriodSeconds } = lastVersion.metadata;
    this.workers.detach(worker, lastVersion);
    this.workers.terminate(worker, deletionGracePeriodSeconds ?? worker.spec.terminationGracePeriodSeconds);
  }

  /** Power is gone: the containers are gone too, and nobody is told. */
  lose(worker: PodWorker): void {
    this.workers.setSandboxDueAt(worker, Infinity);
    if (worker.has(WorkerFlag.finished)) return this.workers.arm(worker);
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (this.workers.table.has(row, ContainerFlag.hasRun)) worker.set(WorkerFlag.lost);
      this.exits.lose(worker, row);
      this.starter.forget(row);
    }
    worker.sandboxSince = -1;
    worker.clear(WorkerFlag.sandboxPending | WorkerFlag.initialized | WorkerFlag.stopping);
    this.workers.note(worker, true);
    this.workers.arm(worker);
  }

  /** The kubelet is gone: what it was doing is broken off, the containers run on. */
  abandon(worker: PodWorker): void {
    const { table } = this.workers;
    this.workers.setSandboxDueAt(worker, Infinity);
    worker.clear(WorkerFlag.sandboxPending);
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      this.exits.forget(row);
      this.starter.forget(row);
      const stage = table.stage[row];
      const isOfKubelet =
        stage === Stage.pulling ||
        stage === Stage.starting ||
        stage === Stage.backoff ||
        stage === Stage.pullBackoff ||
        stage === Stage.blocked;
      if (!isOfKubelet) continue;
      table.stage[row] = Stage.waiting;
      table.since[row] = -1;
      table.dueAt[row] = Infinity;
    }
    this.workers.arm(worker);
  }

  /** A kubelet is there again: it sees what has happened meanwhile and goes on. */
  resume(worker: PodWorker): void {
    const { table, engine } = this.workers;
    if (worker.has(WorkerFlag.lost)) {
      worker.clear(WorkerFlag.lost);
      if (worker.spec.restartPolicy === 'Never') {
        worker.set(WorkerFlag.initialized);
        this.workers.terminate(worker, worker.spec.terminationGracePeriodSeconds);
      }
    }
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (table.stage[row] === Stage.exited) this.exits.decide(worker, row);
      if (this.hasMissedProbe(worker, row)) table.setProbeAt(row, engine.now);
    }
    this.workers.proceed(worker);
  }

  /** A probe would have changed what it says while no kubelet ran. */
  private hasMissedProbe(worker: PodWorker, row: number): boolean {
    const { table } = this.workers;
    if (table.stage[row] !== Stage.running || table.probeAt(row) !== Infinity) return false;
    const isProbed = row >= worker.firstRow + worker.initCount || isSidecar(this.workers.container(worker, row));
    return isProbed && !table.has(row, ContainerFlag.ready);
  }

  private stageOver(worker: PodWorker, row: number): void {
    const { table } = this.workers;
    switch (table.stage[row]) {
      case Stage.starting:
        if (worker.sandboxSince < 0) this.sandboxReady(worker, table.since[row]!);
        return this.starter.started(worker, row);
      case Stage.running:
      case Stage.stopping:
        return this.exits.handle(worker, row);
      case Stage.backoff:
        table.stage[row] = Stage.waiting;
        table.dueAt[row] = Infinity;
        return;
      case Stage.pullBackoff:
        return this.starter.pullWaitOver(worker, row);
    }
  }

  private advance(worker: PodWorker): void {
    if (worker.sandboxSince < 0) {
      if (!this.workers.isBusy(worker)) this.beginSandbox(worker);
      if (worker.sandboxSince < 0) return;
    }
    while (!this.workers.isBusy(worker) && !worker.has(WorkerFlag.terminating)) {
      const row = this.nextToStart(worker);
      if (row === noRow) break;
      this.starter.begin(worker, row);
    }
    if (this.isOver(worker)) this.workers.terminate(worker, worker.spec.terminationGracePeriodSeconds);
  }

  /** Sandbox and first start are one event where nothing can come between them. */
  private beginSandbox(worker: PodWorker): void {
    const { engine, settings } = this.workers;
    const { firstRow, spec } = worker;
    const waitUs = spec.volumes.length > 0 ? upstream.volumeWaitUs : 0;
    const readyAt = engine.now + waitUs + this.workers.duration(settings.sandboxDuration, worker, firstRow);
    if (readyAt <= engine.now) this.sandboxReady(worker, engine.now);
    else if (!this.workers.table.has(firstRow, ContainerFlag.hasRun) && this.starter.needsNoPull(worker, firstRow)) {
      this.starter.begin(worker, firstRow, readyAt);
      if (worker.initCount === 0) worker.set(WorkerFlag.initialized);
    } else {
      worker.set(WorkerFlag.sandboxPending);
      this.workers.setSandboxDueAt(worker, readyAt);
    }
  }

  private sandboxReady(worker: PodWorker, at: number): void {
    const { engine } = this.workers;
    worker.clear(WorkerFlag.sandboxPending);
    this.workers.setSandboxDueAt(worker, Infinity);
    worker.sandboxSince = Math.floor(at / SECOND);
    if (!worker.spec.hostNetwork) worker.address = worker.node.nextAddress();
    this.workers.tellOnce(worker, WorkerFlag.toldSandbox, 'sandbox_ready', at);
    // Told at once only where pulls or starts follow that take time of their own.
    this.workers.note(worker, at === engine.now);
  }

  /** The container whose turn it is. Init containers go one after the other; a sidecar only has to be started. */
  private nextToStart(worker: PodWorker): number {
    const { table } = this.workers;
    const { firstRow, initCount, rowCount } = worker;
    for (let row = firstRow; row < firstRow + initCount; row++) {
      const isWaiting = table.stage[row] === Stage.waiting;
      if (isSidecar(this.workers.container(worker, row))) {
        if (isWaiting) return row;
        if (!worker.has(WorkerFlag.initialized) && !table.has(row, ContainerFlag.started)) return noRow;
      } else if (!worker.has(WorkerFlag.initialized)) {
        if (isWaiting) return row;
        if (table.stage[row] !== Stage.done || table.exitCode[row] !== 0) return noRow;
      }
    }
    if (!worker.has(WorkerFlag.initialized)) {
      worker.set(WorkerFlag.initialized);
      this.workers.note(worker);
    }
    for (let row = firstRow + initCount; row < firstRow + rowCount; row++) {
      if (table.stage[row] === Stage.waiting) return row;
    }
    return noRow;
  }

  /** Every main container has ended for good, or an init container has failed for good. */
  private isOver(worker: PodWorker): boolean {
    const { table } = this.workers;
    const firstMain = worker.firstRow + worker.initCount;
    if (!worker.has(WorkerFlag.initialized)) {
      for (let row = worker.firstRow; row < firstMain; row++) {
        if (table.stage[row] === Stage.done && table.exitCode[row] !== 0) return true;
      }
      return false;
    }
    for (let row = firstMain; row < worker.firstRow + worker.rowCount; row++) {
      if (table.stage[row] !== Stage.done) return false;
    }
    return true;
  }

  private deadlineExceeded(worker: PodWorker): void {
    if (worker.has(WorkerFlag.terminating)) return;
    const end: EndReason = {
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    };
    this.workers.terminate(worker, worker.spec.terminationGracePeriodSeconds, end);
    if (this.events.areWanted) {
      this.events.pod(this.workers.podOf(worker), 'Normal', end.reason, end.message);
    }
  }
}
