/** How long somebody who ends a pod waits for its containers (upstream `pkg/kubelet/pod_workers.go` killPodNow). */
import { SECOND } from '../engine/time.ts';
import { upstream } from './defaults.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import type { PodWorker } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';

/** Microseconds, of a grace in whole seconds. */
export function killPatienceUs(graceSeconds: number): number {
  return Math.max(graceSeconds + Math.floor(graceSeconds / 2), upstream.killPatienceSeconds) * SECOND;
}

/** Says that the end of a pod is not waited for any more. */
export function tellImpatience(workers: PodWorkers, events: KubeletEvents, worker: PodWorker): void {
  if (!events.areWanted) return;
  const text = 'Container runtime did not kill the pod within specified grace period.';
  events.pod(workers.podOf(worker), 'Warning', 'ExceededGracePeriod', text);
}
