/** Status and progress of a Deployment (upstream pkg/controller/deployment/{sync,progress}.go). Pure; times in whole seconds. */
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../api/apps-v1.ts';
import type { ConditionStatus, Timestamp } from '../api/meta-v1.ts';
import { SECOND } from '../engine/time.ts';
import { maxUnavailable } from './replica-arithmetic.ts';

/** Upstream's "no deadline". */
const noDeadline = 2_147_483_647;

/** A Deployment with what belongs to it. */
export interface Rollout {
  readonly deployment: Deployment;
  /** The set with the present template; undefined before it is created. */
  readonly newer: ReplicaSet | undefined;
  readonly olds: readonly ReplicaSet[];
}

/** All sets of a rollout, the new one last. */
export function setsOf({ newer, olds }: Rollout): readonly ReplicaSet[] {
  return newer === undefined ? olds : [...olds, newer];
}

/** The condition of that type, if there is one. */
export function conditionOf(status: DeploymentStatus, type: string): DeploymentCondition | undefined {
  return status.conditions.find((condition) => condition.type === type);
}

/** Builds a condition that becomes true, false or unknown now. */
export function newCondition(
  type: string,
  status: ConditionStatus,
  reason: string,
  message: string,
  now: Timestamp,
): DeploymentCondition {
  return { type, status, lastTransitionTime: now, lastUpdateTime: now, reason, message };
}

/** Conditions with one set: the same status and reason change nothing, the same status keeps its transition time. */
export function withCondition(
  conditions: readonly DeploymentCondition[],
  wanted: DeploymentCondition,
): readonly DeploymentCondition[] {
  const present = conditions.find(({ type }) => type === wanted.type);
  if (present?.status === wanted.status && present.reason === wanted.reason) return conditions;
  const lastTransitionTime = present?.status === wanted.status ? present.lastTransitionTime : wanted.lastTransitionTime;
  return [...conditions.filter((condition) => condition !== present), { ...wanted, lastTransitionTime }];
}

function withoutCondition(conditions: readonly DeploymentCondition[], type: string): readonly DeploymentCondition[] {
  return conditions.some((condition) => condition.type === type)
    ? conditions.filter((condition) => condition.type !== type)
    : conditions;
}

/** Whether the Deployment has a progress deadline. */
export function hasDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== noDeadline;
}

/** Upstream DeploymentComplete: all replicas are of the present template and available. */
export function isComplete({ spec, metadata }: Deployment, status: DeploymentStatus): boolean {
  return (
    status.updatedReplicas === spec.replicas &&
    status.replicas === spec.replicas &&
    status.availableReplicas === spec.replicas &&
    status.observedGeneration >= metadata.generation
  );
}

/** Counters and the condition Available. */
export function countedStatus(rollout: Rollout, now: Timestamp): DeploymentStatus {
  const { deployment, newer } = rollout;
  const { spec, status, metadata } = deployment;
  const sets = setsOf(rollout);
  const sum = (of: (set: ReplicaSet) => number): number => sets.reduce((total, set) => total + of(set), 0);
  const availableReplicas = sum((set) => set.status.availableReplicas);
  const isAvailable = availableReplicas >= spec.replicas - maxUnavailable(spec);
  const available = isAvailable
    ? newCondition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
    : newCondition(
        'Available',
        'False',
        'MinimumReplicasUnavailable',
        'Deployment does not have minimum availability.',
        now,
      );
  return {
    observedGeneration: metadata.generation,
    replicas: sum((set) => set.status.replicas),
    updatedReplicas: newer?.status.replicas ?? 0,
    readyReplicas: sum((set) => set.status.readyReplicas),
    availableReplicas,
    unavailableReplicas: Math.max(0, sum((set) => set.spec.replicas) - availableReplicas),
    terminatingReplicas: sum((set) => set.status.terminatingReplicas),
    collisionCount: status.collisionCount,
    conditions: withCondition(status.conditions, available),
  };
}

/**
 * Counters, Available, Progressing and ReplicaFailure: the status at the end of a sync that rolls out.
 *
 * @param nowUs microseconds: a deadline may pass within a second.
 */
export function rolloutStatus(rollout: Rollout, nowUs: number): DeploymentStatus {
  const status = countedStatus(rollout, Math.floor(nowUs / SECOND));
  const conditions = withFailure(rollout, withProgress(rollout, status, nowUs));
  return { ...status, conditions };
}

function withProgress(rollout: Rollout, status: DeploymentStatus, nowUs: number): readonly DeploymentCondition[] {
  const { deployment } = rollout;
  const { conditions } = status;
  const now = Math.floor(nowUs / SECOND);
  if (!hasDeadline(deployment)) return withoutCondition(conditions, 'Progressing');
  const present = conditionOf(deployment.status, 'Progressing');
  const isAtRest = status.replicas === status.updatedReplicas && present?.reason === 'NewReplicaSetAvailable';
  if (isAtRest) return conditions;
  const subject = subjectOf(rollout);
  if (isComplete(deployment, status)) {
    const message = `${subject} has successfully progressed.`;
    return withCondition(conditions, newCondition('Progressing', 'True', 'NewReplicaSetAvailable', message, now));
  }
  if (hasProgressed(deployment.status, status)) {
    // Progress confirms the condition even where nothing else about it changes: its clock starts anew.
    const condition = newCondition('Progressing', 'True', 'ReplicaSetUpdated', `${subject} is progressing.`, now);
    const lastTransitionTime = present?.status === 'True' ? present.lastTransitionTime : now;
    return [...withoutCondition(conditions, 'Progressing'), { ...condition, lastTransitionTime }];
  }
  if (!hasTimedOut(deployment, present, nowUs)) return conditions;
  const message = `${subject} has timed out progressing.`;
  return withCondition(conditions, newCondition('Progressing', 'False', 'ProgressDeadlineExceeded', message, now));
}

function subjectOf({ deployment, newer }: Rollout): string {
  return newer === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${newer.metadata.name}"`;
}

/** More updated, fewer old, more ready or more available replicas than the stored status says. */
function hasProgressed(before: DeploymentStatus, after: DeploymentStatus): boolean {
  return (
    after.updatedReplicas > before.updatedReplicas ||
    after.replicas - after.updatedReplicas < before.replicas - before.updatedReplicas ||
    after.readyReplicas > before.readyReplicas ||
    after.availableReplicas > before.availableReplicas
  );
}

function hasTimedOut(deployment: Deployment, present: DeploymentCondition | undefined, nowUs: number): boolean {
  if (present === undefined || present.reason === 'NewReplicaSetAvailable') return false;
  if (present.reason === 'ProgressDeadlineExceeded') return true;
  return (present.lastUpdateTime + deployment.spec.progressDeadlineSeconds) * SECOND < nowUs;
}

/** The failure of the new set, else of the first old one that has one. */
function withFailure(
  { newer, olds }: Rollout,
  conditions: readonly DeploymentCondition[],
): readonly DeploymentCondition[] {
  for (const set of newer === undefined ? olds : [newer, ...olds]) {
    const failure = set.status.conditions.find(({ type }) => type === 'ReplicaFailure');
    if (failure === undefined) continue;
    const { status, reason, message, lastTransitionTime } = failure;
    return withCondition(conditions, newCondition('ReplicaFailure', status, reason, message, lastTransitionTime));
  }
  return withoutCondition(conditions, 'ReplicaFailure');
}

/**
 * How long until a rollout without progress must be looked at again, microseconds: until one second after its deadline (upstream
 * requeueStuckDeployment), or just after the deadline where that is less than a second away. Undefined when there is nothing to
 * wait for.
 */
export function deadlineCheckInUs(deployment: Deployment, status: DeploymentStatus, nowUs: number): number | undefined {
  const present = conditionOf(deployment.status, 'Progressing');
  if (!hasDeadline(deployment) || present === undefined) return undefined;
  // A finished rollout never times out, whatever its pods do later: upstream looks again and again and finds nothing.
  const isSettled = present.reason === 'ProgressDeadlineExceeded' || present.reason === 'NewReplicaSetAvailable';
  if (isSettled || isComplete(deployment, status)) return undefined;
  const left = (present.lastUpdateTime + deployment.spec.progressDeadlineSeconds) * SECOND - nowUs;
  return left < SECOND ? Math.max(0, left) + 1 : left + SECOND;
}
