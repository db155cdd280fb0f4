/** From autoscaling/v1 to the version that is stored (`pkg/apis/autoscaling/v1/conversion.go`). */
import type { HorizontalPodAutoscaler, MetricSpec } from '../autoscaling-v2.ts';
import { decodeHorizontalPodAutoscaler } from './autoscaling-v2.ts';
import { FieldPosition } from './field-position.ts';
import type { FieldReader } from './field-reader.ts';
import { anyInteger, defaultMetric } from './hpa-metric.ts';
import { autoscalerV1SpecFields } from './known-fields.ts';

/** The field of v1 that became a metric. */
export const targetCpuField = 'targetCPUUtilizationPercentage';

/** A HorizontalPodAutoscaler of v1 as one of v2. */
export function convertV1HorizontalPodAutoscaler(root: FieldReader): HorizontalPodAutoscaler {
  warnOfAnnotations(root);
  return decodeHorizontalPodAutoscaler(root, (spec) => {
    spec.warnUnknown(autoscalerV1SpecFields);
    return { metrics: [metricOf(spec)], behavior: undefined };
  });
}

/** Where v1 says nothing it means 80 percent, too. */
function metricOf(spec: FieldReader): MetricSpec {
  const percent = anyInteger(spec, targetCpuField);
  if (percent === undefined) return defaultMetric;
  if (percent < 1) targetPosition(spec).invalid(percent, 'must be greater than 0');
  return { ...defaultMetric, averageUtilization: percent };
}

/** Upstream checks what v1 has become, and names the field of that; it is found where the user wrote it. */
function targetPosition({ at }: FieldReader): FieldPosition {
  const text = `${at.text}.metrics[0].resource.target.averageUtilization`;
  return new FieldPosition([...at.path, targetCpuField], text, at.problems, at.warnings);
}

/** Dumps in v1 keep what v1 has no fields for in annotations, which are not read. */
function warnOfAnnotations(root: FieldReader): void {
  const annotations = root.object('metadata')?.object('annotations');
  for (const part of ['metrics', 'behavior']) {
    const name = `autoscaling.alpha.kubernetes.io/${part}`;
    if (annotations?.has(name) !== true) continue;
    const detail = `annotation "${name}" is not read: use autoscaling/v2, which has \`spec.${part}\``;
    annotations.at.key(name).warn('unknown-field', detail);
  }
}
