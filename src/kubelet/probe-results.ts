/** What probes take for true of containers, and what follows (upstream `pkg/kubelet/prober/results`). */
import { ContainerFlag } from './container-table.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { ProbeAnswer, ProbeWorker } from './probe-worker.ts';

/** Writes results into the flags of containers, reports them, and asks for syncs. */
export class ProbeResults {
  private readonly workers: PodWorkers;

  constructor(workers: PodWorkers) {
    this.workers = workers;
  }

  /**
   * The first mark at an instance: from now on something is taken for true of it, which is news but where that is good.
   *
   * @returns whether an instance that counted as started does not any more.
   */
  begun(worker: PodWorker, row: number, each: ProbeWorker): boolean {
    each.isNew = false;
    if (each.kind === 'liveness') return false;
    const { started, ready } = ContainerFlag;
    if (each.kind === 'readiness' || !this.workers.table.has(row, started)) {
      this.wantSync(worker);
      return false;
    }
    // It has taken the place of one that had started; that it is not ready either the next sync says.
    this.workers.table.set(row, started | ready, false);
    this.changed(worker, row, 'started');
    return true;
  }

  /** Another answer, which may be the one that makes the difference. */
  count(worker: PodWorker, row: number, each: ProbeWorker, answer: ProbeAnswer): void {
    if (!each.count(answer.isSuccess)) return;
    const { table } = this.workers;
    if (each.kind === 'readiness') table.set(row, ContainerFlag.ready, answer.isSuccess);
    else if (each.kind === 'liveness') {
      table.set(row, ContainerFlag.failedLiveness, !answer.isSuccess);
      worker.set(WorkerFlag.pending);
      return;
    } else if (answer.isSuccess) {
      table.set(row, ContainerFlag.started, true);
      const { readinessProbe } = worker.container(row);
      if (readinessProbe === undefined) table.set(row, ContainerFlag.ready, true);
    } else table.set(row, ContainerFlag.failedStartup, true);
    this.changed(worker, row, each.kind === 'readiness' ? 'ready' : 'started');
  }

  /** A container is ready by what its behaviour says. */
  ready(worker: PodWorker, row: number): void {
    this.workers.table.set(row, ContainerFlag.ready, true);
    this.changed(worker, row, 'ready');
  }

  /** What the status says has changed: the sync loop tells it, at once unless it waits, and a sync follows. */
  private changed(worker: PodWorker, row: number, what: 'ready' | 'started'): void {
    this.workers.note(worker);
    const { isLoopBlocked } = worker.node;
    if (!worker.has(WorkerFlag.finished) && !isLoopBlocked) this.workers.reports.publishRow(worker, row, what);
    this.wantSync(worker);
  }

  /** News of a probe. A sync that waits for a list of containers has been begun with the news before: another one follows. */
  wantSync(worker: PodWorker): void {
    if (worker.has(WorkerFlag.pending)) worker.set(WorkerFlag.again);
    worker.set(WorkerFlag.pending);
  }
}
