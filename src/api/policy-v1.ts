/** The parts of policy/v1 that the simulator reads. */
import type { IntOrPercent } from './apps-v1.ts';
import type { ApiObject, Condition, LabelSelector, Timestamp } from './meta-v1.ts';

/** How many of the selected pods must stay, or may go; at most one of the two is given. */
export interface PodDisruptionBudgetSpec {
  readonly minAvailable: IntOrPercent | undefined;
  readonly maxUnavailable: IntOrPercent | undefined;
  /** Absent selects no pod; an empty one every pod of the namespace, except in preemption, where it selects none. */
  readonly selector: LabelSelector | undefined;
  readonly unhealthyPodEvictionPolicy: 'IfHealthyBudget' | 'AlwaysAllow';
}

/** What the disruption controller last counted. */
export interface PodDisruptionBudgetStatus {
  readonly observedGeneration: number;
  readonly disruptionsAllowed: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly expectedPods: number;
  /** Pods whose eviction has been granted and which have not gone yet, by name, with the time of the grant. */
  readonly disruptedPods: ReadonlyMap<string, Timestamp>;
  readonly conditions: readonly Condition[];
}

export interface PodDisruptionBudget extends ApiObject {
  readonly apiVersion: 'policy/v1';
  readonly kind: 'PodDisruptionBudget';
  readonly spec: PodDisruptionBudgetSpec;
  readonly status: PodDisruptionBudgetStatus;
}

/** Status of a budget that no controller has looked at yet: it allows nothing. */
export const newPodDisruptionBudgetStatus: PodDisruptionBudgetStatus = Object.freeze({
  observedGeneration: 0,
  disruptionsAllowed: 0,
  currentHealthy: 0,
  desiredHealthy: 0,
  expectedPods: 0,
  disruptedPods: new Map<string, Timestamp>(),
  conditions: Object.freeze([]) as readonly Condition[],
});
