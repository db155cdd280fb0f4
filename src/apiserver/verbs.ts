/**
 * What the verbs do to the store, without time: from the stored object to the next version. The API server calls these
 * functions at the instant of the etcd commit. Deletion stands in `deletion.ts`.
 */
import type { Node, Pod, PodSpec } from '../api/core-v1.ts';
import { clusterScopedKinds } from '../api/kinds.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { ApiObject, Labels, Timestamp } from '../api/meta-v1.ts';
import { labelValue, metadataWith } from '../api/meta-v1.ts';
import { regionLabel, zoneLabel } from '../api/node-conditions.ts';
import type { PodStatus } from '../api/pod-status.ts';
import { newClaimStatus } from '../api/persistent-volumes.ts';
import { newPodDisruptionBudgetStatus } from '../api/policy-v1.ts';
import { newPodStatus, observeCondition, statusWith } from '../api/pod-status.ts';
import { semanticEqual } from '../util/semantic-equal.ts';
import { withJobSelector } from './job-defaults.ts';
import type { Outcome, Refused } from './outcome.ts';
import { conflict, refused } from './outcome.ts';
import { isPod, podWith, withMetadata } from './pod-object.ts';
import type { ApiRequest } from './requests.ts';

export { resourceName } from './outcome.ts';
export { withMetadata } from './pod-object.ts';

/** Upstream registry/generic/registry: optimistic concurrency and uid preconditions. */
export function checkPreconditions(request: ApiRequest, stored: ApiObject): Refused | undefined {
  const { uid, resourceVersion } = stored.metadata;
  const { kind, name } = request;
  if (request.uid !== 0 && request.uid !== uid) {
    return conflict(kind, name, `Precondition failed: UID in precondition: ${request.uid}, UID in object meta: ${uid}`);
  }
  if (request.resourceVersion !== 0 && request.resourceVersion !== resourceVersion) {
    return conflict(
      kind,
      name,
      'the object has been modified; please apply your changes to the latest version and try again',
    );
  }
  return undefined;
}

/** Kinds whose strategy does not count changes. */
const withoutGeneration: ReadonlySet<string> = new Set([
  'Pod',
  'Node',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CSINode',
  'VolumeAttachment',
]);

const specOf = (object: ApiObject): unknown => ('spec' in object ? object.spec : undefined);
const statusOf = (object: ApiObject): unknown => ('status' in object ? object.status : undefined);

/**
 * The generation after an update: one more where the intent has changed, that is the spec, of a Deployment also its annotations
 * (upstream PrepareForUpdate of the strategies). Some kinds keep theirs.
 */
export function nextGeneration(before: ApiObject, after: ApiObject): number {
  const { generation, annotations } = before.metadata;
  if (withoutGeneration.has(before.kind)) return generation;
  const isNew =
    isDifferent(specOf(before), specOf(after)) ||
    (before.kind === 'Deployment' && isDifferent(annotations, after.metadata.annotations));
  return generation + (isNew ? 1 : 0);
}

function isDifferent(before: unknown, after: unknown): boolean {
  return before !== after && !semanticEqual(before, after);
}

/** The part of an update that the main resource takes: everything but the status (upstream PrepareForUpdate). */
export function withStatusOf<T extends ApiObject>(next: T, stored: T): T {
  const status = statusOf(stored);
  if (status === statusOf(next)) return next;
  return isPod(next) ? (podWith(next, { status: status as PodStatus }) as unknown as T) : { ...next, status };
}

/** The part of an update that the status subresource takes: not the spec. */
export function withSpecOf<T extends ApiObject>(next: T, stored: T): T {
  const spec = specOf(stored);
  if (spec === specOf(next)) return next;
  return isPod(next) ? (podWith(next, { spec: spec as Pod['spec'] }) as unknown as T) : { ...next, spec };
}

/**
 * Binds a pod (upstream registry/core/pod/storage assignPod); `spec` is its spec with the node's name, `topology` gives the
 * node's zone and region labels to the pod.
 */
export function bindPod(
  pod: Pod,
  node: Node | undefined,
  spec: PodSpec,
  now: Timestamp,
  topology: TopologyLabels,
): Outcome<Pod> {
  const problem = bindProblem(pod);
  if (problem !== undefined) {
    const { name } = pod.metadata;
    return refused('Conflict', `Operation cannot be fulfilled on pods/binding "${name}": pod ${name} ${problem}`);
  }
  const { labels } = pod.metadata;
  const status = statusWith(pod.status, {
    nominatedNodeName: '',
    podScheduled: observeCondition(pod.status.podScheduled, true, now),
    schedulingMessage: '',
  });
  const newLabels = node === undefined ? labels : topology.labelsOn(labels, node);
  const metadata = newLabels === labels ? pod.metadata : metadataWith(pod.metadata, { labels: newLabels });
  return { type: 'written', object: podWith(pod, { metadata, spec, status }) };
}

function bindProblem({ metadata, spec }: Pod): string | undefined {
  if (metadata.deletionTimestamp !== undefined) return 'is being deleted, cannot be assigned to a host';
  if (spec.nodeName !== '') return `is already assigned to node "${spec.nodeName}"`;
  return spec.schedulingGates.length === 0 ? undefined : 'has non-empty .spec.schedulingGates';
}

/** Copies topology labels of nodes to pods at binding (admission PodTopologyLabels, on by default); one value per template and place. */
export class TopologyLabels {
  private readonly known = new WeakMap<Labels, Map<string, Labels>>();

  /** The labels of a pod on a node. */
  labelsOn(labels: Labels, node: Node): Labels {
    const zone = labelValue(node.metadata.labels, zoneLabel);
    const region = labelValue(node.metadata.labels, regionLabel);
    const isZoneKnown = zone === undefined || labelValue(labels, zoneLabel) === zone;
    const isRegionKnown = region === undefined || labelValue(labels, regionLabel) === region;
    if (isZoneKnown && isRegionKnown) return labels;
    const place = `${zone ?? ''}\0${region ?? ''}`;
    let byPlace = this.known.get(labels);
    if (byPlace === undefined) this.known.set(labels, (byPlace = new Map()));
    let merged = byPlace.get(place);
    if (merged === undefined) {
      const zonePart = zone === undefined ? {} : { [zoneLabel]: zone };
      const regionPart = region === undefined ? {} : { [regionLabel]: region };
      merged = { ...labels, ...zonePart, ...regionPart };
      byPlace.set(place, merged);
    }
    return merged;
  }
}

/** The stored form of a new object: identity, times, a clean status, a selector for Jobs. */
export function prepareNew<K extends Kind>(kind: K, object: KindMap[K], uid: number, now: Timestamp): KindMap[K] {
  const metadata = metadataWith(object.metadata, {
    namespace: clusterScopedKinds.has(kind) ? '' : object.metadata.namespace,
    uid,
    generation: 1,
    creationTimestamp: now,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
  });
  if (isPod(object)) return podWith(object, { metadata, status: newPodStatus }) as KindMap[K];
  return withNewStatus(withMetadata(object, metadata) as KindMap[Kind]) as KindMap[K];
}

/** A new object begins without what only a controller can say of it (upstream PrepareForCreate). */
function withNewStatus(object: KindMap[Kind]): KindMap[Kind] {
  switch (object.kind) {
    case 'Job':
      return withJobSelector(object as KindMap['Job']);
    case 'PersistentVolume':
      return { ...(object as KindMap['PersistentVolume']), status: { phase: 'Pending' } };
    case 'PodDisruptionBudget':
      // Of a dump its status counts, of a new one it does not.
      return { ...(object as KindMap['PodDisruptionBudget']), status: newPodDisruptionBudgetStatus };
    case 'PersistentVolumeClaim':
      return { ...(object as KindMap['PersistentVolumeClaim']), status: newClaimStatus };
    default:
      return object;
  }
}
