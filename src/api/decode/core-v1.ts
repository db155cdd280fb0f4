/** Decoders of core/v1 except Pod. */
import type { Namespace, Node, Service, ServicePort } from '../core-v1.ts';
import { dnsLabelProblem, dnsSubdomainProblem, portNameProblems } from '../names.ts';
import { portNumber } from './container.ts';
import type { FieldReader } from './field-reader.ts';
import { nodeSpecFields, objectFields, servicePortFields, serviceSpecFields } from './known-fields.ts';
import { decodeConditions, decodeLabels, decodeMetadata } from './metadata.ts';
import { decodeResourceList } from './resource-list.ts';
import { decodeTaint } from './scheduling-fields.ts';

/** A Node with its capacity and conditions; condition times are 0. */
export function decodeNode(root: FieldReader): Node {
  root.warnUnknown(objectFields);
  const spec = root.object('spec');
  spec?.warnUnknown(nodeSpecFields);
  const taints = spec?.objects('taints').map(decodeTaint) ?? [];
  checkTaintRepeats(spec, taints);
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: decodeMetadata(root, 'cluster', dnsSubdomainProblem),
    spec: {
      unschedulable: spec?.boolean('unschedulable') ?? false,
      taints,
      podCIDR: spec?.text('podCIDR') ?? '',
      providerID: spec?.text('providerID') ?? '',
    },
    status: decodeNodeStatus(root.object('status')),
  };
}

function checkTaintRepeats(spec: FieldReader | undefined, taints: Node['spec']['taints']): void {
  const seen = new Set<string>();
  for (const [index, { key, effect }] of taints.entries()) {
    const at = spec!.at.field('taints').index(index);
    if (seen.has(`${key}:${effect}`)) at.duplicate(key, 'taints must be unique by key and effect pair');
    seen.add(`${key}:${effect}`);
  }
}

/** Capacity and allocatable default to each other. */
function decodeNodeStatus(status: FieldReader | undefined): Node['status'] {
  if (status === undefined) return emptyNodeStatus;
  const capacity = decodeResourceList(status, 'capacity');
  const allocatable = decodeResourceList(status, 'allocatable');
  return {
    capacity: status.has('capacity') ? capacity : allocatable,
    allocatable: status.has('allocatable') ? allocatable : capacity,
    conditions: decodeConditions(status),
    images: status.objects('images').map((image) => ({
      names: image.texts('names'),
      sizeBytes: image.integer('sizeBytes', 0, { max: Number.MAX_SAFE_INTEGER }),
    })),
    declaredFeatures: status.texts('declaredFeatures'),
  };
}

const emptyNodeStatus: Node['status'] = {
  capacity: new Map(),
  allocatable: new Map(),
  conditions: [],
  images: [],
  declaredFeatures: [],
};

/** A Namespace. */
export function decodeNamespace(root: FieldReader): Namespace {
  root.warnUnknown(objectFields);
  const phase = root.object('status')?.choice('phase', ['Active', 'Terminating'], 'Active');
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: decodeMetadata(root, 'cluster', dnsLabelProblem),
    phase: phase ?? 'Active',
  };
}

/** A Service; an empty selector counts as none. */
export function decodeService(root: FieldReader): Service {
  root.warnUnknown(objectFields);
  const spec = root.object('spec');
  spec?.warnUnknown(serviceSpecFields);
  const selector = spec === undefined ? {} : decodeLabels(spec, 'selector');
  const ports = spec?.objects('ports').map(decodeServicePort) ?? [];
  const type = spec?.choice('type', ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'], 'ClusterIP');
  const clusterIP = spec?.text('clusterIP') ?? '';
  const mayLackPorts = type === 'ExternalName' || clusterIP === 'None';
  if (spec !== undefined) checkServicePorts(spec, ports);
  if (ports.length === 0 && !mayLackPorts) root.at.field('spec').field('ports').required();
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: decodeMetadata(root, 'namespaced', dnsLabelProblem),
    selector: Object.keys(selector).length === 0 ? undefined : selector,
    type: type ?? 'ClusterIP',
    clusterIP,
    publishNotReadyAddresses: spec?.boolean('publishNotReadyAddresses') ?? false,
    ports,
  };
}

/** Of several ports each has a name, and no two of one protocol are equal (`ValidateService`). */
function checkServicePorts(spec: FieldReader, ports: readonly ServicePort[]): void {
  const names = new Set<string>();
  const numbers = new Set<string>();
  for (const [index, { name, protocol, port }] of ports.entries()) {
    const at = spec.at.field('ports').index(index);
    if (name === '' && ports.length > 1) at.field('name').required();
    const problem = name === '' ? undefined : dnsLabelProblem(name);
    if (problem !== undefined) at.field('name').invalid(name, problem);
    if (name !== '' && names.has(name)) at.field('name').duplicate(name);
    names.add(name);
    const key = `${protocol}/${port}`;
    if (numbers.has(key)) at.duplicate(spec.list('ports')[index]);
    numbers.add(key);
  }
}

function decodeServicePort(reader: FieldReader): ServicePort {
  reader.warnUnknown(servicePortFields);
  if (!reader.has('port')) reader.at.field('port').required();
  const port = portNumber(reader, 'port');
  return {
    name: reader.text('name'),
    protocol: reader.choice('protocol', ['TCP', 'UDP', 'SCTP'], 'TCP'),
    port,
    targetPort: targetPortOf(reader, port),
  };
}

/** A number or the name of a container's port; the port itself when absent, empty or 0. */
function targetPortOf(reader: FieldReader, port: number): number | string {
  const written = reader.value('targetPort');
  if (typeof written === 'string' && written !== '') {
    for (const problem of portNameProblems(written)) reader.at.field('targetPort').invalid(written, problem);
    return written;
  }
  const number = typeof written === 'string' || written === 0 ? 0 : portNumber(reader, 'targetPort');
  return number === 0 ? port : number;
}
