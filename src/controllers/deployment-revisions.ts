/** Revisions of a Deployment and the annotations that carry them (upstream pkg/controller/deployment/util/deployment_util.go). Pure. */
import type { Deployment, ReplicaSet } from '../api/apps-v1.ts';
import type { PodTemplateSpec } from '../api/core-v1.ts';
import { labelsOf, sameLabelsBut, sortedLabels } from '../api/labels.ts';
import type { ApiObject } from '../api/meta-v1.ts';
import { labelValue, metadataWith } from '../api/meta-v1.ts';
import { semanticEqual } from '../util/semantic-equal.ts';

/** Label that tells the pods of one ReplicaSet of a Deployment from those of the next. */
export const hashLabel = 'pod-template-hash';

const revisionKey = 'deployment.kubernetes.io/revision';
const historyKey = 'deployment.kubernetes.io/revision-history';
const desiredKey = 'deployment.kubernetes.io/desired-replicas';
const maxKey = 'deployment.kubernetes.io/max-replicas';

/** Annotations of a Deployment that its ReplicaSets do not take over. */
const notCopied: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionKey,
  historyKey,
  desiredKey,
  maxKey,
  'deprecated.deployment.rollback.to',
]);

/** Characters of the list of earlier revisions; the oldest are dropped (maxRevHistoryLengthInChars). */
const historyLengthMax = 2000;

function numberOf(object: ApiObject, key: string): number | undefined {
  const text = labelValue(object.metadata.annotations, key);
  return text !== undefined && /^-?[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

/** 0 where there is none. */
export function revisionOf(object: ApiObject): number {
  return numberOf(object, revisionKey) ?? 0;
}

/** Replicas that the Deployment wanted when it last scaled this set. */
export function desiredReplicasOf(set: ReplicaSet): number | undefined {
  return numberOf(set, desiredKey);
}

/** Replicas and surge that the Deployment allowed when it last scaled this set. */
export function maxReplicasOf(set: ReplicaSet): number | undefined {
  return numberOf(set, maxKey);
}

/** The revision that comes after these sets. */
export function nextRevision(olds: readonly ReplicaSet[]): number {
  let last = 0;
  for (const old of olds) last = Math.max(last, revisionOf(old));
  return last + 1;
}

/** Oldest first; a total order. */
export function byCreation(a: ApiObject, b: ApiObject): number {
  if (a.metadata.creationTimestamp !== b.metadata.creationTimestamp)
    return a.metadata.creationTimestamp - b.metadata.creationTimestamp;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

/** The oldest set with the template of the Deployment (upstream FindNewReplicaSet). */
export function findNewReplicaSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  let oldest: ReplicaSet | undefined;
  for (const set of sets) {
    if (oldest !== undefined && byCreation(oldest, set) < 0) continue;
    if (isSameTemplate(set.spec.template, deployment.spec.template)) oldest = set;
  }
  return oldest;
}

/** Whether two templates differ at most in the label pod-template-hash. */
export function isSameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return (
    semanticEqual(a.spec, b.spec) &&
    semanticEqual(a.annotations, b.annotations) &&
    sameLabelsBut(hashLabel, a.labels, b.labels)
  );
}

/** The same object with some annotations set; the very same one where they are set already. */
function annotated<T extends ApiObject>(object: T, changes: readonly (readonly [string, string])[]): T {
  const { annotations } = object.metadata;
  const news = changes.filter(([key, value]) => labelValue(annotations, key) !== value);
  if (news.length === 0) return object;
  const entries = new Map([...sortedLabels(annotations), ...news]);
  return { ...object, metadata: metadataWith(object.metadata, { annotations: labelsOf(entries) }) };
}

/** A Deployment that says which revision is its newest. */
export function withRevision(deployment: Deployment, revision: number): Deployment {
  return annotated(deployment, [[revisionKey, String(revision)]]);
}

/** A set that says what its Deployment wanted when it was scaled. */
export function withReplicaCounts(set: ReplicaSet, desired: number, max: number): ReplicaSet {
  return annotated(set, [
    [desiredKey, String(desired)],
    [maxKey, String(max)],
  ]);
}

/**
 * A set with the annotations of its Deployment and a revision of at least `revision`; the very same one where nothing changes. A
 * set that is used again keeps its earlier revisions in a list (upstream SetNewReplicaSetAnnotations).
 */
export function withRevisionAnnotations(set: ReplicaSet, deployment: Deployment, revision: number): ReplicaSet {
  const changes: (readonly [string, string])[] = sortedLabels(deployment.metadata.annotations).filter(
    ([key]) => !notCopied.has(key),
  );
  const old = numberOf(set, revisionKey);
  if (old === undefined || old < revision) {
    changes.push([revisionKey, String(revision)]);
    if (old !== undefined)
      changes.push([historyKey, longerHistory(labelValue(set.metadata.annotations, historyKey) ?? '', old)]);
  }
  return annotated(set, changes);
}

function longerHistory(history: string, revision: number): string {
  const revisions = history === '' ? [] : history.split(',');
  revisions.push(String(revision));
  while (revisions.join(',').length > historyLengthMax) revisions.shift();
  return revisions.join(',');
}

/** Old sets that the history limit has no room for, lowest revision first; only those that are at rest may go. */
export function surplusHistory(olds: readonly ReplicaSet[], limit: number): readonly ReplicaSet[] {
  const alive = olds.filter((set) => set.metadata.deletionTimestamp === undefined);
  const surplus = alive.length - limit;
  if (surplus <= 0) return [];
  const sorted = alive.sort((a, b) => revisionOf(a) - revisionOf(b) || byCreation(a, b));
  return sorted.slice(0, surplus).filter(({ spec, status, metadata }) => {
    return spec.replicas === 0 && status.replicas === 0 && metadata.generation <= status.observedGeneration;
  });
}
