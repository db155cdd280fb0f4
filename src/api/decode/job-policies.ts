/** Decoders of a Job's podFailurePolicy and successPolicy with what the API server refuses (`pkg/apis/batch/validation`). */
import type { JobSpec, PodFailurePolicyOnExitCodes, PodFailurePolicyRule } from '../batch-v1.ts';
import type { PodSpec } from '../core-v1.ts';
import type { FieldReader } from './field-reader.ts';

const rulesMax = 20;
const valuesMax = 255;

/** The rules for pods that fail. `job` is the reader of the Job's spec. */
export function decodePodFailurePolicy(
  reader: FieldReader,
  job: FieldReader,
  pod: PodSpec,
): NonNullable<JobSpec['podFailurePolicy']> {
  const names = [...pod.containers, ...pod.initContainers].map(({ name }) => name);
  const readers = reader.objects('rules');
  if (readers.length > rulesMax) reader.at.field('rules').tooMany(readers.length, rulesMax);
  if (job.has('podReplacementPolicy') && job.value('podReplacementPolicy') !== 'Failed')
    job.at.field('podReplacementPolicy').notSupported(job.value('podReplacementPolicy'), ['Failed']);
  return { rules: readers.map((rule) => decodeRule(rule, job.has('backoffLimitPerIndex'), names)) };
}

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'] as const;

function decodeRule(rule: FieldReader, isLimitedPerIndex: boolean, names: readonly string[]): PodFailurePolicyRule {
  const action = requiredChoice(rule, 'action', actions);
  if (action === 'FailIndex' && !isLimitedPerIndex)
    rule.at.field('action').invalid(action, 'requires the backoffLimitPerIndex to be set');
  const onExitCodes = decodeExitCodes(rule.object('onExitCodes'), names);
  const onPodConditions = rule.objects('onPodConditions').map((pattern) => ({
    type: pattern.requiredText('type'),
    status: pattern.choice('status', ['False', 'True', 'Unknown'], 'True'),
  }));
  const hasConditions = onPodConditions.length > 0;
  if (onExitCodes !== undefined && hasConditions)
    rule.at.report('invalid', 'Invalid value', 'specifying both OnExitCodes and OnPodConditions is not supported');
  if (onExitCodes === undefined && !hasConditions)
    rule.at.report('invalid', 'Invalid value', 'specifying one of OnExitCodes and OnPodConditions is required');
  return { action, onExitCodes, onPodConditions };
}

/** A word without a default; the first one where it is missing. */
function requiredChoice<T extends string>(reader: FieldReader, name: string, words: readonly [T, ...T[]]): T {
  const list = words.map((word) => JSON.stringify(word)).join(' ');
  if (!reader.has(name)) reader.at.field(name).required(`valid values: [${list}]`);
  return reader.choice(name, words, words[0]);
}

function decodeExitCodes(
  reader: FieldReader | undefined,
  names: readonly string[],
): PodFailurePolicyOnExitCodes | undefined {
  if (reader === undefined) return undefined;
  const operator = requiredChoice(reader, 'operator', ['In', 'NotIn']);
  const containerName = reader.has('containerName') ? reader.text('containerName') : undefined;
  if (containerName !== undefined && !names.includes(containerName)) {
    const detail = 'must be one of the container or initContainer names in the pod template';
    reader.at.field('containerName').invalid(containerName, detail);
  }
  const values = reader.list('values').filter((value): value is number => Number.isSafeInteger(value));
  checkValues(reader, operator, values);
  return { containerName, operator, values };
}

function checkValues(reader: FieldReader, operator: 'In' | 'NotIn', values: readonly number[]): void {
  const at = reader.at.field('values');
  if (values.length === 0) at.invalid(reader.value('values'), 'at least one value is required');
  if (values.length > valuesMax) at.tooMany(values.length, valuesMax);
  const seen = new Set<number>();
  for (const [index, value] of values.entries()) {
    if (operator === 'In' && value === 0) at.index(index).invalid(value, 'must not be 0 for the In operator');
    if (seen.has(value)) at.index(index).duplicate(value);
    seen.add(value);
  }
  if (values.some((value, index) => index > 0 && value < values[index - 1]!)) at.invalid(values, 'must be ordered');
}

/** The rules by which a Job succeeds early; undefined without any. */
export function decodeSuccessPolicy(spec: FieldReader): JobSpec['successPolicy'] {
  const reader = spec.object('successPolicy');
  if (reader === undefined) return undefined;
  if (spec.value('completionMode') !== 'Indexed') {
    reader.at.invalid(reader.raw, 'requires indexed completion mode');
    return undefined;
  }
  const readers = reader.objects('rules');
  const missing = 'at least one rules must be specified when the successPolicy is specified';
  if (readers.length === 0) reader.at.field('rules').required(missing);
  if (readers.length > rulesMax) reader.at.field('rules').tooMany(readers.length, rulesMax);
  const completions = spec.value('completions');
  return { rules: readers.map((rule) => decodeSuccessRule(rule, typeof completions === 'number' ? completions : 0)) };
}

type SuccessRule = NonNullable<JobSpec['successPolicy']>['rules'][number];

function decodeSuccessRule(rule: FieldReader, completions: number): SuccessRule {
  if (!rule.has('succeededCount') && !rule.has('succeededIndexes'))
    rule.at.required('at least one of succeededCount or succeededIndexes must be specified');
  const succeededIndexes = rule.has('succeededIndexes') ? rule.text('succeededIndexes') : undefined;
  const named = succeededIndexes === undefined ? completions : countIndexes(rule, succeededIndexes, completions);
  const succeededCount = rule.optionalInteger('succeededCount');
  const tooMany = (max: number, what: string): void =>
    rule.at.field('succeededCount').invalid(succeededCount, `must be less than or equal to ${max} (${what})`);
  if (succeededCount !== undefined && succeededCount > completions)
    tooMany(completions, 'the number of specified completions');
  if (succeededCount !== undefined && succeededIndexes !== undefined && succeededCount > named)
    tooMany(named, 'the number of indexes in the specified succeededIndexes field');
  return { succeededIndexes, succeededCount };
}

/** How many indexes a text such as `1,3-5` names; reports what is no such text (`validateIndexesFormat`). */
function countIndexes(rule: FieldReader, text: string, completions: number): number {
  const problem = (why: string): 0 => {
    rule.at.field('succeededIndexes').invalid(text, `error parsing succeededIndexes: ${why}`);
    return 0;
  };
  let count = 0;
  let last = -1;
  for (const part of text === '' ? [] : text.split(',')) {
    const limits = part.split('-');
    if (limits.length > 2)
      return problem(
        `the fragment "${part}" violates the requirement that an index interval can have at most two parts separated by '-'`,
      );
    const wrong = limits.find((limit) => !/^\d{1,10}$/.test(limit));
    if (wrong !== undefined) return problem(`cannot convert string to integer for index: "${wrong}"`);
    const first = Number(limits[0]);
    const end = Number(limits[1] ?? limits[0]);
    const late = [first, end].find((limit) => limit >= completions);
    if (late !== undefined) return problem(`too large index: "${late}"`);
    if (first <= last) return problem(`non-increasing order, previous: ${last}, current: ${first}`);
    if (limits.length === 2 && first >= end)
      return problem(`non-increasing order, previous: ${first}, current: ${end}`);
    count += end - first + 1;
    last = end;
  }
  return count;
}
