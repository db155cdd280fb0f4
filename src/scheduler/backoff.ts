import { SECOND } from '../engine/time.ts';
import type { QueuedPodInfo } from './framework/queued-pod-info.ts';

/** Upstream `ps/backend/queue/backoff_queue.go`. Microseconds. */
export interface BackoffLimits {
  readonly initialUs: number;
  /** 0 = no back-off. */
  readonly maxUs: number;
}

/** podInitialBackoffSeconds 1, podMaxBackoffSeconds 10. */
export const defaultBackoffLimits: BackoffLimits = { initialUs: SECOND, maxUs: 10 * SECOND };

/** initial * 2^(count - 1), at most the maximum; errors in a row count for themselves. */
export function backoffDuration(info: QueuedPodInfo, { initialUs, maxUs }: BackoffLimits): number {
  const count = info.consecutiveErrorsCount > 0 ? info.consecutiveErrorsCount : info.unschedulableCount;
  if (count === 0) return 0;
  let duration = initialUs;
  for (let doubled = 1; doubled < count && duration < maxUs; doubled++) duration *= 2;
  return Math.min(duration, maxUs);
}

/** End of the back-off since the last failure, truncated to the whole second; computed once per failure. */
export function backoffExpiration(info: QueuedPodInfo, limits: BackoffLimits): number {
  if (info.backoffExpiration < 0) {
    const end = info.timestamp + backoffDuration(info, limits);
    info.backoffExpiration = end - (end % SECOND);
  }
  return info.backoffExpiration;
}

/** A pod is backing off throughout the second in which its back-off ends. */
export function isBackingOff(info: QueuedPodInfo, limits: BackoffLimits, now: number): boolean {
  if (limits.maxUs === 0 || backoffDuration(info, limits) === 0) return false;
  return backoffExpiration(info, limits) >= now - (now % SECOND);
}
