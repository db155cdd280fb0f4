/** What a Job's policies say of its pods (upstream pkg/controller/job/pod_failure_policy.go, success_policy.go). Pure. */
import type {
  Job,
  PodFailurePolicyAction,
  PodFailurePolicyOnExitCodes,
  PodFailurePolicyRule,
} from '../api/batch-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import { podConditions } from '../api/pod-status.ts';
import type { IndexRanges } from './job-indexes.ts';
import { countCommonIndexes, countIndexes, parseIndexes } from './job-indexes.ts';

/** The first rule that matches a failed pod; undefined: the failure counts. */
interface MatchedRule {
  readonly action: PodFailurePolicyAction;
  /** What matched, as the message of FailJob says it. */
  readonly finding: string;
  readonly index: number;
}

function matchedRule({ spec }: Job, pod: Pod): MatchedRule | undefined {
  for (const [index, rule] of (spec.podFailurePolicy?.rules ?? []).entries()) {
    const finding = rule.onExitCodes === undefined ? matchConditions(rule, pod) : matchExitCodes(rule.onExitCodes, pod);
    if (finding !== undefined) return { action: rule.action, finding, index };
  }
  return undefined;
}

/** What the policy does with a failed pod; without a rule for it the failure counts. */
export function failureActionOf(job: Job, pod: Pod): PodFailurePolicyAction {
  return matchedRule(job, pod)?.action ?? 'Count';
}

/** Whether a failed pod counts for nothing. */
export function isIgnored(job: Job, pod: Pod): boolean {
  return failureActionOf(job, pod) === 'Ignore';
}

/** Why the Job has to fail because of one of these failed pods; undefined = it has not. */
export function failJobMessage(job: Job, failedPods: readonly Pod[]): string | undefined {
  if (job.spec.podFailurePolicy === undefined) return undefined;
  for (const pod of failedPods) {
    const rule = matchedRule(job, pod);
    if (rule?.action === 'FailJob') return `${rule.finding} matching FailJob rule at index ${rule.index}`;
  }
  return undefined;
}

/** Containers come before init containers. */
function matchExitCodes(
  { containerName, operator, values }: PodFailurePolicyOnExitCodes,
  pod: Pod,
): string | undefined {
  const { spec, status, metadata } = pod;
  const named = [
    ...status.containerStatuses.map((entry) => ({ ...entry, name: spec.containers[entry.index]!.name })),
    ...status.initContainerStatuses.map((entry) => ({ ...entry, name: spec.initContainers[entry.index]!.name })),
  ];
  for (const { name, state } of named) {
    if (containerName !== undefined && containerName !== name) continue;
    if (state.phase !== 'terminated' || state.exitCode === 0) continue;
    if (values.includes(state.exitCode) !== (operator === 'In')) continue;
    return `Container ${name} for pod ${metadata.namespace}/${metadata.name} failed with exit code ${state.exitCode}`;
  }
  return undefined;
}

function matchConditions({ onPodConditions }: PodFailurePolicyRule, { status, metadata }: Pod): string | undefined {
  if (onPodConditions.length === 0) return undefined;
  const conditions = podConditions(status);
  for (const pattern of onPodConditions) {
    if (conditions.some(({ type, status: value }) => type === pattern.type && value === pattern.status))
      return `Pod ${metadata.namespace}/${metadata.name} has condition ${pattern.type}`;
  }
  return undefined;
}

/** The first rule of the success policy that is met; -1 = none. */
export function matchedSuccessRule({ spec }: Job, succeeded: IndexRanges): number {
  return (spec.successPolicy?.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return countIndexes(succeeded) >= (succeededCount ?? 0);
    const wanted = parseIndexes(succeededIndexes);
    return countCommonIndexes(succeeded, wanted) >= (succeededCount ?? countIndexes(wanted));
  });
}
