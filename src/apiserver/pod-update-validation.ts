/** The few fields of a pod's spec that an update may change (upstream pkg/apis/core/validation ValidatePodUpdate). */
import type { Container, PodSpec, Toleration } from '../api/core-v1.ts';
import { semanticEqual } from '../util/semantic-equal.ts';

const none: readonly string[] = [];

/** Fields that nobody may change once the pod exists. */
const fixedFields = [
  'restartPolicy',
  'nodeName',
  'topologySpreadConstraints',
  'schedulerName',
  'priorityClassName',
  'priority',
  'preemptionPolicy',
  'overhead',
  'resources',
  'volumes',
  'hostNetwork',
  'readinessGates',
  'resourceClaims',
  'runtimeClassName',
  'hostUsers',
] as const satisfies readonly (keyof PodSpec)[];

/** Fixed once the pod is free to be scheduled. */
const placementFields = ['nodeSelector', 'affinity'] as const satisfies readonly (keyof PodSpec)[];

const otherChange =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,' +
  '`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** What is wrong with a change of a pod's spec, in upstream's words and order, without the printed difference. */
export function podUpdateProblems(before: PodSpec, after: PodSpec): readonly string[] {
  const counts = [...countProblems('containers', before, after), ...countProblems('initContainers', before, after)];
  if (counts.length > 0) return counts;
  return [
    ...deadlineProblems(before.activeDeadlineSeconds, after.activeDeadlineSeconds),
    ...tolerationProblems(before.tolerations, after.tolerations),
    ...gateProblems(before.schedulingGates, after.schedulingGates),
    ...(hasOtherChange(before, after) ? [otherChange] : none),
  ];
}

function countProblems(field: 'containers' | 'initContainers', before: PodSpec, after: PodSpec): readonly string[] {
  if (before[field].length === after[field].length) return none;
  return [`spec.${field}: Forbidden: pod updates may not add or remove containers`];
}

function deadlineProblems(before: number | undefined, after: number | undefined): readonly string[] {
  if (before === undefined || before === after) return none;
  const field = 'spec.activeDeadlineSeconds: Invalid value';
  if (after === undefined) return [`${field}: null: must not update from a positive integer to nil value`];
  return after > before ? [`${field}: ${after}: must be less than or equal to previous value`] : none;
}

function tolerationProblems(before: readonly Toleration[], after: readonly Toleration[]): readonly string[] {
  if (before === after) return none;
  const isKept = (old: Toleration): boolean =>
    after.some((entry) => semanticEqual({ ...old, tolerationSeconds: entry.tolerationSeconds }, entry));
  if (before.every(isKept)) return none;
  return ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'];
}

function gateProblems(before: readonly string[], after: readonly string[]): readonly string[] {
  const added = after.find((gate) => !before.includes(gate));
  if (added === undefined) return none;
  return [`spec.schedulingGates: Forbidden: only deletion is allowed, but found new scheduling gate '${added}'`];
}

function hasOtherChange(before: PodSpec, after: PodSpec): boolean {
  const isChanged = (field: keyof PodSpec): boolean =>
    before[field] !== after[field] && !semanticEqual(before[field], after[field]);
  if (fixedFields.some(isChanged)) return true;
  if (before.schedulingGates.length === 0 && placementFields.some(isChanged)) return true;
  if (!sameButImages(before.containers, after.containers)) return true;
  if (!sameButImages(before.initContainers, after.initContainers)) return true;
  const wasNegative = before.terminationGracePeriodSeconds < 0 && after.terminationGracePeriodSeconds === 1;
  return before.terminationGracePeriodSeconds !== after.terminationGracePeriodSeconds && !wasNegative;
}

function sameButImages(before: readonly Container[], after: readonly Container[]): boolean {
  if (before === after) return true;
  return before.every((container, at) => semanticEqual({ ...container, image: after[at]!.image }, after[at]));
}
