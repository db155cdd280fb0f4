import type { Pod } from '../api/core-v1.ts';
import { labelValue } from '../api/meta-v1.ts';

/** Annotation and label with the completion index of a pod. */
export const indexKey = 'batch.kubernetes.io/job-completion-index';

/** The completion index of a pod; -1 = none. */
export function indexOf(pod: Pod): number {
  const text = labelValue(pod.metadata.annotations, indexKey);
  return text !== undefined && /^[0-9]{1,9}$/.test(text) ? Number(text) : -1;
}
