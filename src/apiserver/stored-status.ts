/** Statuses of stored pods: what differs from pod to pod, and one value for what few pods have. */
import type { Condition, Timestamp } from '../api/meta-v1.ts';
import type { ContainerStatus, PackedCondition, PodPhase, PodStatus } from '../api/pod-status.ts';
import { newPodStatus } from '../api/pod-status.ts';

/** Fields that are empty in the status of a pod that simply runs. */
interface RareStatus {
  readonly reason: string;
  readonly message: string;
  readonly nominatedNodeName: string;
  readonly schedulingMessage: string;
  readonly otherConditions: readonly Condition[];
  readonly initContainerStatuses: readonly ContainerStatus[];
}

/** Read as any status; must not be spread (see `statusWith`). */
class StoredStatus implements PodStatus {
  readonly phase: PodPhase;
  readonly startTime: Timestamp;
  readonly podScheduled: PackedCondition;
  readonly readyToStartContainers: PackedCondition;
  readonly initialized: PackedCondition;
  readonly containersReady: PackedCondition;
  readonly ready: PackedCondition;
  readonly containerStatuses: readonly ContainerStatus[];
  readonly podIP: number;
  readonly rare: RareStatus;

  constructor(status: PodStatus, rare: RareStatus) {
    this.phase = status.phase;
    this.startTime = status.startTime;
    this.podScheduled = status.podScheduled;
    this.readyToStartContainers = status.readyToStartContainers;
    this.initialized = status.initialized;
    this.containersReady = status.containersReady;
    this.ready = status.ready;
    this.containerStatuses = status.containerStatuses;
    this.podIP = status.podIP;
    this.rare = rare;
  }

  get reason(): string {
    return this.rare.reason;
  }
  get message(): string {
    return this.rare.message;
  }
  get nominatedNodeName(): string {
    return this.rare.nominatedNodeName;
  }
  get schedulingMessage(): string {
    return this.rare.schedulingMessage;
  }
  get otherConditions(): readonly Condition[] {
    return this.rare.otherConditions;
  }
  get initContainerStatuses(): readonly ContainerStatus[] {
    return this.rare.initContainerStatuses;
  }
}

const nothingRare: RareStatus = Object.freeze({
  reason: '',
  message: '',
  nominatedNodeName: '',
  schedulingMessage: '',
  otherConditions: newPodStatus.otherConditions,
  initContainerStatuses: newPodStatus.initContainerStatuses,
});

/** The stored form of a status; `before` is the status of the version that it replaces. */
export function storedStatus(status: PodStatus, before: PodStatus | undefined): PodStatus {
  // The status that every pod starts with is one value.
  if (status instanceof StoredStatus || status === newPodStatus) return status;
  return new StoredStatus(status, rareOf(status, before));
}

function rareOf(status: PodStatus, before: PodStatus | undefined): RareStatus {
  if (isSame(nothingRare, status)) return nothingRare;
  if (before instanceof StoredStatus && isSame(before.rare, status)) return before.rare;
  return {
    reason: status.reason,
    message: status.message,
    nominatedNodeName: status.nominatedNodeName,
    schedulingMessage: status.schedulingMessage,
    otherConditions: status.otherConditions,
    initContainerStatuses: status.initContainerStatuses,
  };
}

function isSame(rare: RareStatus, status: PodStatus): boolean {
  return (
    rare.reason === status.reason &&
    rare.message === status.message &&
    rare.nominatedNodeName === status.nominatedNodeName &&
    rare.schedulingMessage === status.schedulingMessage &&
    isSameList(rare.otherConditions, status.otherConditions) &&
    isSameList(rare.initContainerStatuses, status.initContainerStatuses)
  );
}

/** Two empty lists are the same. */
function isSameList(list: readonly unknown[], other: readonly unknown[]): boolean {
  return list === other || (list.length === 0 && other.length === 0);
}
