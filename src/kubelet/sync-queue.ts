/** When a pod is synced again (upstream `pod_workers.go` completeWork). */
import { upstream } from './defaults.ts';
import { lastList, lastListKnown, nextQueueLook } from './node-clock.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { Prober } from './prober.ts';
import type { SyncRun } from './sync-run.ts';

/** Puts pods into the queue of their kubelet, which is looked at once a second. */
export class SyncQueue {
  private readonly workers: PodWorkers;
  private readonly prober: Prober;
  /** How often a pod has been put into the queue, for its random streams. */
  private readonly counts = new Map<PodWorker, number>();

  constructor(workers: PodWorkers, prober: Prober) {
    this.workers = workers;
    this.prober = prober;
  }

  /** What follows a sync: a look at the pod's containers at once or with the next list, and a place in the queue. */
  afterSync(worker: PodWorker, run: SyncRun): void {
    const { engine } = this.workers;
    if (!run.hasError && run.hasActed) {
      worker.freshAt = engine.now;
      if (run.changes > 1 || (run.changes > 0 && worker.has(WorkerFlag.pending))) worker.set(WorkerFlag.again);
      this.noteShown(worker, run);
      if (run.changes > 0) worker.set(WorkerFlag.pending);
      if (this.wasToldInTime(worker, run)) worker.set(WorkerFlag.dispatched);
    } else {
      // What a list showed while the sync lasted is a reason to look again, and what came after that list is another one.
      const listedAt = lastList(worker.node.relistPhaseUs, engine.now);
      const isNewsLater = listedAt > run.firstChangeAt && run.lastChangeAt > listedAt;
      worker.freshAt = this.workers.nextRelist(worker);
      if (run.changes > 0) {
        worker.set(WorkerFlag.pending);
        if (isNewsLater) worker.set(WorkerFlag.again);
      } else if (run.wantsAnother) {
        if (run.isBeforeNews && worker.has(WorkerFlag.pending)) worker.set(WorkerFlag.again);
        worker.set(this.isIdle(worker) ? WorkerFlag.waitsIdly : WorkerFlag.pending);
      }
    }
    if (this.prober.asksForSyncs(worker)) worker.set(this.isIdle(worker) ? WorkerFlag.loopsIdly : WorkerFlag.pending);
    this.enqueue(worker, run);
  }

  /** What lists have shown of a sync before it was over has called for the next one. */
  private noteShown(worker: PodWorker, { firstChangeAt, lastChangeAt }: SyncRun): void {
    const { relistPhaseUs, slowdown } = worker.node;
    const listedAt = lastListKnown(relistPhaseUs, this.workers.engine.now, slowdown);
    if (listedAt > firstChangeAt) worker.set(lastChangeAt > listedAt ? WorkerFlag.isShownLate : WorkerFlag.isShown);
  }

  /** The loop of the kubelet waits, but what a list has shown of the sync before it began to wait has been told. */
  private wasToldInTime({ node }: PodWorker, { firstChangeAt }: SyncRun): boolean {
    return node.isLoopBlocked && lastListKnown(node.relistPhaseUs, node.loopBlockedSince) > firstChangeAt;
  }

  forget(worker: PodWorker): void {
    this.counts.delete(worker);
  }

  private enqueue(worker: PodWorker, run: SyncRun): void {
    // A sync that is to come sooner will choose another place in the queue.
    if (!run.hasError && (worker.has(WorkerFlag.pending) || this.isIdle(worker))) return;
    const { engine } = this.workers;
    const delayUs = this.delay(run, engine.now);
    const count = this.counts.get(worker) ?? 0;
    this.counts.set(worker, count + 1);
    const { namespace, name } = this.workers.podOf(worker).metadata;
    const random = engine.entityRandom('kubelet/resync', `${namespace}/${name}/${count}`);
    const dueAt = engine.now + Math.round(delayUs * (1 + upstream.syncJitter * random.double()));
    this.workers.queued.set(worker, nextQueueLook(worker.node.queuePhaseUs, dueAt));
  }

  private delay({ hasError, backoffUntil }: SyncRun, now: number): number {
    if (!hasError) return upstream.syncFrequencyUs;
    if (backoffUntil === Infinity) return upstream.backOffPeriodUs;
    return Math.min(Math.max(0, backoffUntil - now), upstream.syncFrequencyUs);
  }

  /** A further sync would find nothing to do and nothing to tell. */
  private isIdle(worker: PodWorker): boolean {
    if (worker.has(WorkerFlag.needsReport) || this.prober.isWaiting(worker)) return false;
    const { reasons } = this.workers.table;
    if (reasons.size === 0) return true;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (reasons.has(row)) return false;
    }
    return true;
  }
}
