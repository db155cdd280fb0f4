/** How the containers of a pod are stopped together (upstream `kuberuntime_termination_order.go`, `pod_workers.go`). */
import { deadlineEnd } from './active-deadline.ts';
import type { ContainerKiller } from './container-kill.ts';
import { lostWithMachine, statusUnknown } from './container-states.ts';
import { Stage } from './container-table.ts';
import { upstream } from './defaults.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import { isSidecar } from './pod-phase.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { PodReport } from './report-types.ts';
import { mayStart } from './container-statuses.ts';

/** Ends pods: containers, sandbox, the last words. */
export class PodTermination {
  private readonly workers: PodWorkers;
  private readonly killer: ContainerKiller;
  private readonly events: KubeletEvents;

  constructor(workers: PodWorkers, killer: ContainerKiller, events: KubeletEvents) {
    this.workers = workers;
    this.killer = killer;
    this.events = events;
  }

  /** Tells all containers to stop: the regular ones together, then sidecars from the last to the first, within one grace. */
  killAll(worker: PodWorker, graceSeconds: number): void {
    const { table } = this.workers;
    const seenUntil = this.workers.reports.seenUntil(worker);
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      const message = `Stopping container ${worker.container(row).name}`;
      const isUnseenEnd = table.stage[row] === Stage.exited && table.since[row]! > seenUntil;
      if (table.stage[row] === Stage.running || isUnseenEnd) {
        this.killer.kill(worker, row, graceSeconds, message, this.isSidecarRow(worker, row));
      }
    }
  }

  /** Whether every container of the pod has ended; takes those that wait for their turn further. */
  haveEnded(worker: PodWorker): boolean {
    this.killer.proceed(worker, (_worker, row) => this.mayStop(worker, row));
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (this.killer.isBusy(row)) return false;
    }
    return true;
  }

  /** Stops the sandbox; its pod may not start containers in it any more. */
  stopSandbox(worker: PodWorker): void {
    if (worker.sandboxSince < 0 || worker.has(WorkerFlag.sandboxStopped)) return;
    worker.set(WorkerFlag.sandboxStopped);
    this.workers.tellCall(worker, -1, 'StopPodSandbox');
    this.workers.note(worker);
  }

  /** The pod begins to end (upstream SyncTerminatingPod): its status is told before its containers are stopped. */
  begin(worker: PodWorker): void {
    worker.set(WorkerFlag.stopping);
    const seenUntil = this.workers.reports.seenUntil(worker);
    const end = this.workers.endReasons.get(worker);
    if (end === undefined && this.hasUnseenEnd(worker, seenUntil)) return;
    if (end !== undefined) this.workers.note(worker);
    const report = this.publish(worker, seenUntil);
    if (end?.joinsSuccess === true && report?.phase === 'Succeeded') {
      this.workers.endReasons.set(worker, { ...end, isToldOfSuccess: true });
    }
  }

  /** Whether a container has ended that the kubelet takes for running: what has been said of it stands until all are gone. */
  hasUnseenEnd(worker: PodWorker, seenUntil: number): boolean {
    const { table } = this.workers;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (table.stage[row] === Stage.exited && table.since[row]! > seenUntil) return true;
    }
    return false;
  }

  /**
   * Takes a terminating pod as far as it goes now.
   *
   * @returns whether its containers have ended and the status says so.
   */
  proceed(worker: PodWorker): boolean {
    if (!this.haveEnded(worker)) return false;
    if (worker.has(WorkerFlag.evicted)) this.removeEnded(worker);
    this.stopSandbox(worker);
    this.workers.markFinished(worker);
    const wasNoted = worker.has(WorkerFlag.needsReport);
    const report = this.publish(worker);
    worker.freshAt = this.workers.nextRelist(worker) + (worker.has(WorkerFlag.mounted) ? upstream.volumeWaitUs : 0);
    // Who is not deleted and has said all there is to say is not looked at again.
    if (wasNoted && this.isLastWord(worker, report)) {
      worker.set(WorkerFlag.told);
      worker.freshAt = this.workers.engine.now;
    }
    return true;
  }

  /**
   * Of an evicted pod the kubelet removes each container that a list shows as ended, also while others are being stopped: of one
   * that was told as running nothing more is known then (upstream cleanUpContainersInPod).
   */
  private removeEnded(worker: PodWorker): void {
    const { table } = this.workers;
    const { initContainerStatuses, containerStatuses } = this.workers.podOf(worker).status;
    const listedUntil = this.workers.reports.listedUntil(worker);
    for (const [first, statuses] of [
      [worker.firstRow, initContainerStatuses],
      [worker.firstRow + worker.initCount, containerStatuses],
    ] as const) {
      for (const { index, state } of statuses) {
        const row = first + index;
        if (state.phase === 'running' && table.since[row]! <= listedUntil) this.removeRow(worker, row);
      }
    }
  }

  private removeRow(worker: PodWorker, row: number): void {
    const { table } = this.workers;
    table.remove(row);
    table.setLastState(row, lostWithMachine);
    if (this.isDeleted(worker)) table.leaveUncounted(row);
  }

  /** The last words of a pod whose containers are gone (upstream SyncTerminatedPod and TerminatePod). */
  settle(worker: PodWorker): void {
    const firstRegular = worker.firstRow + worker.initCount;
    const begun = this.begunInits(worker);
    const last = this.isBlockedByInit(worker) ? firstRegular : worker.firstRow + worker.rowCount;
    for (let row = worker.firstRow; row < last; row++) {
      if (row < begun || row >= firstRegular) this.settleRow(worker, row);
    }
    this.tellDeadline(worker);
    this.workers.reports.publish(worker, this.workers.engine.now, true);
  }

  /** A container whose status does not say that it has ended is one of which nothing is known. */
  private settleRow(worker: PodWorker, row: number): void {
    const { table } = this.workers;
    const isToldToWait =
      table.stage[row] === Stage.exited &&
      table.reasons.has(row) &&
      mayStart(worker, table, row, this.isDeleted(worker));
    if (table.stage[row] !== Stage.none && !isToldToWait) return;
    if (isToldToWait) table.setLastState(row, table.state[row]);
    table.stage[row] = Stage.exited;
    table.state[row] = statusUnknown;
  }

  /** The row after the last init container that has ever begun; the first one counts as begun. */
  private begunInits({ firstRow, initCount }: PodWorker): number {
    const { table } = this.workers;
    let row = firstRow + initCount - 1;
    while (row > firstRow && table.stage[row] === Stage.none && !table.lastState.has(row)) row--;
    return row + 1;
  }

  private publish(worker: PodWorker, seenUntil = this.workers.engine.now): PodReport | undefined {
    this.tellDeadline(worker);
    if (!worker.has(WorkerFlag.needsReport)) return undefined;
    return this.workers.reports.publish(worker, seenUntil);
  }

  /** Each look at a pod that has exceeded its deadline says so. */
  private tellDeadline(worker: PodWorker): void {
    this.noteDeadline(worker);
    const end = this.workers.endReasons.get(worker);
    if (end?.reason !== deadlineEnd.reason || !this.events.areWanted) return;
    this.events.pod(this.workers.podOf(worker), 'Normal', end.reason, end.message);
  }

  /** The deadline stands over any other reason once the containers are gone (upstream generateAPIPodStatus, ShouldEvict). */
  private noteDeadline(worker: PodWorker): void {
    const { endReasons, deadlines } = this.workers;
    const end = endReasons.get(worker);
    const isOverruled =
      end !== undefined &&
      end.reason !== deadlineEnd.reason &&
      end.isLasting !== true &&
      worker.has(WorkerFlag.finished);
    if (!this.workers.isOverdue(worker) && !(isOverruled && deadlines.isOver(worker))) return;
    endReasons.set(
      worker,
      end?.disruption === undefined ? deadlineEnd : { ...deadlineEnd, disruption: end.disruption },
    );
    this.workers.note(worker);
  }

  private isLastWord(worker: PodWorker, report: PodReport | undefined): boolean {
    if (report === undefined || this.isDeleted(worker) || this.workers.endReasons.has(worker)) return false;
    if (report.phase !== 'Succeeded' && report.phase !== 'Failed') return false;
    const areInitsOver = report.initContainerStatuses.every(
      ({ state, lastState }) => state.phase === 'terminated' || lastState === undefined,
    );
    const areOver = report.containerStatuses.every(({ state }) => state.phase === 'terminated');
    return areInitsOver && (areOver || this.isBlockedByInit(worker));
  }

  /** No regular container has ever begun (upstream hasPodInitialized). */
  private isBlockedByInit(worker: PodWorker): boolean {
    if (worker.initCount === 0 || worker.has(WorkerFlag.initialized)) return false;
    const { table } = this.workers;
    for (let row = worker.firstRow + worker.initCount; row < worker.firstRow + worker.rowCount; row++) {
      if (table.lastState.has(row)) return false;
    }
    return true;
  }

  private isDeleted(worker: PodWorker): boolean {
    return this.workers.podOf(worker).metadata.deletionTimestamp !== undefined;
  }

  /** A sidecar is stopped when those of the regular containers and the sidecars after it are over, hooks and all. */
  private mayStop(worker: PodWorker, row: number): boolean {
    for (let other = worker.firstRow; other < worker.firstRow + worker.rowCount; other++) {
      if (other === row || !this.killer.isBusy(other)) continue;
      const isBefore = this.isSidecarRow(worker, other) ? other > row : other >= worker.firstRow + worker.initCount;
      if (isBefore) return false;
    }
    return true;
  }

  private isSidecarRow(worker: PodWorker, row: number): boolean {
    return row < worker.firstRow + worker.initCount && isSidecar(worker.container(row));
  }
}
