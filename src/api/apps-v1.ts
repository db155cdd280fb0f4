/** The parts of apps/v1 that the simulator reads. */
import type { PodTemplateSpec } from './core-v1.ts';
import type { ApiObject, Condition, LabelSelector, Timestamp } from './meta-v1.ts';

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
