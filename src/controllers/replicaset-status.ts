/** The status of a ReplicaSet from its pods (upstream pkg/controller/replicaset/replica_set_utils.go). Pure. */
import type { ReplicaSet, ReplicaSetStatus } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Condition, Timestamp } from '../api/meta-v1.ts';
import { isPodAvailable, isPodReady } from '../api/pod-conditions.ts';
import { conditionSince } from '../api/pod-status.ts';
import { semanticEqual } from '../util/semantic-equal.ts';
import type { ReplicaTally } from './replica-tallies.ts';

/**
 * The status that a sync writes.
 *
 * @param refusal why replicas could not be created or deleted; undefined when all went well.
 * @param now whole seconds.
 */
export function replicaSetStatus(
  set: ReplicaSet,
  tally: ReplicaTally,
  refusal: string | undefined,
  now: Timestamp,
): ReplicaSetStatus {
  return {
    observedGeneration: set.metadata.generation,
    replicas: tally.active,
    fullyLabeledReplicas: tally.fullyLabeled,
    readyReplicas: tally.ready,
    availableReplicas: tally.available,
    terminatingReplicas: set.kind === 'ReplicaSet' ? tally.terminating : 0,
    conditions: conditionsOf(set, tally.active, refusal, now),
  };
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
