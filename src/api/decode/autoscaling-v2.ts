/** Decoder of autoscaling/v2 with its defaults (`pkg/apis/autoscaling/v2/defaults.go`). */
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  MetricSpec,
  ScalingPolicy,
  ScalingRules,
} from '../autoscaling-v2.ts';
import { isOutsideMetric, newAutoscalerStatus } from '../autoscaling-v2.ts';
import { dnsSubdomainProblem, pathSegmentProblem } from '../names.ts';
import { quantityToInteger } from '../quantity.ts';
import { specOf } from './apps-v1.ts';
import { FieldReader } from './field-reader.ts';
import { anyInteger, decodeMetric, defaultMetric } from './hpa-metric.ts';
import { objectFields } from './known-fields.ts';
import { decodeMetadata } from './metadata.ts';

/** What versions of the API say in ways of their own. */
type VersionedParts = Pick<HorizontalPodAutoscalerSpec, 'metrics' | 'behavior'>;

function partsOfV2(spec: FieldReader): VersionedParts {
  return {
    metrics: spec.has('metrics') ? spec.objects('metrics').map(decodeMetric) : [defaultMetric],
    behavior: decodeBehavior(spec),
  };
}

/** A HorizontalPodAutoscaler with its defaults; the status of a dump is not taken over. */
export function decodeHorizontalPodAutoscaler(
  root: FieldReader,
  partsOf: (spec: FieldReader) => VersionedParts = partsOfV2,
): HorizontalPodAutoscaler {
  root.warnUnknown(objectFields);
  const spec = specOf(root);
  const target = spec.object('scaleTargetRef');
  const maxReplicas = anyInteger(spec, 'maxReplicas') ?? 0;
  const minReplicas = spec.integer('minReplicas', 1);
  const parts = partsOf(spec);
  checkBounds(spec, minReplicas, maxReplicas, parts.metrics);
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: decodeMetadata(root, 'namespaced', dnsSubdomainProblem),
    spec: {
      scaleTargetRef: decodeTarget(target ?? new FieldReader({}, spec.at.field('scaleTargetRef'))),
      minReplicas,
      maxReplicas,
      ...parts,
    },
    status: newAutoscalerStatus,
  };
}

/** What is scaled: ReplicationControllers alone are in no group (`ValidateAPIVersion`). */
function decodeTarget(reader: FieldReader): HorizontalPodAutoscalerSpec['scaleTargetRef'] {
  const apiVersion = reader.text('apiVersion');
  const parts = apiVersion.split('/');
  const hasGroup = parts.length === 2 && parts[0] !== '';
  const at = reader.at.field('apiVersion');
  if (parts.length > 2) at.invalid(apiVersion, `unexpected GroupVersion string: ${apiVersion}`);
  else if (!hasGroup && reader.text('kind') !== 'ReplicationController')
    at.invalid(apiVersion, 'apiVersion must specify API group');
  return { apiVersion, kind: segmentOf(reader, 'kind'), name: segmentOf(reader, 'name') };
}

function segmentOf(reader: FieldReader, field: string): string {
  const text = reader.requiredText(field);
  const problem = text === '' ? undefined : pathSegmentProblem(text);
  if (problem !== undefined) reader.at.field(field).invalid(text, problem);
  return text;
}

function checkBounds(
  spec: FieldReader,
  minReplicas: number,
  maxReplicas: number,
  metrics: readonly MetricSpec[],
): void {
  const at = spec.at.field('maxReplicas');
  if (maxReplicas === 0) at.required();
  else if (maxReplicas < 0) at.invalid(maxReplicas, 'must be greater than or equal to 1');
  if (maxReplicas < minReplicas) at.invalid(maxReplicas, 'must be greater than or equal to `minReplicas`');
  if (minReplicas > 0 || metrics.some(isOutsideMetric)) return;
  const detail = 'must specify at least one Object or External metric to support scaling to zero replicas';
  spec.at.field('metrics').forbidden(detail);
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
  // An empty list is no absent one: the defaults are not filled in.
  if (reader.has('policies') && reader.list('policies').length === 0)
    reader.at.field('policies').required('must specify at least one Policy');
  return {
    stabilizationWindowSeconds: windowOf(reader),
    selectPolicy: reader.choice('selectPolicy', ['Disabled', 'Max', 'Min'], 'Max'),
    policies: reader.has('policies') ? reader.objects('policies').map(decodePolicy) : defaults,
    tolerance: toleranceOf(reader),
  };
}

/** A quantity as a part of one; 0.1 where it cannot be read. */
function toleranceOf(reader: FieldReader): number | undefined {
  const tolerance = reader.value('tolerance');
  if (tolerance === undefined) return undefined;
  const thousandths = quantityToInteger('cpu', String(tolerance)) ?? 100;
  if (thousandths < 0) reader.at.field('tolerance').invalid(tolerance, 'must be greater than or equal to 0');
  return thousandths / 1000;
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
