/** The status of a ReplicaSet from its pods (upstream pkg/controller/replicaset/replica_set_utils.go). Pure. */
import type { ReplicaSet, ReplicaSetStatus } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import { compileSelector } from '../api/labels.ts';
import type { Condition, Labels, Timestamp } from '../api/meta-v1.ts';
import { isPodAvailable, isPodReady } from '../api/pod-conditions.ts';
import { conditionSince } from '../api/pod-status.ts';
import { semanticEqual } from '../util/semantic-equal.ts';

/** What a sync knows of the pods of a ReplicaSet. */
export interface ReplicaSetPods {
  readonly active: readonly Pod[];
  readonly terminatingCount: number;
}

/**
 * The status that a sync writes.
 *
 * @param refusal why replicas could not be created or deleted; undefined when all went well.
 * @param now whole seconds.
 */
export function replicaSetStatus(
  set: ReplicaSet,
  pods: ReplicaSetPods,
  refusal: string | undefined,
  now: Timestamp,
): ReplicaSetStatus {
  const { spec } = set;
  let readyReplicas = 0;
  let availableReplicas = 0;
  for (const pod of pods.active) {
    if (isPodReady(pod)) readyReplicas++;
    if (isPodAvailable(pod, spec.minReadySeconds, now)) availableReplicas++;
  }
  return {
    observedGeneration: set.metadata.generation,
    replicas: pods.active.length,
    fullyLabeledReplicas: countFullyLabeled(pods.active, spec.template.labels),
    readyReplicas,
    availableReplicas,
    terminatingReplicas: set.kind === 'ReplicaSet' ? pods.terminatingCount : 0,
    conditions: conditionsOf(set, pods.active.length, refusal, now),
  };
}

function countFullyLabeled(pods: readonly Pod[], wanted: Labels): number {
  const isFull = compileSelector({ matchLabels: wanted, matchExpressions: [] });
  let count = 0;
  for (const { metadata } of pods) if (isFull(metadata.labels)) count++;
  return count;
}

/** A ReplicaFailure that is there stays as it is until a sync without refusal. */
function conditionsOf(
  { spec, status }: ReplicaSet,
  activeCount: number,
  refusal: string | undefined,
  now: Timestamp,
): readonly Condition[] {
  const present = status.conditions.find(({ type }) => type === 'ReplicaFailure');
  if (refusal === undefined)
    return present === undefined ? status.conditions : status.conditions.filter((condition) => condition !== present);
  if (present !== undefined) return status.conditions;
  const reason = activeCount < spec.replicas ? 'FailedCreate' : 'FailedDelete';
  const failure: Condition = {
    type: 'ReplicaFailure',
    status: 'True',
    lastTransitionTime: now,
    reason,
    message: refusal,
  };
  return [...status.conditions, failure];
}

/** Whether a status says what the stored one says. */
export function isSameStatus(a: ReplicaSetStatus, b: ReplicaSetStatus): boolean {
  return semanticEqual(a, b);
}

/** The earliest time, in whole seconds, at which a ready pod turns available; undefined when none waits for that. */
export function nextAvailability(pods: readonly Pod[], minReadySeconds: number, now: Timestamp): Timestamp | undefined {
  let next: Timestamp | undefined;
  for (const pod of pods) {
    if (!isPodReady(pod) || isPodAvailable(pod, minReadySeconds, now)) continue;
    const at = conditionSince(pod.status.ready) + minReadySeconds;
    if (next === undefined || at < next) next = at;
  }
  return next;
}
