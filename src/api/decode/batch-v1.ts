/** Decoder of batch/v1 with its defaults (`pkg/apis/batch/v1/defaults.go`). */
import type { CronJob, Job, JobSpec, JobTemplateSpec } from '../batch-v1.ts';
import { decodePodFailurePolicy, decodeSuccessPolicy } from './job-policies.ts';
import { jobControllerName, newCronJobStatus, newJobStatus } from '../batch-v1.ts';
import { cronProblem } from '../cron-schedule.ts';
import type { PodTemplateSpec } from '../core-v1.ts';
import type { LabelSelector } from '../meta-v1.ts';
import { metadataWith, noLabels } from '../meta-v1.ts';
import { dnsLabelProblem, dnsSubdomainProblem } from '../names.ts';
import { timeZoneProblem } from '../time-zones.ts';
import { checkTemplateMatches, specOf } from './apps-v1.ts';
import { FieldReader } from './field-reader.ts';
import { cronJobSpecFields, jobSpecFields, objectFields } from './known-fields.ts';
import { decodeLabelSelector, decodeMetadata, decodeTemplateMetadata } from './metadata.ts';
import { decodePodTemplate } from './pod-spec.ts';

const int32Max = 2147483647;
const indexedParallelismMax = 100_000;
const failedIndexesMax = 100_000;
/** A Job with more completions and a back-off limit per index has closer limits. */
const manyCompletions = 100_000;
const manyIndexesMax = 10_000;
/** The controller appends eleven characters to the name, and the name of a Job may have 63. */
const cronJobNameMax = 52;

/** A Job with its defaults; the status of a dump is not taken over. */
export function decodeJob(root: FieldReader): Job {
  root.warnUnknown(objectFields);
  const metadata = decodeMetadata(root, 'namespaced', dnsSubdomainProblem);
  const spec = decodeWholeSpec(root, metadata.name);
  const { template } = spec;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    // A Job without labels takes those of its pods.
    metadata: metadata.labels === noLabels ? metadataWith(metadata, { labels: template.labels }) : metadata,
    spec,
    status: newJobStatus,
  };
}

function decodeWholeSpec(root: FieldReader, name: string): JobSpec {
  const reader = specOf(root);
  reader.warnUnknown(jobSpecFields);
  const spec = decodeJobSpec(reader, decodePodTemplate(reader));
  checkIndexed(reader, spec, name);
  return spec;
}

/** A CronJob with its defaults; the status of a dump is not taken over. */
export function decodeCronJob(root: FieldReader): CronJob {
  root.warnUnknown(objectFields);
  const reader = specOf(root);
  reader.warnUnknown(cronJobSpecFields);
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: decodeMetadata(root, 'namespaced', cronJobNameProblem),
    spec: {
      schedule: decodeSchedule(reader),
      timeZone: decodeTimeZone(reader),
      startingDeadlineSeconds: reader.optionalInteger('startingDeadlineSeconds', { max: Number.MAX_SAFE_INTEGER }),
      concurrencyPolicy: reader.choice('concurrencyPolicy', ['Allow', 'Forbid', 'Replace'], 'Allow'),
      suspend: reader.boolean('suspend'),
      jobTemplate: decodeJobTemplate(reader),
      successfulJobsHistoryLimit: reader.integer('successfulJobsHistoryLimit', 3),
      failedJobsHistoryLimit: reader.integer('failedJobsHistoryLimit', 1),
    },
    status: newCronJobStatus,
  };
}

function cronJobNameProblem(name: string): string | undefined {
  const isTooLong = name.length > cronJobNameMax;
  return dnsSubdomainProblem(name) ?? (isTooLong ? `must be no more than ${cronJobNameMax} characters` : undefined);
}

function decodeSchedule(reader: FieldReader): string {
  const schedule = reader.requiredText('schedule');
  const problem = schedule === '' ? undefined : cronProblem(schedule);
  if (problem !== undefined) reader.at.field('schedule').invalid(schedule, problem);
  return schedule;
}

function decodeTimeZone(reader: FieldReader): string | undefined {
  if (!reader.has('timeZone')) return undefined;
  const timeZone = reader.text('timeZone');
  const problem = timeZoneProblem(timeZone);
  if (problem !== undefined) reader.at.field('timeZone').invalid(timeZone, problem);
  return timeZone;
}

function decodeJobTemplate(reader: FieldReader): JobTemplateSpec {
  const template = reader.object('jobTemplate');
  if (template === undefined) reader.at.field('jobTemplate').required();
  const root = template ?? new FieldReader({ spec: { template: {} } }, reader.at.field('jobTemplate'));
  return { ...decodeTemplateMetadata(root), spec: decodeWholeSpec(root, '') };
}

function decodeJobSpec(reader: FieldReader, template: PodTemplateSpec): JobSpec {
  const completions = reader.optionalInteger('completions');
  const isSingle = !reader.has('completions') && !reader.has('parallelism');
  const failurePolicy = reader.object('podFailurePolicy');
  const manualSelector = reader.boolean('manualSelector');
  checkRestartPolicy(reader, template, failurePolicy !== undefined);
  return {
    parallelism: reader.integer('parallelism', 1),
    completions: isSingle ? 1 : completions,
    backoffLimit: reader.integer('backoffLimit', reader.has('backoffLimitPerIndex') ? int32Max : 6),
    backoffLimitPerIndex: reader.optionalInteger('backoffLimitPerIndex'),
    maxFailedIndexes: reader.optionalInteger('maxFailedIndexes'),
    podFailurePolicy: failurePolicy && decodePodFailurePolicy(failurePolicy, reader, template.spec),
    successPolicy: decodeSuccessPolicy(reader),
    activeDeadlineSeconds: reader.optionalInteger('activeDeadlineSeconds', { max: Number.MAX_SAFE_INTEGER }),
    ttlSecondsAfterFinished: reader.optionalInteger('ttlSecondsAfterFinished'),
    completionMode: reader.choice('completionMode', ['NonIndexed', 'Indexed'], 'NonIndexed'),
    podReplacementPolicy: reader.choice(
      'podReplacementPolicy',
      ['Failed', 'TerminatingOrFailed'],
      failurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
    ),
    suspend: reader.boolean('suspend'),
    selector: decodeJobSelector(reader, manualSelector, template),
    manualSelector,
    managedBy: decodeManagedBy(reader),
    template,
  };
}

function decodeManagedBy(reader: FieldReader): string {
  if (!reader.has('managedBy')) return jobControllerName;
  const name = reader.text('managedBy');
  const at = reader.at.field('managedBy');
  const slash = name.indexOf('/');
  if (name === '') at.required();
  else if (slash <= 0 || slash === name.length - 1)
    at.invalid(name, 'must be a domain-prefixed path (such as "acme.io/foo")');
  else {
    const domain = name.slice(0, slash);
    const problem = dnsSubdomainProblem(domain);
    if (problem !== undefined) at.invalid(domain, problem);
  }
  return name;
}

/** A selector that the API server of a dumped cluster generated is kept: the template carries its labels. */
function decodeJobSelector(
  reader: FieldReader,
  isManual: boolean,
  template: PodTemplateSpec,
): LabelSelector | undefined {
  const selector = decodeLabelSelector(reader, 'selector');
  const at = reader.at.field('selector');
  if (selector === undefined) {
    if (isManual) at.required();
    return undefined;
  }
  const isGenerated =
    Object.hasOwn(selector.matchLabels, 'batch.kubernetes.io/controller-uid') ||
    Object.hasOwn(selector.matchLabels, 'controller-uid');
  if (!isManual && !isGenerated) at.invalid(selector, '`selector` not auto-generated');
  else checkTemplateMatches(reader, selector, template);
  return selector;
}

function checkRestartPolicy(reader: FieldReader, template: PodTemplateSpec, hasFailurePolicy: boolean): void {
  const at = reader.at.field('template').field('spec').field('restartPolicy');
  const { restartPolicy } = template.spec;
  if (restartPolicy === 'Always') at.required('valid values: "OnFailure", "Never"');
  else if (hasFailurePolicy && restartPolicy !== 'Never') {
    at.invalid(restartPolicy, 'only "Never" is supported when podFailurePolicy is specified');
  }
}

/** Indexed Jobs name their pods' hosts after the index. */
function checkIndexed(reader: FieldReader, spec: JobSpec, name: string): void {
  if (reader.has('maxFailedIndexes') && !reader.has('backoffLimitPerIndex'))
    reader.at.field('backoffLimitPerIndex').required('when maxFailedIndexes is specified');
  if (spec.completionMode === 'NonIndexed') {
    for (const name of ['backoffLimitPerIndex', 'maxFailedIndexes'])
      if (reader.has(name)) reader.at.field(name).invalid(reader.value(name), 'requires indexed completion mode');
    return;
  }
  if (spec.completions === undefined) {
    reader.at.field('completions').required('when completion mode is Indexed');
    return;
  }
  if (spec.parallelism > indexedParallelismMax) {
    const detail = `must be less than or equal to ${indexedParallelismMax} when completion mode is Indexed`;
    reader.at.field('parallelism').invalid(spec.parallelism, detail);
  }
  checkManyIndexes(reader, spec, spec.completions);
  const longest = `${name}-${spec.completions - 1}`;
  if (spec.completions > 0 && dnsLabelProblem(longest) !== undefined) {
    reader.at.invalid(name, `will not able to create pod with invalid DNS label: ${longest}`);
  }
}

/** Limits of Jobs with failed indexes, and of those with very many indexes. */
function checkManyIndexes(reader: FieldReader, spec: JobSpec, completions: number): void {
  const { maxFailedIndexes, backoffLimitPerIndex, parallelism } = spec;
  const at = reader.at.field('maxFailedIndexes');
  if (maxFailedIndexes !== undefined && maxFailedIndexes > completions)
    at.invalid(maxFailedIndexes, 'must be less than or equal to completions');
  if (maxFailedIndexes !== undefined && maxFailedIndexes > failedIndexesMax)
    at.invalid(maxFailedIndexes, `must be less than or equal to ${failedIndexesMax}`);
  if (completions <= manyCompletions || backoffLimitPerIndex === undefined) return;
  const limit = `must be less than or equal to ${manyIndexesMax} when completions are above ${manyCompletions} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined) at.required(`must be specified when completions is above ${manyCompletions}`);
  if (parallelism > manyIndexesMax) reader.at.field('parallelism').invalid(parallelism, limit);
  if (maxFailedIndexes !== undefined && maxFailedIndexes > manyIndexesMax) at.invalid(maxFailedIndexes, limit);
}
