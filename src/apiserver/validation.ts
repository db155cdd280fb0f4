/**
 * What an update may not change (upstream pkg/apis/{apps,batch,core,scheduling}/validation). Whether a value is legal by itself
 * has been seen when its manifest was read.
 */
import { annotationBytesMax, areTooLong } from '../api/annotation-size.ts';
import type { DeploymentSpec, StatefulSetSpec } from '../api/apps-v1.ts';
import type { Job, JobSpec } from '../api/batch-v1.ts';
import type { Node, PodTemplateSpec, Service } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import { labelsOf, sortedLabels } from '../api/labels.ts';
import type { LabelSelector } from '../api/meta-v1.ts';
import type { PriorityClass } from '../api/scheduling-v1.ts';
import { semanticEqual } from '../util/semantic-equal.ts';
import { immutable, none } from './immutable-field.ts';
import { aggregate, qualifiedKind } from './outcome.ts';
import { podUpdateProblems } from './pod-update-validation.ts';
import type { ApiResponse } from './requests.ts';
import { claimUpdateProblems, classUpdateProblems, volumeUpdateProblems } from './storage-update-validation.ts';

type Check<K extends Kind> = (stored: KindMap[K], next: KindMap[K]) => readonly string[];

const checks: { readonly [K in Kind]?: Check<K> } = {
  Deployment: (stored, next) => (stored.spec === next.spec ? none : selectorProblems(stored.spec, next.spec)),
  ReplicaSet: (stored, next) => (stored.spec === next.spec ? none : selectorProblems(stored.spec, next.spec)),
  DaemonSet: (stored, next) => (stored.spec === next.spec ? none : selectorProblems(stored.spec, next.spec)),
  StatefulSet: (stored, next) => (stored.spec === next.spec ? none : statefulSetProblems(stored.spec, next.spec)),
  Job: (stored, next) => (stored.spec === next.spec ? none : jobProblems(stored, next)),
  Pod: (stored, next) => (stored.spec === next.spec ? none : podUpdateProblems(stored.spec, next.spec)),
  Node: (stored, next) => (stored.spec === next.spec ? none : nodeProblems(stored, next)),
  Service: serviceProblems,
  PriorityClass: priorityClassProblems,
  PersistentVolumeClaim: (stored, next) => (stored.spec === next.spec ? none : claimUpdateProblems(stored, next)),
  PersistentVolume: (stored, next) => (stored.spec === next.spec ? none : volumeUpdateProblems(stored, next)),
  StorageClass: classUpdateProblems,
  RuntimeClass: ({ handler }, next) => immutable('handler', handler, next.handler, quoted(next.handler)),
  ResourceQuota: ({ spec: before }, { spec: after }) =>
    immutable(
      'spec.scopes',
      before.scopes.toSorted(byName),
      after.scopes.toSorted(byName),
      `[${after.scopes.join(' ')}]`,
    ),
};

/** What an update of the main resource may not change, each with its field first. Unchanged specs cost one comparison. */
export function updateProblems<K extends Kind>(kind: K, stored: KindMap[K], next: KindMap[K]): readonly string[] {
  const check = checks[kind] as Check<K> | undefined;
  const problems = check === undefined ? none : check(stored, next);
  const { annotations } = next.metadata;
  if (annotations === stored.metadata.annotations || !areTooLong(annotations)) return problems;
  return [`metadata.annotations: Too long: may not be more than ${annotationBytesMax} bytes`, ...problems];
}

/** The refusal of an update of the main resource, or undefined. */
export function refuseUpdate<K extends Kind>(kind: K, stored: KindMap[K], next: KindMap[K]): ApiResponse | undefined {
  const problems = updateProblems(kind, stored, next);
  if (problems.length === 0) return undefined;
  const message = `${qualifiedKind(kind)} "${stored.metadata.name}" is invalid: ${aggregate(problems)}`;
  return { code: 'Invalid', object: undefined, message };
}

function selectorProblems(
  stored: Pick<DeploymentSpec, 'selector'>,
  next: Pick<DeploymentSpec, 'selector'>,
): readonly string[] {
  return immutable('spec.selector', stored.selector, next.selector, selectorText(next.selector));
}

/** As JSON, empty parts left out. */
function selectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return 'null';
  const { matchLabels, matchExpressions } = selector;
  const labels = labelsOf(sortedLabels(matchLabels));
  return JSON.stringify({
    ...(sortedLabels(matchLabels).length > 0 && { matchLabels: labels }),
    ...(matchExpressions.length > 0 && { matchExpressions }),
  });
}

/** Upstream names the fields that may change. */
function statefulSetProblems(stored: StatefulSetSpec, next: StatefulSetSpec): readonly string[] {
  const isSame =
    semanticEqual(stored.selector, next.selector) &&
    semanticEqual(stored.volumeClaimTemplates, next.volumeClaimTemplates) &&
    stored.serviceName === next.serviceName &&
    stored.podManagementPolicy === next.podManagementPolicy;
  if (isSame) return none;
  return [
    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', " +
      "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
  ];
}

function jobProblems(stored: Job, next: Job): readonly string[] {
  const before = stored.spec;
  const after = next.spec;
  return [
    ...completionsProblems(before, after),
    ...immutable('spec.selector', before.selector, after.selector, selectorText(after.selector)),
    ...immutable('spec.template', fixedTemplate(stored, after.template), after.template, 'an object'),
    ...immutable('spec.completionMode', before.completionMode, after.completionMode, quoted(after.completionMode)),
    ...immutable('spec.podFailurePolicy', before.podFailurePolicy, after.podFailurePolicy, 'an object'),
    ...immutable(
      'spec.backoffLimitPerIndex',
      before.backoffLimitPerIndex,
      after.backoffLimitPerIndex,
      String(after.backoffLimitPerIndex ?? null),
    ),
    ...immutable('spec.managedBy', before.managedBy, after.managedBy, quoted(after.managedBy)),
    ...immutable('spec.successPolicy', before.successPolicy, after.successPolicy, 'an object'),
  ];
}

/** Completions of an indexed Job may change together with its parallelism. */
function completionsProblems(before: JobSpec, after: JobSpec): readonly string[] {
  const { completions, parallelism } = after;
  if (completions === before.completions) return none;
  if (after.completionMode !== 'Indexed') {
    return immutable('spec.completions', before.completions, completions, String(completions ?? null));
  }
  if (completions === undefined || completions === parallelism) return none;
  return [`spec.completions: Invalid value: ${completions}: can only be modified in tandem with spec.parallelism`];
}

/** A Job that is suspended and has never started may still be told where its pods are to go. */
function fixedTemplate({ spec, status }: Job, next: PodTemplateSpec): PodTemplateSpec {
  const { template } = spec;
  if (!spec.suspend || status.startTime >= 0) return template;
  const { nodeSelector, affinity, tolerations, schedulingGates } = next.spec;
  const { labels, annotations } = next;
  return { labels, annotations, spec: { ...template.spec, nodeSelector, affinity, tolerations, schedulingGates } };
}

function nodeProblems({ spec: before }: Node, { spec: after }: Node): readonly string[] {
  const change = 'node updates may not change';
  return [
    ...(before.podCIDR !== '' && before.podCIDR !== after.podCIDR
      ? [`spec.podCIDRs: Forbidden: ${change} podCIDR except from "" to valid`]
      : none),
    ...(before.providerID !== '' && before.providerID !== after.providerID
      ? [`spec.providerID: Forbidden: ${change} providerID except from "" to valid`]
      : none),
  ];
}

function serviceProblems(stored: Service, next: Service): readonly string[] {
  const isFree = stored.clusterIP === '' || stored.clusterIP === next.clusterIP || next.type === 'ExternalName';
  if (isFree) return none;
  return [`spec.clusterIPs[0]: Invalid value: ${JSON.stringify([next.clusterIP])}: may not change once set`];
}

function priorityClassProblems(stored: PriorityClass, next: PriorityClass): readonly string[] {
  const { value, preemptionPolicy } = next;
  return [
    ...(stored.value === value ? none : ['value: Forbidden: may not be changed in an update.']),
    ...immutable('preemptionPolicy', stored.preemptionPolicy, preemptionPolicy, quoted(preemptionPolicy)),
  ];
}

const byName = (a: string, b: string): number => (a < b ? -1 : 1);

function quoted(text: string): string {
  return JSON.stringify(text);
}
