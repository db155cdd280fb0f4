/** What a StatefulSet is to do next (upstream pkg/controller/statefulset/stateful_set_control.go, stateful_set_utils.go). Pure. */
import type { StatefulSet, StatefulSetStatus } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Timestamp } from '../api/meta-v1.ts';
import { labelValue } from '../api/meta-v1.ts';
import { isPodAvailable, isPodReady, isPodTerminal } from '../api/pod-conditions.ts';
import { scaledValue } from './replica-arithmetic.ts';
import { revisionLabel } from './template-revisions.ts';

/** The pods of a set by their ordinals. */
export interface SetPods {
  readonly set: StatefulSet;
  /** By ordinal from the first on; undefined where a pod is missing. */
  readonly replicas: readonly (Pod | undefined)[];
  /** Pods of ordinals that are not wanted, the highest first. */
  readonly condemned: readonly Pod[];
  /** Whole seconds. */
  readonly now: Timestamp;
}

/** The ordinal in the name of a member of the set; -1 for any other pod. */
export function ordinalOf(set: StatefulSet, pod: Pod): number {
  const { name } = pod.metadata;
  const prefix = `${set.metadata.name}-`;
  const digits = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return /^[0-9]{1,9}$/.test(digits) ? Number(digits) : -1;
}

/** Puts the pods of a set in order. */
export function arrange(set: StatefulSet, pods: readonly Pod[], now: Timestamp): SetPods {
  const { firstOrdinal, replicas: count } = set.spec;
  const replicas = new Array<Pod | undefined>(count).fill(undefined);
  const condemned: Pod[] = [];
  for (const pod of pods) {
    const at = ordinalOf(set, pod) - firstOrdinal;
    if (at >= 0 && at < count) replicas[at] = pod;
    else if (ordinalOf(set, pod) >= 0) condemned.push(pod);
  }
  condemned.sort((a, b) => ordinalOf(set, b) - ordinalOf(set, a));
  return { set, replicas, condemned, now };
}

/** The revision that a pod was made from. */
export function revisionOfPod(pod: Pod): string {
  return labelValue(pod.metadata.labels, revisionLabel) ?? '';
}

/** Whether the deletion of a pod has been asked for. */
export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** Phase Running and Ready. */
export function isRunningAndReady(pod: Pod): boolean {
  return pod.status.phase === 'Running' && isPodReady(pod);
}

/** Ready for as long as the set wants. */
export function isAvailable({ set, now }: SetPods, pod: Pod): boolean {
  return isPodAvailable(pod, set.spec.minReadySeconds, now);
}

function isUnavailable(pods: SetPods, pod: Pod | undefined): boolean {
  return pod === undefined || isTerminating(pod) || !isAvailable(pods, pod);
}

/** The counters before anything is done. */
export function countSet(pods: SetPods, currentRevision: string, updateRevision: string): StatefulSetStatus {
  const counts = { replicas: 0, readyReplicas: 0, availableReplicas: 0, currentReplicas: 0, updatedReplicas: 0 };
  for (const pod of [...pods.replicas, ...pods.condemned]) {
    if (pod === undefined) continue;
    counts.replicas++;
    if (isRunningAndReady(pod)) counts.readyReplicas++;
    if (isRunningAndReady(pod) && isAvailable(pods, pod)) counts.availableReplicas++;
    if (isTerminating(pod)) continue;
    if (revisionOfPod(pod) === currentRevision) counts.currentReplicas++;
    if (revisionOfPod(pod) === updateRevision) counts.updatedReplicas++;
  }
  const { metadata, status } = pods.set;
  return { ...status, ...counts, observedGeneration: metadata.generation, currentRevision, updateRevision };
}

/** The unavailable pod of the lowest wanted ordinal, else of the lowest unwanted one. */
export function firstUnavailable(pods: SetPods): Pod | undefined {
  const isOut = (pod: Pod | undefined): boolean => pod !== undefined && isUnavailable(pods, pod);
  // A pod that is missing is the first unavailable one too, but nobody asks for it.
  for (const pod of pods.replicas) if (pod === undefined || isOut(pod)) return pod;
  return pods.condemned.toReversed().find(isOut);
}

/** What has to happen to the pod of a wanted ordinal before the next one is looked at. */
export type ReplicaStep = 'none' | 'create' | 'delete' | 'wait';

/** The step for one wanted ordinal. */
export function replicaStep(pods: SetPods, pod: Pod | undefined): ReplicaStep {
  if (pod === undefined) return 'create';
  if (isPodTerminal(pod)) return isTerminating(pod) ? 'wait' : 'delete';
  if (isTerminating(pod) || !isRunningAndReady(pod) || !isAvailable(pods, pod)) return 'wait';
  return 'none';
}

/** Whether a condemned pod may go now. */
export function mayCondemn(pods: SetPods, pod: Pod, unavailable: Pod | undefined): boolean {
  const isHealthy = isRunningAndReady(pod) && isAvailable(pods, pod);
  return isHealthy || pod === unavailable || pods.set.spec.podManagementPolicy === 'Parallel';
}

/** Pods of the old revision that a rolling update deletes now (with maxUnavailable; gate MaxUnavailableStatefulSet is on). */
export function podsToUpdate(pods: SetPods, updateRevision: string): readonly Pod[] {
  const { updateStrategy, podManagementPolicy, replicas: count } = pods.set.spec;
  if (updateStrategy.type !== 'RollingUpdate') return [];
  const isParallel = podManagementPolicy === 'Parallel';
  const isOld = (pod: Pod | undefined): pod is Pod =>
    pod !== undefined && revisionOfPod(pod) !== updateRevision && !isTerminating(pod);
  const budget = Math.max(1, scaledValue(updateStrategy.maxUnavailable, count, 'down'));
  const unavailableCount = pods.replicas.filter((pod) => isUnavailable(pods, pod)).length;
  const updatable = pods.replicas.slice(updateStrategy.partition).filter(isOld).reverse();
  const broken = isParallel ? updatable.filter((pod) => !isAvailable(pods, pod)) : [];
  const room = Math.max(0, budget - unavailableCount);
  return [...broken, ...updatable.filter((pod) => !broken.includes(pod)).slice(0, room)];
}

/** The status after an update is through, by whomever: what was the update is the current revision (upstream `completeUpdate`). */
export function completed(set: StatefulSet, status: StatefulSetStatus): StatefulSetStatus {
  const isThrough =
    status.updatedReplicas === status.replicas &&
    status.readyReplicas === status.replicas &&
    status.replicas === set.spec.replicas;
  if (!isThrough) return status;
  return { ...status, currentRevision: status.updateRevision, currentReplicas: status.updatedReplicas };
}
