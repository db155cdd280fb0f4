/** How long a Job waits after failures before it makes new pods (upstream pkg/controller/job/backoff_utils.go). Pure. */
import type { Pod } from '../api/core-v1.ts';
import type { Timestamp } from '../api/meta-v1.ts';
import { conditionSince, isConditionTrue } from '../api/pod-status.ts';
import { SECOND } from '../engine/time.ts';

/** DefaultJobPodFailureBackOff. */
const baseDelayUs = 10 * SECOND;
/** MaxJobPodFailureBackOff. */
const maxDelayUs = 600 * SECOND;

/** What a Job remembers of its failures. */
export interface BackoffRecord {
  /** Failures since the last success. */
  readonly failures: number;
  /** When the latest of them finished, whole seconds; -1 = none. */
  readonly lastFailure: Timestamp;
}

export const noFailures: BackoffRecord = Object.freeze({ failures: 0, lastFailure: -1 });

/** The record after more pods have finished: a success forgets the failures before it. */
export function afterFinished(record: BackoffRecord, succeeded: readonly Pod[], failed: readonly Pod[]): BackoffRecord {
  if (succeeded.length === 0 && failed.length === 0) return record;
  const failures = failed.map(finishedAt);
  if (succeeded.length === 0) return { failures: record.failures + failures.length, lastFailure: latest(failures) };
  const lastSuccess = latest(succeeded.map(finishedAt));
  const after = failures.filter((at) => at > lastSuccess);
  return { failures: after.length, lastFailure: latest(after) };
}

function latest(times: readonly Timestamp[]): Timestamp {
  let last = -1;
  for (const time of times) if (time > last) last = time;
  return last;
}

/** Microseconds until new pods may be made; 0 = now. */
export function remainingBackoffUs({ failures, lastFailure }: BackoffRecord, nowUs: number): number {
  if (failures === 0) return 0;
  let delayUs = baseDelayUs;
  for (let n = 1; n < failures && delayUs < maxDelayUs; n++) delayUs *= 2;
  return Math.max(0, Math.min(delayUs, maxDelayUs) - (nowUs - lastFailure * SECOND));
}

/**
 * When a pod finished, whole seconds: with the last of its containers, else when it stopped to be ready, else when its deletion
 * was asked for, else when it was made.
 */
export function finishedAt({ status, spec, metadata }: Pod): Timestamp {
  const sidecars = status.initContainerStatuses.filter(
    ({ index }) => spec.initContainers[index]?.restartPolicy === 'Always',
  );
  const states = [...status.containerStatuses, ...sidecars].map(({ state }) => state);
  if (states.length > 0 && states.every(({ phase }) => phase === 'terminated'))
    return latest(states.map((state) => state.finishedAt));
  if (status.ready >= 0 && !isConditionTrue(status.ready)) return conditionSince(status.ready);
  if (metadata.deletionTimestamp !== undefined)
    return metadata.deletionTimestamp - (metadata.deletionGracePeriodSeconds ?? 0);
  return metadata.creationTimestamp;
}
