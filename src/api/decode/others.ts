/** Decoders of kinds that the simulator stores without acting on their manifests much. */
import type { CustomObject } from '../custom.ts';
import type { Endpoint, EndpointSlice } from '../discovery-v1.ts';
import { dnsSubdomainProblem, pathSegmentProblem } from '../names.ts';
import { systemPriorityClasses } from '../scheduling-v1.ts';
import type { PriorityClass } from '../scheduling-v1.ts';
import type { FieldReader } from './field-reader.ts';
import { priorityClassFields } from './known-fields.ts';
import { decodeMetadata } from './metadata.ts';

const userPriorityMax = 1_000_000_000;

/** A PriorityClass, 0 where it says nothing; values above 10^9 belong to the system. */
export function decodePriorityClass(root: FieldReader): PriorityClass {
  root.warnUnknown(priorityClassFields);
  const metadata = decodeMetadata(root, 'cluster', dnsSubdomainProblem);
  const value = root.integer('value', 0, { min: -2147483648 });
  const globalDefault = root.boolean('globalDefault');
  if (metadata.name.startsWith('system-')) checkSystemClass(root, metadata.name, value, globalDefault);
  else if (value > userPriorityMax) {
    const detail = `maximum allowed value of a user defined priority is ${userPriorityMax}`;
    root.at.field('value').forbidden(detail);
  }
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata,
    value,
    globalDefault,
    preemptionPolicy: root.choice('preemptionPolicy', ['PreemptLowerPriority', 'Never'], 'PreemptLowerPriority'),
  };
}

/** Upstream: pkg/apis/scheduling/validation and helpers.go, IsKnownSystemPriorityClass. */
function checkSystemClass(root: FieldReader, name: string, value: number, isDefault: boolean): void {
  const known = systemPriorityClasses.get(name);
  const problem =
    known === undefined
      ? `${name} is not a known system priority class`
      : value !== known
        ? `value of ${name} PriorityClass must be ${known}`
        : isDefault
          ? `globalDefault of ${name} PriorityClass must be false`
          : undefined;
  if (problem === undefined) return;
  const detail = `priority class names with 'system-' prefix are reserved for system use only. error: ${problem}`;
  root.at.field('metadata').field('name').forbidden(detail);
}

/** An EndpointSlice, for those that no Service makes. */
export function decodeEndpointSlice(root: FieldReader): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: decodeMetadata(root, 'namespaced', dnsSubdomainProblem),
    endpoints: root.objects('endpoints').map(decodeEndpoint),
    ports: root.objects('ports').map((port) => ({
      name: port.text('name'),
      protocol: port.text('protocol', 'TCP'),
      port: port.integer('port', 0, { max: 65535 }),
    })),
  };
}

/** Absent conditions count as ready and serving, as consumers of the API are told. */
function decodeEndpoint(reader: FieldReader): Endpoint {
  const conditions = reader.object('conditions');
  const target = reader.object('targetRef');
  const ready = conditions?.boolean('ready', true) ?? true;
  return {
    podUid: 0,
    podName: target?.text('kind') === 'Pod' ? target.text('name') : '',
    nodeName: reader.text('nodeName'),
    zone: reader.text('zone'),
    ready,
    serving: conditions?.boolean('serving', ready) ?? ready,
    terminating: conditions?.boolean('terminating') ?? false,
  };
}

/** An object of any other kind: metadata read, body kept as written. */
export function decodeCustom(root: FieldReader): CustomObject {
  return {
    apiVersion: root.text('apiVersion'),
    kind: root.text('kind'),
    // Names of other kinds may hold nearly anything (RBAC roles have colons): what upstream's path rule forbids stays out.
    metadata: decodeMetadata(root, 'unknown', pathSegmentProblem),
    body: root.raw,
  };
}
