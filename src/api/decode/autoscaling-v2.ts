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
import { FieldReader } from './field-reader.ts';
import { objectFields } from './known-fields.ts';
import { decodeMetadata } from './metadata.ts';

/** A HorizontalPodAutoscaler with its defaults; the status of a dump is not taken over. */
export function decodeHorizontalPodAutoscaler(root: FieldReader): HorizontalPodAutoscaler {
  root.warnUnknown(objectFields);
  const spec = specOf(root);
  const target = spec.object('scaleTargetRef');
  if (target === undefined) spec.at.field('scaleTargetRef').required();
  const maxReplicas = anyInteger(spec, 'maxReplicas') ?? 0;
  const minReplicas = spec.integer('minReplicas', 1);
  checkBounds(spec, minReplicas, maxReplicas);
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

function checkBounds(spec: FieldReader, minReplicas: number, maxReplicas: number): void {
  const at = spec.at.field('maxReplicas');
  if (maxReplicas === 0) at.required('must be set and greater than 0');
  else if (maxReplicas < 0) at.invalid(maxReplicas, 'must be greater than or equal to 1');
  if (maxReplicas < minReplicas) at.invalid(maxReplicas, 'must be greater than or equal to `minReplicas`');
  const types = spec.objects('metrics').map((metric) => metric.value('type'));
  if (minReplicas > 0 || types.some((type) => type === 'Object' || type === 'External')) return;
  const detail = 'must specify at least one Object or External metric to support scaling to zero replicas';
  spec.at.field('metrics').forbidden(detail);
}

/** Any integer; its bounds are for the caller, who has words of his own for them. */
function anyInteger(reader: FieldReader, name: string): number | undefined {
  return reader.optionalInteger(name, { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
}

const defaultMetric: MetricSpec = {
  type: 'Resource',
  resource: 'cpu',
  averageUtilization: 80,
  averageValue: undefined,
};

const metricTypes = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'] as const;

function decodeMetric(reader: FieldReader): MetricSpec {
  if (!reader.has('type')) reader.at.field('type').required('must specify a metric source type');
  const type = reader.choice('type', metricTypes, 'Resource');
  const field = type.slice(0, 1).toLowerCase() + type.slice(1);
  if (!reader.has(field)) reader.at.field(field).required('must populate information for the given metric source');
  for (const other of ['containerResource', 'external', 'object', 'pods', 'resource'])
    if (other !== field && reader.has(other))
      reader.at.field(other).forbidden('must populate the given metric source only');
  if (type !== 'Resource') return { type, resource: '', averageUtilization: undefined, averageValue: undefined };
  return decodeResourceMetric(reader.object('resource') ?? new FieldReader({}, reader.at.field('resource')));
}

function decodeResourceMetric(source: FieldReader): MetricSpec {
  if (!source.has('name')) source.at.field('name').required('must specify a resource name');
  const resource = source.text('name');
  const target = source.object('target') ?? new FieldReader({}, source.at.field('target'));
  checkTargetType(target);
  const averageUtilization = anyInteger(target, 'averageUtilization');
  const written = target.value('averageValue');
  const averageValue = written === undefined ? undefined : quantityToInteger(resource, String(written));
  if (written !== undefined && (averageValue ?? 0) <= 0)
    target.at.field('averageValue').invalid(written, 'must be positive');
  if (averageUtilization !== undefined && averageUtilization < 1)
    target.at.field('averageUtilization').invalid(averageUtilization, 'must be greater than 0');
  const neither = 'must set either a target raw value or a target utilization';
  const both = 'may not set both a target raw value and a target utilization';
  if (averageUtilization === undefined && written === undefined)
    target.at.field('averageUtilization').required(neither);
  if (averageUtilization !== undefined && written !== undefined) target.at.field('averageValue').forbidden(both);
  return { type: 'Resource', resource, averageUtilization, averageValue };
}

function checkTargetType(target: FieldReader): void {
  const type = target.text('type');
  const at = target.at.field('type');
  if (type === '') at.required('must specify a metric target type');
  if (type !== 'Utilization' && type !== 'Value' && type !== 'AverageValue')
    at.invalid(type, 'must be either Utilization, Value, or AverageValue');
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
  if (reader === undefined) {
    return { stabilizationWindowSeconds: undefined, selectPolicy: 'Max', policies: defaults, tolerance: undefined };
  }
  const tolerance = reader.value('tolerance');
  // An empty list is no absent one: the defaults are not filled in.
  if (reader.has('policies') && reader.list('policies').length === 0)
    reader.at.field('policies').required('must specify at least one Policy');
  return {
    stabilizationWindowSeconds: windowOf(reader),
    selectPolicy: reader.choice('selectPolicy', ['Disabled', 'Max', 'Min'], 'Max'),
    policies: reader.has('policies') ? reader.objects('policies').map(decodePolicy) : defaults,
    tolerance: tolerance === undefined ? undefined : (quantityToInteger('cpu', String(tolerance)) ?? 100) / 1000,
  };
}

const windowMaxSeconds = 3600;
const periodMaxSeconds = 1800;

function windowOf(reader: FieldReader): number | undefined {
  const seconds = anyInteger(reader, 'stabilizationWindowSeconds');
  const at = reader.at.field('stabilizationWindowSeconds');
  if (seconds !== undefined && seconds < 0) at.invalid(seconds, 'must be greater than or equal to zero');
  if (seconds !== undefined && seconds > windowMaxSeconds)
    at.invalid(seconds, `must be less than or equal to ${windowMaxSeconds}`);
  return seconds;
}

function decodePolicy(reader: FieldReader): ScalingPolicy {
  const positive = (name: string): number => {
    const value = anyInteger(reader, name) ?? 0;
    if (value <= 0) reader.at.field(name).invalid(value, 'must be greater than zero');
    return value;
  };
  if (!reader.has('type')) reader.at.field('type').notSupported('', ['Percent', 'Pods']);
  const type = reader.choice('type', ['Percent', 'Pods'], 'Pods');
  const policy = { type, value: positive('value'), periodSeconds: positive('periodSeconds') };
  if (policy.periodSeconds > periodMaxSeconds)
    reader.at.field('periodSeconds').invalid(policy.periodSeconds, `must be less than or equal to ${periodMaxSeconds}`);
  return policy;
}
