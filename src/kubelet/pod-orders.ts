/** What a pod is told: a deletion, another spec, an end that others have declared (upstream `pod_workers.go` UpdatePod). */
import type { Pod, PodSpec } from '../api/core-v1.ts';
import { isConditionTrue } from '../api/pod-status.ts';
import type { ContainerExits } from './container-exit.ts';
import { ContainerFlag } from './container-table.ts';
import { oneListLater } from './node-clock.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { EndReason } from './report-types.ts';
import { SyncStep } from './sync-run.ts';

/**
 * The node lifecycle controller has taken the pod for not ready while its kubelet was silent. Once that hears of it, it says
 * what it knows anew (upstream `needsReconcile` in `status_manager.go`).
 */
export function isDoubted({ spec, status }: Pod): boolean {
  return spec.readinessGates.length === 0 && isConditionTrue(status.containersReady) && !isConditionTrue(status.ready);
}

/** Takes over what others say of pods. */
export class PodOrders {
  private readonly workers: PodWorkers;
  private readonly exits: ContainerExits;

  constructor(workers: PodWorkers, exits: ContainerExits) {
    this.workers = workers;
    this.exits = exits;
  }

  /** Takes over what the API says of the pod: a deletion, or an end that others have declared. */
  follow(worker: PodWorker, pod: Pod): void {
    const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
    if (deletionTimestamp !== undefined) this.terminate(worker, deletionGracePeriodSeconds ?? 0);
    else if (pod.status.phase === 'Failed' || pod.status.phase === 'Succeeded') {
      this.terminate(worker, worker.spec.terminationGracePeriodSeconds);
    } else {
      if (worker.spec !== pod.spec) this.respecify(worker, pod.spec);
      if (worker.spec.readinessGates.length > 0 || isDoubted(pod)) this.workers.note(worker);
      worker.set(WorkerFlag.pending);
    }
  }

  /** The spec has changed: containers with another image are started anew, and their back-off is forgotten. */
  private respecify(worker: PodWorker, spec: PodSpec): void {
    const { table } = this.workers;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      const before = worker.container(row).image;
      const index = row - worker.firstRow;
      const after = (spec.initContainers[index] ?? spec.containers[index - worker.initCount])?.image;
      if (before === after) continue;
      this.exits.forgetBackoff(row);
      if (table.isAlive(row)) table.set(row, ContainerFlag.redefined, true);
    }
    this.workers.setSpec(worker, spec);
  }

  /** The pod's object is gone: by force there is no grace left. */
  removed(worker: PodWorker, lastVersion: Pod): void {
    this.workers.detach(worker, lastVersion);
    this.terminate(worker, 0);
  }

  /** A sync that will find nothing waits for the next list of containers: what is told meanwhile is done with the one after. */
  private waitForIdleSync(worker: PodWorker): void {
    if (worker.has(WorkerFlag.loopsIdly)) worker.freshAt = this.workers.nextRelist(worker);
    else if (!worker.has(WorkerFlag.waitsIdly) || worker.freshAt <= this.workers.engine.now) return;
    worker.freshAt = oneListLater(worker.freshAt);
    worker.clear(WorkerFlag.waitsIdly | WorkerFlag.loopsIdly);
  }

  /** Ends a pod for a reason of the kubelet's own. */
  terminate(worker: PodWorker, graceSeconds: number, end?: EndReason): void {
    const wasEvicted = worker.has(WorkerFlag.evicted);
    const run = this.workers.runs.get(worker);
    const syncWaits = worker.has(WorkerFlag.pending) && worker.freshAt > this.workers.engine.now && run === undefined;
    if (syncWaits && !worker.has(WorkerFlag.terminating)) worker.set(WorkerFlag.syncsFirst);
    this.workers.terminate(worker, graceSeconds, end);
    this.waitForIdleSync(worker);
    if (run !== undefined && !wasEvicted && worker.has(WorkerFlag.evicted)) run.evictedAt = this.workers.engine.now;
    if (run?.step === SyncStep.volumes) {
      this.workers.runs.delete(worker);
      worker.freshAt = this.workers.nextRelist(worker);
    }
  }
}
