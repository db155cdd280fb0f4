/** Failures of the single indexes of a Job with backoffLimitPerIndex (upstream pkg/controller/job/indexed_job_utils.go). Pure. */
import type { Job } from '../api/batch-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import { labelsOf, sortedLabels } from '../api/labels.ts';
import type { Labels } from '../api/meta-v1.ts';
import { labelValue } from '../api/meta-v1.ts';
import { finishedAt, remainingBackoffUs } from './job-backoff.ts';
import type { IndexRanges } from './job-indexes.ts';
import { withIndexes } from './job-indexes.ts';
import { indexOf } from './job-pod-index.ts';
import { failureActionOf } from './job-policies.ts';

/** Annotations of a pod: failures of its index before it, and those that a policy has ignored. */
const failureCountKey = 'batch.kubernetes.io/job-index-failure-count';
const ignoredCountKey = 'batch.kubernetes.io/job-index-ignored-failure-count';

function countOf({ metadata }: Pod, key: string): number {
  return Number(labelValue(metadata.annotations, key) ?? 0);
}

/** The failed indexes with those of newly failed pods: the last try has failed, or a policy forbids the next one. */
export function newFailedIndexes(job: Job, before: IndexRanges, newFailed: readonly Pod[]): IndexRanges {
  const { backoffLimitPerIndex } = job.spec;
  if (backoffLimitPerIndex === undefined) return before;
  const isOver = (pod: Pod): boolean => {
    const action = failureActionOf(job, pod);
    return action === 'FailIndex' || (action !== 'Ignore' && countOf(pod, failureCountKey) >= backoffLimitPerIndex);
  };
  return withIndexes(before, newFailed.filter(isOver).map(indexOf));
}

/** Of each index without an active pod that may be tried again, the pod that failed last. */
export function delayedPods(
  { spec }: Job,
  newFailed: readonly Pod[],
  active: readonly Pod[],
  isOver: (index: number) => boolean,
): ReadonlyMap<number, Pod> {
  const delayed = new Map<number, Pod>();
  if (spec.backoffLimitPerIndex === undefined) return delayed;
  const replaced = new Set(active.map(indexOf));
  for (const pod of newFailed) {
    const index = indexOf(pod);
    if (isOver(index) || replaced.has(index)) continue;
    const other = delayed.get(index);
    if (other === undefined || failuresOf(other) <= failuresOf(pod)) delayed.set(index, pod);
  }
  return delayed;
}

function failuresOf(pod: Pod): number {
  return countOf(pod, failureCountKey) + countOf(pod, ignoredCountKey);
}

/** Microseconds until an index may be tried again after its last failed pod; 0 = now. */
export function remainingBackoffOfIndexUs(lastFailed: Pod | undefined, nowUs: number): number {
  if (lastFailed === undefined) return 0;
  return remainingBackoffUs({ failures: failuresOf(lastFailed) + 1, lastFailure: finishedAt(lastFailed) }, nowUs);
}

/** The annotations of a new pod of an index: it inherits the failures of the pod that it replaces. */
export function failureCountAnnotations(job: Job, annotations: Labels, replaced: Pod | undefined): Labels {
  if (job.spec.backoffLimitPerIndex === undefined) return annotations;
  const isFree = replaced !== undefined && failureActionOf(job, replaced) === 'Ignore';
  const failures = replaced === undefined ? 0 : countOf(replaced, failureCountKey) + (isFree ? 0 : 1);
  const ignored = replaced === undefined ? 0 : countOf(replaced, ignoredCountKey) + (isFree ? 1 : 0);
  const counts: [string, string][] = [[failureCountKey, String(failures)]];
  if (job.spec.podFailurePolicy !== undefined) counts.push([ignoredCountKey, String(ignored)]);
  return labelsOf(new Map([...sortedLabels(annotations), ...counts]));
}
