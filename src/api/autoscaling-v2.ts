/** The parts of autoscaling/v2 that the simulator reads. */
import type { ApiObject, Condition, Timestamp } from './meta-v1.ts';

/** A metric: only resources of the pods are computed, every other source counts as one that cannot be read. */
export interface MetricSpec {
  /** `Resource`, or what else the manifest says. */
  readonly type: string;
  /** Name of the resource; empty for other types. */
  readonly resource: string;
  /** Percent of the requests; undefined where a value is given. */
  readonly averageUtilization: number | undefined;
  /** Per pod, in the unit of the resource (cpu: milli); undefined where a percentage is given. */
  readonly averageValue: number | undefined;
}

export interface ScalingPolicy {
  readonly type: 'Pods' | 'Percent';
  readonly value: number;
  readonly periodSeconds: number;
}

/** How fast a workload may grow or shrink. */
export interface ScalingRules {
  /** undefined: 0 for growing, the controller's 300 s for shrinking. */
  readonly stabilizationWindowSeconds: number | undefined;
  readonly selectPolicy: 'Max' | 'Min' | 'Disabled';
  readonly policies: readonly ScalingPolicy[];
  /** undefined = the controller's 0.1. */
  readonly tolerance: number | undefined;
}

export interface HorizontalPodAutoscalerSpec {
  readonly scaleTargetRef: { readonly apiVersion: string; readonly kind: string; readonly name: string };
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly metrics: readonly MetricSpec[];
  readonly behavior: { readonly scaleUp: ScalingRules; readonly scaleDown: ScalingRules } | undefined;
}

export interface HorizontalPodAutoscalerStatus {
  readonly observedGeneration: number;
  /** -1 = never. */
  readonly lastScaleTime: Timestamp;
  readonly currentReplicas: number;
  readonly desiredReplicas: number;
  readonly conditions: readonly Condition[];
}

export interface HorizontalPodAutoscaler extends ApiObject {
  readonly apiVersion: 'autoscaling/v2';
  readonly kind: 'HorizontalPodAutoscaler';
  readonly spec: HorizontalPodAutoscalerSpec;
  readonly status: HorizontalPodAutoscalerStatus;
}

export const newAutoscalerStatus: HorizontalPodAutoscalerStatus = Object.freeze({
  observedGeneration: 0,
  lastScaleTime: -1,
  currentReplicas: 0,
  desiredReplicas: 0,
  conditions: Object.freeze([]) as readonly Condition[],
});
