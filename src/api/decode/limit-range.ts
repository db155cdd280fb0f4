/** Decoder of a LimitRange with what the API server refuses (`pkg/apis/core/validation` ValidateLimitRange). */
import type { LimitRange, LimitRangeItem, ResourceList } from '../core-v1.ts';
import { dnsSubdomainProblem, labelKeyProblem } from '../names.ts';
import { formatResource } from '../quantity.ts';
import type { FieldReader } from './field-reader.ts';
import { limitRangeFields, limitRangeItemFields, objectFields } from './known-fields.ts';
import { decodeMetadata } from './metadata.ts';
import { decodeResourceList } from './resource-list.ts';

/** A LimitRange, the defaults of its items filled in from each other. */
export function decodeLimitRange(root: FieldReader): LimitRange {
  root.warnUnknown(objectFields);
  const spec = root.object('spec');
  spec?.warnUnknown(limitRangeFields);
  const readers = spec?.objects('limits') ?? [];
  const limits = readers.map(decodeLimitRangeItem);
  for (const [at, { type }] of limits.entries())
    if (limits.findIndex((other) => other.type === type) < at) readers[at]!.at.field('type').duplicate(type);
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: decodeMetadata(root, 'namespaced', dnsSubdomainProblem),
    limits,
  };
}

const itemTypes = ['Container', 'Pod', 'PersistentVolumeClaim'];

/** A type of Kubernetes, or one of a vendor's domain (`validateLimitRangeTypeName`). */
function typeOf(reader: FieldReader): string {
  const type = reader.text('type');
  const isQualified = type.includes('/') || itemTypes.includes(type);
  const problem = isQualified ? labelKeyProblem(type) : 'must be a standard limit type or fully qualified';
  if (type !== '' && problem !== undefined) reader.at.field('type').invalid(type, problem);
  return type;
}

function decodeLimitRangeItem(reader: FieldReader): LimitRangeItem {
  reader.warnUnknown(limitRangeItemFields);
  const type = typeOf(reader);
  if (type === '') reader.at.field('type').required();
  const item: LimitRangeItem = {
    type,
    max: decodeResourceList(reader, 'max'),
    min: decodeResourceList(reader, 'min'),
    default: decodeResourceList(reader, 'default'),
    defaultRequest: decodeResourceList(reader, 'defaultRequest'),
    maxLimitRequestRatio: decodeResourceList(reader, 'maxLimitRequestRatio'),
  };
  const whole = item.type === 'Container' ? withContainerDefaults(item) : item;
  checkType(reader, whole);
  checkOrder(reader, whole);
  return whole;
}

/** The default limit falls back to max; the default request to the default limit, then to min (`SetDefaults_LimitRangeItem`). */
function withContainerDefaults(item: LimitRangeItem): LimitRangeItem {
  const limits = new Map([...item.max, ...item.default]);
  return { ...item, default: limits, defaultRequest: new Map([...item.min, ...limits, ...item.defaultRequest]) };
}

function checkType(reader: FieldReader, { type, min, max }: LimitRangeItem): void {
  if (type === 'Pod') {
    for (const name of ['default', 'defaultRequest'])
      if (reader.has(name)) reader.at.field(name).forbidden("may not be specified when `type` is 'Pod'");
  }
  if (type === 'PersistentVolumeClaim' && !min.has('storage') && !max.has('storage')) {
    const detail = 'either minimum or maximum storage value is required, but neither was provided';
    reader.at.field('limits').required(detail);
  }
}

/** Two lists of which no entry of the first may be above that of the second; the value shown is that of `at`. */
interface Order {
  readonly low: 'min' | 'default' | 'defaultRequest';
  readonly lowName: string;
  readonly high: 'max' | 'default' | 'defaultRequest';
  readonly highName: string;
  readonly at: 'min' | 'default' | 'defaultRequest';
  readonly shows: 'low' | 'high';
}

const defaultRequest = {
  low: 'defaultRequest',
  lowName: 'default request',
  at: 'defaultRequest',
  shows: 'low',
} as const;
const orders: readonly Order[] = [
  { low: 'min', lowName: 'min', high: 'max', highName: 'max', at: 'min', shows: 'low' },
  { ...defaultRequest, low: 'min', lowName: 'min', high: 'defaultRequest', highName: 'default request', shows: 'high' },
  { ...defaultRequest, high: 'max', highName: 'max' },
  { ...defaultRequest, high: 'default', highName: 'default limit' },
  { low: 'min', lowName: 'min', high: 'default', highName: 'default', at: 'default', shows: 'low' },
  { low: 'default', lowName: 'default', high: 'max', highName: 'max', at: 'default', shows: 'high' },
];

function checkOrder(reader: FieldReader, item: LimitRangeItem): void {
  for (const { low, lowName, high, highName, at, shows } of orders) {
    for (const [resource, amount] of item[low]) {
      const limit = item[high].get(resource);
      if (limit === undefined || amount <= limit) continue;
      const words = `${lowName} value ${formatResource(resource, amount)} is greater than ${highName} value ${formatResource(resource, limit)}`;
      reader.at
        .field(at)
        .key(resource)
        .invalid(formatResource(resource, shows === 'low' ? amount : limit), words);
    }
  }
  checkRatios(reader, item.maxLimitRequestRatio);
}

function checkRatios(reader: FieldReader, ratios: ResourceList): void {
  for (const [resource, amount] of ratios) {
    const ratio = resource === 'cpu' ? amount / 1000 : amount;
    if (ratio >= 1) continue;
    const written = formatResource(resource, amount);
    reader.at.field('maxLimitRequestRatio').key(resource).invalid(written, `ratio ${written} is less than 1`);
  }
}
