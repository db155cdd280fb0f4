/** The kubelet's collection of containers that do not run (upstream `kuberuntime_gc.go`), as far as pods can tell. */
import { upstream } from './defaults.ts';
import { nextAtOrAfter } from './node-lease.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { SyncRun } from './sync-run.ts';

/** Its marks lie in their period as those of the eviction loop lie in theirs: both begin with the kubelet. */
const marksPerEvictionPass = upstream.containerGcPeriodUs / upstream.evictionPeriodUs;

/** Whether a container that has just been started was collected before: of an evicted pod nothing is kept that does not run. */
export function wasCollected(worker: PodWorker, run: SyncRun, now: number): boolean {
  if (!worker.has(WorkerFlag.evicted)) return false;
  const collectableFrom = Math.max(run.since, run.evictedAt) + 1;
  const phaseUs = worker.node.evictionPhaseUs * marksPerEvictionPass;
  return nextAtOrAfter(phaseUs, upstream.containerGcPeriodUs, collectableFrom) <= now;
}
