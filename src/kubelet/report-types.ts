/** What a kubelet says of a pod at one moment, and what that depends on. */
import type { ContainerStatus, PodPhase } from '../api/pod-status.ts';

/** Why a pod ended, where its containers do not say it: reason and message of the status. */
export interface EndReason {
  /** Empty = the phase follows from the containers. */
  readonly reason: string;
  readonly message: string;
  /** Message of the condition DisruptionTarget, where the kubelet sets it. */
  readonly disruption?: string;
  /** The kubelet needs what the pod takes. Not so told where a pod makes room for another one: its kubelet does nothing else then. */
  readonly isEviction?: boolean;
  /** Of a pod that has succeeded before it is told to end it is told as well. */
  readonly joinsSuccess?: boolean;
  /** It had succeeded by then. */
  readonly isToldOfSuccess?: boolean;
  /** It holds whatever the containers say; else they still may say that the pod has succeeded. */
  readonly isLasting?: boolean;
}

/** A pod as its kubelet sees it at one moment; times in whole seconds. */
export interface PodReport {
  readonly phase: PodPhase;
  /** The phase is not told yet: containers may still run. */
  readonly isHeldBack: boolean;
  readonly reason: string;
  readonly message: string;
  readonly disruption: string | undefined;
  readonly at: number;
  readonly startTime: number;
  /** -1 = the sandbox is not ready. */
  readonly sandboxSince: number;
  readonly isInitialized: boolean;
  /** A container has ended by whose rule all are started anew; undefined = there is no such rule. */
  readonly restartsAll: boolean | undefined;
  readonly areContainersReady: boolean;
  readonly containerStatuses: readonly ContainerStatus[];
  readonly initContainerStatuses: readonly ContainerStatus[];
  /** -1 = none. */
  readonly podIP: number;
}

/** What a report depends on beside the worker. */
export interface ReportInputs {
  /** Whole seconds. */
  readonly at: number;
  /** Ends of containers after this moment are not known yet, microseconds. */
  readonly seenUntil: number;
  readonly end: EndReason | undefined;
  /** The pod is being deleted: nothing is restarted. */
  readonly isDeleted: boolean;
  /** A pod that has not succeeded by now has failed. */
  readonly isLast: boolean;
  /** Only this is news; undefined = all is told. */
  readonly news: RowNews | undefined;
}

/** What probes say of one container, and what has been told of all before. */
export interface RowNews {
  readonly row: number;
  readonly what: 'ready' | 'started';
  readonly containerStatuses: readonly ContainerStatus[];
  readonly initContainerStatuses: readonly ContainerStatus[];
}
