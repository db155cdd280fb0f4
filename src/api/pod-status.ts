/**
 * Status of a pod in a compact form: a cluster holds millions of pod versions, so the five conditions that the system
 * itself sets are small integers here and become Kubernetes conditions only when somebody asks (`podConditions`).
 */
import type { Condition, Timestamp } from './meta-v1.ts';

/** The five values of the API; CrashLoopBackOff and the like are reasons, not phases. */
export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';

/** One condition in one small integer: -1 absent, else `2 * lastTransitionTime + (True ? 1 : 0)`. */
export type PackedCondition = number;

export const absentCondition: PackedCondition = -1;

/** Packs a condition; `since` in whole seconds. */
export function packCondition(isTrue: boolean, since: Timestamp): PackedCondition {
  return since * 2 + (isTrue ? 1 : 0);
}

/** Whether the condition is there and True. */
export function isConditionTrue(packed: PackedCondition): boolean {
  return packed >= 0 && packed % 2 === 1;
}

/** lastTransitionTime, whole seconds; -1 when the condition is absent. */
export function conditionSince(packed: PackedCondition): Timestamp {
  return packed < 0 ? -1 : Math.floor(packed / 2);
}

/** The condition after an observation: the transition time moves only when the status changes. */
export function observeCondition(packed: PackedCondition, isTrue: boolean, now: Timestamp): PackedCondition {
  return packed >= 0 && isConditionTrue(packed) === isTrue ? packed : packCondition(isTrue, now);
}

/** Which of the three states a container is in. */
export type ContainerPhase = 'waiting' | 'running' | 'terminated';

/** One of the three container states of the API, flattened: fields that the phase does not use hold their neutral value. */
export interface ContainerState {
  readonly phase: ContainerPhase;
  /** Waiting: ContainerCreating, PodInitializing, ImagePullBackOff, ErrImagePull, CrashLoopBackOff; terminated: Completed, Error, OOMKilled. */
  readonly reason: string;
  readonly message: string;
  /** Terminated only; else 0. */
  readonly exitCode: number;
  /** Running and terminated; else -1. */
  readonly startedAt: Timestamp;
  /** Terminated only; else -1. */
  readonly finishedAt: Timestamp;
}

/** What the kubelet last said of one container. */
export interface ContainerStatus {
  /** Index into the pod's (init) containers. */
  readonly index: number;
  readonly state: ContainerState;
  /** The previous termination, if any. */
  readonly lastState: ContainerState | undefined;
  readonly restartCount: number;
  readonly ready: boolean;
  readonly started: boolean;
  /** Resize in place: what the kubelet granted (`allocatedResources`), as in a ResourceList; absent = not told. */
  readonly allocatedResources?: ReadonlyMap<string, number>;
  /** Resize in place: the requests in force (`resources.requests`); absent = not told. */
  readonly actualRequests?: ReadonlyMap<string, number>;
}

/** The status of a pod, times in whole seconds. */
export interface PodStatus {
  readonly phase: PodPhase;
  /** Empty, or for example `Evicted`, `NodeLost`, `DeadlineExceeded`. */
  readonly reason: string;
  readonly message: string;
  /** When the kubelet first saw the pod; -1 before. */
  readonly startTime: Timestamp;
  readonly nominatedNodeName: string;
  readonly podScheduled: PackedCondition;
  readonly readyToStartContainers: PackedCondition;
  readonly initialized: PackedCondition;
  readonly containersReady: PackedCondition;
  readonly ready: PackedCondition;
  /** Message of PodScheduled=False (reason Unschedulable or SchedulingGated); else empty. */
  readonly schedulingMessage: string;
  /** Conditions that others set, for example DisruptionTarget. */
  readonly otherConditions: readonly Condition[];
  readonly containerStatuses: readonly ContainerStatus[];
  readonly initContainerStatuses: readonly ContainerStatus[];
  /** Index of the pod's address in the node's range; -1 = none yet. Printed by `podAddress`. */
  readonly podIP: number;
}

/** Status of a pod that nobody has looked at yet; every pod starts with this very value. */
export const newPodStatus: PodStatus = Object.freeze({
  phase: 'Pending',
  reason: '',
  message: '',
  startTime: -1,
  nominatedNodeName: '',
  podScheduled: absentCondition,
  readyToStartContainers: absentCondition,
  initialized: absentCondition,
  containersReady: absentCondition,
  ready: absentCondition,
  schedulingMessage: '',
  otherConditions: Object.freeze([]) as readonly Condition[],
  containerStatuses: Object.freeze([]) as readonly ContainerStatus[],
  initContainerStatuses: Object.freeze([]) as readonly ContainerStatus[],
  podIP: -1,
});

/**
 * A status with some fields replaced. Stored statuses have accessors, which a spread would lose: they are rebuilt by this
 * function, and a lint rule forbids to spread them.
 */
export function statusWith(status: PodStatus, changes: Partial<PodStatus>): PodStatus {
  return {
    phase: status.phase,
    reason: status.reason,
    message: status.message,
    startTime: status.startTime,
    nominatedNodeName: status.nominatedNodeName,
    podScheduled: status.podScheduled,
    readyToStartContainers: status.readyToStartContainers,
    initialized: status.initialized,
    containersReady: status.containersReady,
    ready: status.ready,
    schedulingMessage: status.schedulingMessage,
    otherConditions: status.otherConditions,
    containerStatuses: status.containerStatuses,
    initContainerStatuses: status.initContainerStatuses,
    podIP: status.podIP,
    ...changes,
  };
}

/** The pod's conditions as the API shows them, in upstream's order. Builds a list: not for hot paths. */
export function podConditions(status: PodStatus): readonly Condition[] {
  const conditions: Condition[] = [...status.otherConditions];
  const add = (type: string, packed: PackedCondition, reason: string, message: string): void => {
    if (packed < 0) return;
    const isTrue = isConditionTrue(packed);
    conditions.push({
      type,
      status: isTrue ? 'True' : 'False',
      lastTransitionTime: conditionSince(packed),
      reason: isTrue ? '' : reason,
      message: isTrue ? '' : message,
    });
  };
  add('PodReadyToStartContainers', status.readyToStartContainers, '', '');
  add('Initialized', status.initialized, 'ContainersNotInitialized', '');
  add('Ready', status.ready, 'ContainersNotReady', '');
  add('ContainersReady', status.containersReady, 'ContainersNotReady', '');
  add('PodScheduled', status.podScheduled, 'Unschedulable', status.schedulingMessage);
  return conditions;
}
