/** Decoder of the metrics of an autoscaler (`pkg/apis/autoscaling/validation`, validateMetricSpec). */
import type { MetricSpec } from '../autoscaling-v2.ts';
import { quantityToInteger } from '../quantity.ts';
import { FieldReader } from './field-reader.ts';
import { decodeLabelSelector } from './metadata.ts';

/** What an autoscaler without metrics follows. */
export const defaultMetric: MetricSpec = {
  type: 'Resource',
  name: 'cpu',
  averageUtilization: 80,
  averageValue: undefined,
};

/** Any integer; its bounds are for the caller, who has words of his own for them. */
export function anyInteger(reader: FieldReader, name: string): number | undefined {
  return reader.optionalInteger(name, { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
}

const metricTypes = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'] as const;

/** One entry of `spec.metrics`. */
export function decodeMetric(reader: FieldReader): MetricSpec {
  if (!reader.has('type')) reader.at.field('type').required('must specify a metric source type');
  const type = reader.choice('type', metricTypes, 'Resource');
  const field = type.slice(0, 1).toLowerCase() + type.slice(1);
  if (!reader.has(field)) reader.at.field(field).required('must populate information for the given metric source');
  for (const other of ['containerResource', 'external', 'object', 'pods', 'resource'])
    if (other !== field && reader.has(other))
      reader.at.field(other).forbidden('must populate the given metric source only');
  const source = partOf(reader, field);
  const target = partOf(source, 'target');
  switch (type) {
    case 'Resource':
    case 'ContainerResource':
      return decodeResourceMetric(type, source, target);
    case 'Pods':
      return decodePodsMetric(source, target);
    case 'Object':
      return decodeObjectMetric(source, target);
    case 'External':
      return decodeExternalMetric(source, target);
  }
}

function partOf(reader: FieldReader, name: string): FieldReader {
  return reader.object(name) ?? new FieldReader({}, reader.at.field(name));
}

function decodeResourceMetric(
  type: 'Resource' | 'ContainerResource',
  source: FieldReader,
  target: FieldReader,
): MetricSpec {
  if (!source.has('name')) source.at.field('name').required('must specify a resource name');
  const name = source.text('name');
  const container = source.text('container');
  if (type === 'ContainerResource' && container === '')
    source.at.field('container').required('must specify a container');
  checkTargetType(target);
  const averageUtilization = utilizationOf(target);
  const averageValue = amountOf(target, 'averageValue', name);
  const neither = 'must set either a target raw value or a target utilization';
  const both = 'may not set both a target raw value and a target utilization';
  if (averageUtilization === undefined && !target.has('averageValue'))
    target.at.field('averageUtilization').required(neither);
  if (averageUtilization !== undefined && target.has('averageValue')) target.at.field('averageValue').forbidden(both);
  return { type, name, averageUtilization, averageValue, ...(type === 'ContainerResource' && { container }) };
}

function decodePodsMetric(source: FieldReader, target: FieldReader): MetricSpec {
  const identifier = decodeIdentifier(source);
  checkTarget(target);
  const averageValue = amountOf(target, 'averageValue');
  if ((averageValue ?? 0) <= 0) target.at.field('averageValue').required('must specify a positive target averageValue');
  return { type: 'Pods', ...identifier, averageUtilization: undefined, averageValue };
}

function decodeObjectMetric(source: FieldReader, target: FieldReader): MetricSpec {
  const described = partOf(source, 'describedObject');
  const describedObject = { kind: described.requiredText('kind'), name: described.requiredText('name') };
  const identifier = decodeIdentifier(source);
  checkTarget(target);
  const value = amountOf(target, 'value');
  const averageValue = amountOf(target, 'averageValue');
  if (!target.has('value') && !target.has('averageValue'))
    target.at.field('averageValue').required('must set either a target value or averageValue');
  return { type: 'Object', ...identifier, describedObject, averageUtilization: undefined, averageValue, value };
}

function decodeExternalMetric(source: FieldReader, target: FieldReader): MetricSpec {
  const identifier = decodeIdentifier(source);
  checkTarget(target);
  const value = amountOf(target, 'value');
  const averageValue = amountOf(target, 'averageValue');
  const neither = 'must set either a target value for metric or a per-pod target';
  const both = 'may not set both a target value for metric and a per-pod target';
  if (!target.has('value') && !target.has('averageValue')) target.at.field('averageValue').required(neither);
  if (target.has('value') && target.has('averageValue')) target.at.field('value').forbidden(both);
  return { type: 'External', ...identifier, averageUtilization: undefined, averageValue, value };
}

function decodeIdentifier(source: FieldReader): Pick<MetricSpec, 'name' | 'selector'> {
  const metric = partOf(source, 'metric');
  if (metric.text('name') === '') metric.at.field('name').required('must specify a metric name');
  return { name: metric.text('name'), selector: decodeLabelSelector(metric, 'selector') };
}

function checkTarget(target: FieldReader): void {
  checkTargetType(target);
  utilizationOf(target);
}

function checkTargetType(target: FieldReader): void {
  const type = target.text('type');
  const at = target.at.field('type');
  if (type === '') at.required('must specify a metric target type');
  if (type !== 'Utilization' && type !== 'Value' && type !== 'AverageValue')
    at.invalid(type, 'must be either Utilization, Value, or AverageValue');
}

function utilizationOf(target: FieldReader): number | undefined {
  const percent = anyInteger(target, 'averageUtilization');
  if (percent !== undefined && percent < 1)
    target.at.field('averageUtilization').invalid(percent, 'must be greater than 0');
  return percent;
}

/** An amount of a resource; without one in thousandths, as those of cpu. */
function amountOf(target: FieldReader, name: string, resource = 'cpu'): number | undefined {
  const written = target.value(name);
  if (written === undefined) return undefined;
  const amount = quantityToInteger(resource, String(written));
  if ((amount ?? 0) <= 0) target.at.field(name).invalid(written, 'must be positive');
  return amount;
}
