/** Decoder of autoscaling/v2 with its defaults (`pkg/apis/autoscaling/v2/defaults.go`). */
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  MetricSpec,
  ScalingPolicy,
  ScalingRules,
} from '../autoscaling-v2.ts';
import { newAutoscalerStatus } from '../autoscaling-v2.ts';
import { dnsSubdomainProblem } from '../names.ts';
import { quantityToInteger } from '../quantity.ts';
import { specOf } from './apps-v1.ts';
import type { FieldReader } from './field-reader.ts';
import { objectFields } from './known-fields.ts';
import { decodeMetadata } from './metadata.ts';

/** A HorizontalPodAutoscaler with its defaults; the status of a dump is not taken over. */
export function decodeHorizontalPodAutoscaler(root: FieldReader): HorizontalPodAutoscaler {
  root.warnUnknown(objectFields);
  const spec = specOf(root);
  const target = spec.object('scaleTargetRef');
  if (target === undefined) spec.at.field('scaleTargetRef').required();
  const maxReplicas = spec.integer('maxReplicas', 0, { min: 1 });
  const minReplicas = spec.integer('minReplicas', 1);
  if (maxReplicas < minReplicas)
    spec.at.field('maxReplicas').invalid(maxReplicas, 'must be greater than or equal to `minReplicas`');
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: decodeMetadata(root, 'namespaced', dnsSubdomainProblem),
    spec: {
      scaleTargetRef: {
        apiVersion: target?.text('apiVersion') ?? '',
        kind: target?.requiredText('kind') ?? '',
        name: target?.requiredText('name') ?? '',
      },
      minReplicas,
      maxReplicas,
      metrics: spec.has('metrics') ? spec.objects('metrics').map(decodeMetric) : [defaultMetric],
      behavior: decodeBehavior(spec),
    },
    status: newAutoscalerStatus,
  };
}

const defaultMetric: MetricSpec = {
  type: 'Resource',
  resource: 'cpu',
  averageUtilization: 80,
  averageValue: undefined,
};

function decodeMetric(reader: FieldReader): MetricSpec {
  const type = reader.requiredText('type');
  const source = type === 'Resource' ? reader.object('resource') : undefined;
  const resource = source?.requiredText('name') ?? '';
  const target = source?.object('target');
  const value = target?.value('averageValue');
  return {
    type,
    resource,
    averageUtilization: target?.optionalInteger('averageUtilization', { min: 1 }),
    averageValue: value === undefined ? undefined : quantityToInteger(resource, String(value)),
  };
}

function decodeBehavior(spec: FieldReader): HorizontalPodAutoscalerSpec['behavior'] {
  const reader = spec.object('behavior');
  if (reader === undefined) return undefined;
  const double: ScalingPolicy = { type: 'Percent', value: 100, periodSeconds: 15 };
  return {
    scaleUp: decodeRules(reader.object('scaleUp'), [{ type: 'Pods', value: 4, periodSeconds: 15 }, double]),
    scaleDown: decodeRules(reader.object('scaleDown'), [double]),
  };
}

function decodeRules(reader: FieldReader | undefined, defaults: readonly ScalingPolicy[]): ScalingRules {
  const policies = reader?.objects('policies').map((policy) => ({
    type: policy.choice('type', ['Pods', 'Percent'], 'Pods'),
    value: policy.integer('value', 0, { min: 1 }),
    periodSeconds: policy.integer('periodSeconds', 0, { min: 1, max: 1800 }),
  }));
  const tolerance = reader?.value('tolerance');
  return {
    stabilizationWindowSeconds: reader?.optionalInteger('stabilizationWindowSeconds', { max: 3600 }),
    selectPolicy: reader?.choice('selectPolicy', ['Max', 'Min', 'Disabled'], 'Max') ?? 'Max',
    policies: policies === undefined || policies.length === 0 ? defaults : policies,
    tolerance: tolerance === undefined ? undefined : (quantityToInteger('cpu', String(tolerance)) ?? 100) / 1000,
  };
}
