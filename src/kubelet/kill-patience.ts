/** How long somebody who ends a pod waits for its containers (upstream `pkg/kubelet/pod_workers.go` killPodNow). */
import type { Pod } from '../api/core-v1.ts';
import { SECOND } from '../engine/time.ts';
import { upstream } from './defaults.ts';
import type { KubeletEvents } from './kubelet-events.ts';

/** Microseconds, of a grace in whole seconds. */
export function killPatienceUs(graceSeconds: number): number {
  return Math.max(graceSeconds + Math.floor(graceSeconds / 2), upstream.killPatienceSeconds) * SECOND;
}

/** Says that the end of a pod is not waited for any more. */
export function tellImpatience(events: KubeletEvents, pod: Pod): void {
  if (!events.areWanted) return;
  const text = 'Container runtime did not kill the pod within specified grace period.';
  events.pod(pod, 'Warning', 'ExceededGracePeriod', text);
}
