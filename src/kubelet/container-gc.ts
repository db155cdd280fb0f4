/** The kubelet's collection of containers that do not run (upstream `kuberuntime_gc.go`), as far as pods can tell. */
import { upstream } from './defaults.ts';
import { nextAtOrAfter } from './node-lease.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { SyncRun } from './sync-run.ts';

/**
 * Whether a container that has just been started was collected before: its pod is evicted, so that nothing of it is kept that does
 * not run. The collection begins with the kubelet, as its look at the node status does.
 */
export function wasCollected(worker: PodWorker, run: SyncRun, now: number): boolean {
  if (!worker.has(WorkerFlag.evicted)) return false;
  const collectableFrom = Math.max(run.since, run.evictedAt) + 1;
  return nextAtOrAfter(worker.node.statusPhaseUs, upstream.containerGcPeriodUs, collectableFrom) <= now;
}
