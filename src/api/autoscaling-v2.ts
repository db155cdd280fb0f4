/** The parts of autoscaling/v2 that the simulator reads. */
import type { ApiObject, Condition, LabelSelector, Timestamp } from './meta-v1.ts';

/** A metric and its target. Values are in the unit of the resource (cpu: milli); those of other sources are in thousandths. */
export interface MetricSpec {
  readonly type: 'Resource' | 'ContainerResource' | 'Pods' | 'Object' | 'External';
  /** Name of the resource or of the metric. */
  readonly name: string;
  /** Of `ContainerResource`: whose use counts. */
  readonly container?: string;
  /** Of `Object`: what is measured, in the namespace of the autoscaler. */
  readonly describedObject?: { readonly kind: string; readonly name: string };
  /** Of `Pods`, `Object` and `External`: which series of that name; absent = any. */
  readonly selector?: LabelSelector | undefined;
  /** Percent of the requests; undefined where a value is given. */
  readonly averageUtilization: number | undefined;
  /** Per pod; undefined where the target is another. */
  readonly averageValue: number | undefined;
  /** Of `Object` and `External`: as a whole. */
  readonly value?: number | undefined;
}

/** Whether a metric tells something even of no pods at all. */
export function isOutsideMetric({ type }: MetricSpec): boolean {
  return type === 'Object' || type === 'External';
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
