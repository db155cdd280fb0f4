/** Decoders of a Job's podFailurePolicy and successPolicy (`pkg/apis/batch/v1/defaults.go`). */
import type { JobSpec, PodFailurePolicyOnExitCodes } from '../batch-v1.ts';
import type { FieldReader } from './field-reader.ts';

/** The rules for pods that fail. */
export function decodePodFailurePolicy(reader: FieldReader): NonNullable<JobSpec['podFailurePolicy']> {
  const rules = reader.objects('rules').map((rule) => ({
    action: rule.choice('action', ['FailJob', 'FailIndex', 'Ignore', 'Count'], 'Count'),
    onExitCodes: decodeExitCodes(rule.object('onExitCodes')),
    onPodConditions: rule
      .objects('onPodConditions')
      .map((pattern) => ({ type: pattern.requiredText('type'), status: pattern.text('status', 'True') })),
  }));
  return { rules };
}

function decodeExitCodes(reader: FieldReader | undefined): PodFailurePolicyOnExitCodes | undefined {
  if (reader === undefined) return undefined;
  return {
    containerName: reader.has('containerName') ? reader.text('containerName') : undefined,
    operator: reader.choice('operator', ['In', 'NotIn'], 'In'),
    values: reader.list('values').filter((value): value is number => Number.isSafeInteger(value)),
  };
}

/** The rules by which a Job succeeds early; undefined without any. */
export function decodeSuccessPolicy(spec: FieldReader): JobSpec['successPolicy'] {
  const reader = spec.object('successPolicy');
  if (reader === undefined) return undefined;
  const rules = reader.objects('rules').map((rule) => ({
    succeededIndexes: rule.has('succeededIndexes') ? rule.text('succeededIndexes') : undefined,
    succeededCount: rule.optionalInteger('succeededCount'),
  }));
  return { rules };
}
