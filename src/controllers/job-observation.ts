/** What the pods of a Job say about it, and whether it is decided (upstream pkg/controller/job/job_controller.go). Pure. */
import type { Job, JobStatus, UncountedTerminatedPods } from '../api/batch-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Condition, Timestamp, Uid } from '../api/meta-v1.ts';
import { isPodActive, isPodReady, isPodTerminal } from '../api/pod-conditions.ts';
import type { ContainerStatus } from '../api/pod-status.ts';
import { SECOND } from '../engine/time.ts';
import type { IndexRanges } from './job-indexes.ts';
import { indexOf } from './job-pod-index.ts';
import { countIndexes, hasIndex, parseIndexes, withIndexes } from './job-indexes.ts';
import { failJobMessage, isIgnored, matchedSuccessRule } from './job-policies.ts';
import { delayedPods, newFailedIndexes } from './job-index-backoff.ts';

/** Holds a pod until its end has been counted. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';

/** What a sync sees. */
export interface JobObservation {
  readonly job: Job;
  readonly pods: readonly Pod[];
  readonly active: readonly Pod[];
  readonly readyCount: number;
  /** Pods being deleted that have not finished. */
  readonly terminatingCount: number;
  /** Finished since the last status write. */
  readonly newSucceeded: readonly Pod[];
  readonly newFailed: readonly Pod[];
  readonly succeededIndexes: IndexRanges;
  readonly failedIndexes: IndexRanges;
  /** Of each index that waits for its next try, the pod that failed last: it is kept until it has been replaced. */
  readonly delayedByIndex: ReadonlyMap<number, Pod>;
  readonly succeeded: number;
  readonly failed: number;
}

/** Looks at the pods of a Job: those that it owns and that have not been counted, or have not finished. */
export function observeJob(job: Job, pods: readonly Pod[]): JobObservation {
  const { status } = job;
  const active = pods.filter(isPodActive);
  const unfinished = pods.filter((pod) => !isPodTerminal(pod));
  const newSucceeded = pods.filter(
    (pod) => isSucceeded(pod) && isNew(job, pod, status.uncountedTerminatedPods.succeeded),
  );
  const newFailed = pods.filter((pod) => isFailed(job, pod) && isNew(job, pod, status.uncountedTerminatedPods.failed));
  const before = parseIndexes(status.completedIndexes);
  const succeededIndexes = isIndexed(job) ? withIndexes(before, newSucceeded.map(indexOf)) : before;
  const { uncountedTerminatedPods: uncounted } = status;
  const failedIndexes = newFailedIndexes(job, parseIndexes(status.failedIndexes), newFailed);
  const isOver = (index: number): boolean => hasIndex(succeededIndexes, index) || hasIndex(failedIndexes, index);
  return {
    job,
    failedIndexes,
    delayedByIndex: delayedPods(job, newFailed, active, isOver),
    pods,
    active,
    readyCount: active.filter(isPodReady).length,
    terminatingCount: unfinished.length - active.length,
    newSucceeded,
    newFailed,
    succeededIndexes,
    succeeded: isIndexed(job)
      ? countIndexes(succeededIndexes)
      : status.succeeded + newSucceeded.length + uncounted.succeeded.length,
    failed: status.failed + newFailed.filter((pod) => !isIgnored(job, pod)).length + uncounted.failed.length,
  };
}

function isNew(job: Job, pod: Pod, uncounted: readonly Uid[]): boolean {
  return isTracked(pod) && !uncounted.includes(pod.metadata.uid) && hasValidIndex(job, pod);
}

/** Whether the end of a pod has still to be counted. */
export function isTracked(pod: Pod): boolean {
  return pod.metadata.finalizers.includes(trackingFinalizer);
}

/** Whether each pod of a Job has an index. */
export function isIndexed({ spec }: Job): boolean {
  return spec.completionMode === 'Indexed';
}

/** Pods without an index within the completions count for nothing in an indexed Job. */
function hasValidIndex(job: Job, pod: Pod): boolean {
  if (!isIndexed(job)) return true;
  const index = indexOf(pod);
  return index >= 0 && index < (job.spec.completions ?? 0);
}

function isSucceeded(pod: Pod): boolean {
  return pod.status.phase === 'Succeeded';
}

/** A pod that failed, or one that is going before its time, unless only real failures are replaced (upstream isPodFailed). */
export function isFailed({ spec }: Job, pod: Pod): boolean {
  if (pod.status.phase === 'Failed') return true;
  const isGoing = pod.metadata.deletionTimestamp !== undefined && pod.status.phase !== 'Succeeded';
  return isGoing && spec.podReplacementPolicy === 'TerminatingOrFailed';
}

/** A condition that decides a Job, before or after its last pod has gone. */
export interface JobDecision {
  readonly isSuccess: boolean;
  readonly reason: string;
  readonly message: string;
}

export const completionsReached: JobDecision = Object.freeze({
  isSuccess: true,
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
});

/** Why a Job is to end now; undefined while it may go on. First what has been written, then failures, then the deadline. */
export function decide(observation: JobObservation, nowUs: number): JobDecision | undefined {
  const { job, failed, pods } = observation;
  const { backoffLimit } = job.spec;
  const written = decisionOf(job.status);
  if (written !== undefined) return written;
  const message = failJobMessage(
    job,
    pods.filter((pod) => isFailed(job, pod)),
  );
  if (message !== undefined) return { isSuccess: false, reason: 'PodFailurePolicy', message };
  const isExceeded = failed > backoffLimit || hasTooManyRestarts(job, pods);
  if (isExceeded)
    return {
      isSuccess: false,
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    };
  if (remainingDeadlineUs(job, nowUs) === 0)
    return { isSuccess: false, reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  return decideIndexes(observation) ?? decideSuccess(observation);
}

/** Failed indexes end a Job when there are too many, or when no other index is left. */
function decideIndexes({ job, failedIndexes, succeeded }: JobObservation): JobDecision | undefined {
  const { backoffLimitPerIndex, maxFailedIndexes, completions = 0 } = job.spec;
  const failedCount = countIndexes(failedIndexes);
  if (backoffLimitPerIndex === undefined || failedCount === 0) return undefined;
  if (maxFailedIndexes !== undefined && failedCount > maxFailedIndexes)
    return {
      isSuccess: false,
      reason: 'MaxFailedIndexesExceeded',
      message: 'Job has exceeded the specified maximal number of failed indexes',
    };
  if (failedCount + succeeded < completions) return undefined;
  return { isSuccess: false, reason: 'FailedIndexes', message: 'Job has failed indexes' };
}

function decideSuccess({ job, succeededIndexes }: JobObservation): JobDecision | undefined {
  const rule = matchedSuccessRule(job, succeededIndexes);
  return rule < 0 ? undefined : { isSuccess: true, reason: 'SuccessPolicy', message: `Matched rules at index ${rule}` };
}

function decisionOf({ conditions }: JobStatus): JobDecision | undefined {
  const find = (type: string): Condition | undefined => conditions.find((c) => c.type === type && c.status === 'True');
  const success = find('SuccessCriteriaMet');
  const failure = find('FailureTarget');
  const found = success ?? failure;
  return found && { isSuccess: found === success, reason: found.reason, message: found.message };
}

/** Restarts within the pods count where pods are not replaced after each failure. */
function hasTooManyRestarts({ spec }: Job, pods: readonly Pod[]): boolean {
  if (spec.template.spec.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status.phase !== 'Running' && status.phase !== 'Pending') continue;
    restarts += countRestarts(status.initContainerStatuses) + countRestarts(status.containerStatuses);
  }
  return spec.backoffLimit === 0 ? restarts > 0 : restarts >= spec.backoffLimit;
}

/** Restarts of all containers. */
export function countRestarts(statuses: readonly ContainerStatus[]): number {
  let restarts = 0;
  for (const { restartCount } of statuses) restarts += restartCount;
  return restarts;
}

/** Time left of activeDeadlineSeconds, microseconds, 0 when it has passed; undefined when there is no deadline running. */
export function remainingDeadlineUs({ spec, status }: Job, nowUs: number): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || status.startTime < 0 || spec.suspend) return undefined;
  return Math.max(0, (status.startTime + spec.activeDeadlineSeconds) * SECOND - nowUs);
}

/** Whether enough pods have succeeded and none is active any more. */
export function isReached({ job, succeeded }: JobObservation, activeCount: number): boolean {
  const { completions } = job.spec;
  return activeCount === 0 && (completions === undefined ? succeeded > 0 : succeeded >= completions);
}

/** Whether a final condition stands. */
export function isFinished({ status }: Job): boolean {
  return status.conditions.some(
    ({ type, status: value }) => value === 'True' && (type === 'Complete' || type === 'Failed'),
  );
}

/** Moves uncounted pods that no finalizer holds any more into the counters. */
export function counted(status: JobStatus, tracked: ReadonlySet<Uid>): JobStatus {
  const { uncountedTerminatedPods: uncounted } = status;
  const succeeded = uncounted.succeeded.filter((uid) => tracked.has(uid));
  const failed = uncounted.failed.filter((uid) => tracked.has(uid));
  const newSucceeded = uncounted.succeeded.length - succeeded.length;
  const newFailed = uncounted.failed.length - failed.length;
  if (newSucceeded === 0 && newFailed === 0) return status;
  return {
    ...status,
    succeeded: status.succeeded + newSucceeded,
    failed: status.failed + newFailed,
    uncountedTerminatedPods: { succeeded, failed },
  };
}

/** Pods whose end is noticed in this sync, and what the status says of them then. */
export interface Tracking {
  readonly releasable: readonly Pod[];
  readonly uncounted: UncountedTerminatedPods;
  readonly indexes: IndexRanges;
  /** More are waiting: the final condition has to wait too. */
  readonly isPartial: boolean;
}

/** Uncounted pods of one status write (MaxUncountedPods). */
const uncountedMax = 500;

/**
 * Which pods may lose their finalizer, and how they count. When the Job has failed or is being deleted, that is all of them, and
 * what has not succeeded has failed.
 */
export function trackPods(
  job: Job,
  { pods, delayedByIndex }: Pick<JobObservation, 'pods' | 'delayedByIndex'>,
  decision: JobDecision | undefined,
): Tracking {
  const { uncountedTerminatedPods, completedIndexes } = job.status;
  const succeeded = [...uncountedTerminatedPods.succeeded];
  const failed = [...uncountedTerminatedPods.failed];
  const indexes = parseIndexes(completedIndexes);
  const newIndexes: number[] = [];
  const releasable: Pod[] = [];
  const isOver = decision !== undefined || job.metadata.deletionTimestamp !== undefined;
  for (const pod of pods) {
    if (!isTracked(pod) || !(isOver || isSucceeded(pod) || isFailed(job, pod))) continue;
    const { uid } = pod.metadata;
    if (!isOver && delayedByIndex.get(indexOf(pod)) === pod) continue;
    releasable.push(pod);
    if (isSucceeded(pod) && !failed.includes(uid)) {
      if (!isIndexed(job)) addOnce(succeeded, uid);
      else if (hasValidIndex(job, pod) && !hasIndex(indexes, indexOf(pod))) newIndexes.push(indexOf(pod));
    } else if (isFailed(job, pod) || decision?.isSuccess === false) {
      if (hasValidIndex(job, pod) && !isIgnored(job, pod)) addOnce(failed, uid);
    }
    if (newIndexes.length + succeeded.length + failed.length >= uncountedMax)
      return {
        releasable,
        uncounted: { succeeded, failed },
        indexes: withIndexes(indexes, newIndexes),
        isPartial: true,
      };
  }
  return { releasable, uncounted: { succeeded, failed }, indexes: withIndexes(indexes, newIndexes), isPartial: false };
}

function addOnce(uids: Uid[], uid: Uid): void {
  if (!uids.includes(uid)) uids.push(uid);
}

/** Conditions with one set; the same ones when it stands already. */
export function withJobCondition(
  conditions: readonly Condition[],
  type: string,
  status: Condition['status'],
  { reason, message }: Pick<Condition, 'reason' | 'message'>,
  now: Timestamp,
): readonly Condition[] {
  const present = conditions.find((condition) => condition.type === type);
  if (present?.status === status && present.reason === reason && present.message === message) return conditions;
  // A condition that would be false says nothing new where there was none.
  if (present === undefined && status === 'False') return conditions;
  const condition: Condition = { type, status, lastTransitionTime: now, reason, message };
  return [...conditions.filter((other) => other !== present), condition];
}
