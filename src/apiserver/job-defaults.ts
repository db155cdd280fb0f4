/** What the API server adds to a new Job (upstream registry/batch/job/strategy.go generateSelector). */
import type { Job } from '../api/batch-v1.ts';
import { labelsOf, sortedLabels } from '../api/labels.ts';

const uidLabel = 'batch.kubernetes.io/controller-uid';
const nameLabel = 'batch.kubernetes.io/job-name';

/** Labels that tell the pods of one Job from those of any other, under their present and their old names. */
export const jobPodLabels: ReadonlySet<string> = new Set([uidLabel, nameLabel, 'controller-uid', 'job-name']);

/**
 * Unless the Job brings its own selector: pods are labelled with the Job's name and uid, and the uid is selected. Labels left over
 * from another cluster are replaced. The pod spec stays shared.
 */
export function withJobSelector(job: Job): Job {
  const { spec, metadata } = job;
  if (spec.manualSelector) return job;
  const uid = String(metadata.uid);
  const labels = labelsOf([
    ...sortedLabels(spec.template.labels),
    [uidLabel, uid],
    ['controller-uid', uid],
    [nameLabel, metadata.name],
    ['job-name', metadata.name],
  ]);
  const selector = { matchLabels: { [uidLabel]: uid }, matchExpressions: [] };
  return { ...job, spec: { ...spec, selector, template: { ...spec.template, labels } } };
}
