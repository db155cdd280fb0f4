/** What the metrics of an autoscaler say, source by source (upstream horizontal.go, computeReplicasForMetric). */
import type { HorizontalPodAutoscaler, MetricSpec } from '../api/autoscaling-v2.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Uid } from '../api/meta-v1.ts';
import type { CustomMetrics, MetricSample, PodMetrics } from './controller.ts';
import { proposeFromOutside, proposeReplicas } from './hpa-replicas.ts';
import { selectorText } from './selectors.ts';

/** --horizontal-pod-autoscaler-tolerance. */
const defaultTolerance = 0.1;

/** A workload as an autoscaler sees it. */
export interface ScaledPods {
  readonly autoscaler: HorizontalPodAutoscaler;
  readonly pods: readonly Pod[];
  readonly currentReplicas: number;
  /** What the status of the workload says. */
  readonly statusReplicas: number;
}

/** What a metric asks for, and its name in the event of a change; or why nobody knows. */
export type MetricProposal =
  | { readonly replicas: number; readonly metricName: string }
  | {
      /** Reason of the condition and of the event. */
      readonly reason: string;
      /** Message of the event. */
      readonly failed: string;
      /** As an error of the whole sync. */
      readonly error: string;
    };

/** Reads the metrics APIs; an absent one answers nothing. */
export class MetricReader {
  private readonly podMetrics: PodMetrics | undefined;
  private readonly customMetrics: CustomMetrics | undefined;

  constructor(podMetrics: PodMetrics | undefined, customMetrics: CustomMetrics | undefined) {
    this.podMetrics = podMetrics;
    this.customMetrics = customMetrics;
  }

  /** What one metric asks for at `now`, microseconds. */
  propose(metric: MetricSpec, scaled: ScaledPods, now: number): MetricProposal {
    switch (metric.type) {
      case 'Resource':
      case 'ContainerResource':
        return this.proposeByResource(metric, scaled, now);
      case 'Pods':
        return this.proposeByPods(metric, scaled, now);
      case 'Object':
        return this.proposeByObject(metric, scaled, now);
      case 'External':
        return this.proposeByExternal(metric, scaled, now);
    }
  }

  private proposeByResource(metric: MetricSpec, scaled: ScaledPods, now: number): MetricProposal {
    const { type, name, container } = metric;
    const source = this.podMetrics;
    const isPercentage = metric.averageUtilization !== undefined;
    const proposal =
      source?.isAvailable(now) === true
        ? fromPods(metric, scaled, now, (pod) => source.sample(pod, name, now, container))
        : { failed: unavailable(name) };
    if ('replicas' in proposal) {
      const whole = type === 'Resource' ? `${name} resource` : `${name} container resource`;
      const metricName = isPercentage ? `${whole} utilization (percentage of request)` : `${name} resource`;
      return { replicas: proposal.replicas, metricName };
    }
    const failed = `failed to get ${name} ${isPercentage ? 'utilization' : 'usage'}: ${proposal.failed}`;
    const what = type === 'Resource' ? `${name} resource metric` : `${container!} container metric`;
    return { reason: `FailedGet${type}Metric`, failed, error: `failed to get ${what} value: ${failed}` };
  }

  private proposeByPods(metric: MetricSpec, scaled: ScaledPods, now: number): MetricProposal {
    const { name } = metric;
    const isServed = this.customMetrics?.servesPods(name) === true;
    const proposal = isServed
      ? fromPods(metric, scaled, now, (pod) => this.customMetrics?.ofPod(pod, name, now))
      : { failed: `unable to get metric ${name}: ${this.noCustomMetric(name, 'pods')}` };
    if ('replicas' in proposal) return { replicas: proposal.replicas, metricName: `pods metric ${name}` };
    const { failed } = proposal;
    return { reason: 'FailedGetPodsMetric', failed, error: `failed to get pods metric value: ${failed}` };
  }

  private proposeByObject(metric: MetricSpec, scaled: ScaledPods, now: number): MetricProposal {
    const { name, selector } = metric;
    const { namespace } = scaled.autoscaler.metadata;
    const described = metric.describedObject!;
    const isPerPod = metric.averageValue !== undefined;
    const value = this.customMetrics?.ofObject(namespace, described, name, selector, now);
    if (value !== undefined) {
      const replicas = proposeFromOutside({ metric, value, tolerance: toleranceOf(scaled), ...scaled });
      const perPod = `external metric ${name}(${selectorText(selector)})`;
      return { replicas, metricName: isPerPod ? perPod : `${described.kind} metric ${name}` };
    }
    const answer = this.noCustomMetric(name, `${described.kind.toLowerCase()}s`);
    const failed = `unable to get metric ${name} on ${described.kind} ${namespace}/${described.name}: ${answer}`;
    const inner = isPerPod ? `failed to get ${name} object metric: ${failed}` : failed;
    return { reason: 'FailedGetObjectMetric', failed, error: `failed to get object metric value: ${inner}` };
  }

  private proposeByExternal(metric: MetricSpec, scaled: ScaledPods, now: number): MetricProposal {
    const { name, selector } = metric;
    const { namespace } = scaled.autoscaler.metadata;
    const values = this.customMetrics?.external(namespace, name, selector, now) ?? [];
    if (values.length > 0) {
      const value = values.reduce((sum, each) => sum + each, 0);
      const replicas = proposeFromOutside({ metric, value, tolerance: toleranceOf(scaled), ...scaled });
      return { replicas, metricName: `external metric ${name}(${selectorText(selector)})` };
    }
    const answer =
      this.customMetrics === undefined
        ? `unable to fetch metrics from external metrics API: the server could not find the requested resource (get ${name}.external.metrics.k8s.io)`
        : 'no metrics returned from external metrics API';
    const failed = `unable to get external metric ${namespace}/${name}/${selectorText(selector)}: ${answer}`;
    const inner = metric.averageValue === undefined ? `external metric ${name}` : `${name} external metric`;
    const error = `failed to get ${name} external metric value: failed to get ${inner}: ${failed}`;
    return { reason: 'FailedGetExternalMetric', failed, error };
  }

  private noCustomMetric(name: string, resource: string): string {
    const answer =
      this.customMetrics === undefined
        ? 'no custom metrics API (custom.metrics.k8s.io) registered'
        : `the server could not find the metric ${name} for ${resource}`;
    return `unable to fetch metrics from custom metrics API: ${answer}`;
  }
}

function fromPods(
  metric: MetricSpec,
  scaled: ScaledPods,
  now: number,
  sampleOf: (pod: Pod) => MetricSample | undefined,
): ReturnType<typeof proposeReplicas> {
  const { pods, currentReplicas } = scaled;
  const samples = new Map<Uid, MetricSample>();
  for (const pod of pods) {
    const sample = sampleOf(pod);
    if (sample !== undefined) samples.set(pod.metadata.uid, sample);
  }
  return proposeReplicas({ metric, pods, samples, currentReplicas, tolerance: toleranceOf(scaled), now });
}

function toleranceOf({ autoscaler }: ScaledPods): { readonly up: number; readonly down: number } {
  const { behavior } = autoscaler.spec;
  return {
    up: behavior?.scaleUp.tolerance ?? defaultTolerance,
    down: behavior?.scaleDown.tolerance ?? defaultTolerance,
  };
}

function unavailable(resource: string): string {
  const answer = 'the server is currently unable to handle the request (get pods.metrics.k8s.io)';
  return `unable to get metrics for resource ${resource}: unable to fetch metrics from resource metrics API: ${answer}`;
}
