/** The parts of apps/v1 that the simulator reads. */
import type { PodTemplateSpec } from './core-v1.ts';
import type { ApiObject, Condition, LabelSelector, Labels, Timestamp } from './meta-v1.ts';

/** A count or a percentage of the replicas, as written in a manifest. */
export type IntOrPercent = { readonly count: number } | { readonly percent: number };

export interface DeploymentStrategy {
  readonly type: 'RollingUpdate' | 'Recreate';
  readonly maxSurge: IntOrPercent;
  readonly maxUnavailable: IntOrPercent;
}

export interface DeploymentSpec {
  readonly replicas: number;
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
  readonly strategy: DeploymentStrategy;
  readonly minReadySeconds: number;
  readonly revisionHistoryLimit: number;
  /** Seconds; 2147483647 = no deadline. */
  readonly progressDeadlineSeconds: number;
  readonly paused: boolean;
}

/** A condition that also says when it was last confirmed: the progress deadline counts from there. */
export interface DeploymentCondition extends Condition {
  readonly lastUpdateTime: Timestamp;
}

export interface DeploymentStatus {
  readonly observedGeneration: number;
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
  readonly unavailableReplicas: number;
  readonly terminatingReplicas: number;
  readonly collisionCount: number;
  readonly conditions: readonly DeploymentCondition[];
}

export interface Deployment extends ApiObject {
  readonly apiVersion: 'apps/v1';
  readonly kind: 'Deployment';
  readonly spec: DeploymentSpec;
  readonly status: DeploymentStatus;
}

export interface ReplicaSetSpec {
  readonly replicas: number;
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
  readonly minReadySeconds: number;
}

export interface ReplicaSetStatus {
  readonly observedGeneration: number;
  readonly replicas: number;
  readonly fullyLabeledReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
  readonly terminatingReplicas: number;
  readonly conditions: readonly Condition[];
}

export interface ReplicaSet extends ApiObject {
  readonly apiVersion: 'apps/v1';
  readonly kind: 'ReplicaSet';
  readonly spec: ReplicaSetSpec;
  readonly status: ReplicaSetStatus;
}

/** The forerunner of the ReplicaSet. Its selector is one of plain labels; its status knows of no terminating replicas (always 0). */
export interface ReplicationController extends ApiObject {
  readonly apiVersion: 'v1';
  readonly kind: 'ReplicationController';
  readonly spec: ReplicaSetSpec;
  readonly status: ReplicaSetStatus;
}

export interface StatefulSetUpdateStrategy {
  readonly type: 'RollingUpdate' | 'OnDelete';
  /** Pods with a lower ordinal keep the old revision; 0 with OnDelete. */
  readonly partition: number;
  readonly maxUnavailable: IntOrPercent;
}

/** What becomes of the claims that were made for the pods. */
export interface ClaimRetentionPolicy {
  readonly whenDeleted: 'Retain' | 'Delete';
  readonly whenScaled: 'Retain' | 'Delete';
}

/** A claim that every pod of a StatefulSet gets a copy of. */
export interface VolumeClaimTemplate {
  /** First part of the claim's name, and the name of the pod's volume. */
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** The spec of the claim as written. */
  readonly spec: unknown;
}

export interface StatefulSetSpec {
  readonly replicas: number;
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
  readonly volumeClaimTemplates: readonly VolumeClaimTemplate[];
  /** The Service that gives the pods their names in DNS; may be empty. */
  readonly serviceName: string;
  readonly podManagementPolicy: 'OrderedReady' | 'Parallel';
  readonly updateStrategy: StatefulSetUpdateStrategy;
  readonly revisionHistoryLimit: number;
  readonly minReadySeconds: number;
  readonly persistentVolumeClaimRetentionPolicy: ClaimRetentionPolicy;
  /** `ordinals.start`: number of the first pod. */
  readonly firstOrdinal: number;
}

export interface StatefulSetStatus {
  readonly observedGeneration: number;
  readonly replicas: number;
  readonly readyReplicas: number;
  readonly currentReplicas: number;
  readonly updatedReplicas: number;
  readonly availableReplicas: number;
  readonly currentRevision: string;
  readonly updateRevision: string;
  readonly collisionCount: number;
  readonly conditions: readonly Condition[];
}

export interface StatefulSet extends ApiObject {
  readonly apiVersion: 'apps/v1';
  readonly kind: 'StatefulSet';
  readonly spec: StatefulSetSpec;
  readonly status: StatefulSetStatus;
}

export interface DaemonSetUpdateStrategy {
  readonly type: 'RollingUpdate' | 'OnDelete';
  /** Nodes that may have a second, newer pod for a while. */
  readonly maxSurge: IntOrPercent;
  readonly maxUnavailable: IntOrPercent;
}

export interface DaemonSetSpec {
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
  readonly updateStrategy: DaemonSetUpdateStrategy;
  readonly minReadySeconds: number;
  readonly revisionHistoryLimit: number;
}

export interface DaemonSetStatus {
  readonly observedGeneration: number;
  readonly currentNumberScheduled: number;
  readonly numberMisscheduled: number;
  readonly desiredNumberScheduled: number;
  readonly numberReady: number;
  readonly updatedNumberScheduled: number;
  readonly numberAvailable: number;
  readonly numberUnavailable: number;
  readonly collisionCount: number;
  readonly conditions: readonly Condition[];
}

export interface DaemonSet extends ApiObject {
  readonly apiVersion: 'apps/v1';
  readonly kind: 'DaemonSet';
  readonly spec: DaemonSetSpec;
  readonly status: DaemonSetStatus;
}

export const newDaemonSetStatus: DaemonSetStatus = Object.freeze({
  observedGeneration: 0,
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
  updatedNumberScheduled: 0,
  numberAvailable: 0,
  numberUnavailable: 0,
  collisionCount: 0,
  conditions: Object.freeze([]) as readonly Condition[],
});

export const newDeploymentStatus: DeploymentStatus = Object.freeze({
  observedGeneration: 0,
  replicas: 0,
  updatedReplicas: 0,
  readyReplicas: 0,
  availableReplicas: 0,
  unavailableReplicas: 0,
  terminatingReplicas: 0,
  collisionCount: 0,
  conditions: Object.freeze([]) as readonly DeploymentCondition[],
});

export const newReplicaSetStatus: ReplicaSetStatus = Object.freeze({
  observedGeneration: 0,
  replicas: 0,
  fullyLabeledReplicas: 0,
  readyReplicas: 0,
  availableReplicas: 0,
  terminatingReplicas: 0,
  conditions: Object.freeze([]) as readonly Condition[],
});

export const newStatefulSetStatus: StatefulSetStatus = Object.freeze({
  observedGeneration: 0,
  replicas: 0,
  readyReplicas: 0,
  currentReplicas: 0,
  updatedReplicas: 0,
  availableReplicas: 0,
  currentRevision: '',
  updateRevision: '',
  collisionCount: 0,
  conditions: Object.freeze([]) as readonly Condition[],
});

/** A template that a StatefulSet or DaemonSet has or had; its owner controls it. */
export interface ControllerRevision extends ApiObject {
  readonly apiVersion: 'apps/v1';
  readonly kind: 'ControllerRevision';
  /** The higher, the later the template was in force. */
  readonly revision: number;
  readonly data: PodTemplateSpec;
}
