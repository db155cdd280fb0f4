/**
 * What the verbs do to the store, without time: one function per verb, from the stored object to the next version. The
 * API server calls them at the instant of the etcd commit.
 */
import type { Node, Pod } from '../api/core-v1.ts';
import { clusterScopedKinds } from '../api/kinds.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { ApiObject, Labels, ObjectMeta } from '../api/meta-v1.ts';
import { labelValue } from '../api/meta-v1.ts';
import type { PodStatus } from '../api/pod-status.ts';
import { newPodStatus, observeCondition } from '../api/pod-status.ts';
import { bindSpec, podWith } from './pod-object.ts';
import type { ApiRequest, ApiResponse, ResponseCode } from './requests.ts';

/** What a verb decides: refuse, leave as it is, write a version, or remove. */
export type Outcome<T extends ApiObject> =
  | { readonly type: 'refused'; readonly response: ApiResponse }
  | { readonly type: 'unchanged'; readonly object: T }
  | { readonly type: 'written'; readonly object: T }
  | { readonly type: 'removed'; readonly object: T };

export function refused(code: ResponseCode, message: string): { type: 'refused'; response: ApiResponse } {
  return { type: 'refused', response: { code, object: undefined, message } };
}

/** The same object with other metadata; pods are rebuilt, everything else is copied. */
export function withMetadata<T extends ApiObject>(object: T, metadata: ObjectMeta): T {
  return isPod(object) ? (podWith(object, { metadata }) as unknown as T) : { ...object, metadata };
}

export function isPod(object: ApiObject): object is Pod {
  return object.kind === 'Pod';
}

/** Resource name in messages: `pods`, `replicasets.apps`. */
export function resourceName(kind: string): string {
  const group = resourceGroups.get(kind);
  const plural = kind.endsWith('s') ? `${kind.toLowerCase()}es` : `${kind.toLowerCase()}s`;
  return group === undefined ? plural : `${plural}.${group}`;
}

const resourceGroups: ReadonlyMap<string, string> = new Map([
  ['Deployment', 'apps'],
  ['ReplicaSet', 'apps'],
  ['Job', 'batch'],
  ['EndpointSlice', 'discovery.k8s.io'],
  ['PriorityClass', 'scheduling.k8s.io'],
]);

export function notFound(kind: string, name: string): { type: 'refused'; response: ApiResponse } {
  return refused('NotFound', `${resourceName(kind)} "${name}" not found`);
}

/** Upstream registry/generic/registry: optimistic concurrency and uid preconditions. */
export function checkPreconditions(
  request: ApiRequest,
  stored: ApiObject,
): { type: 'refused'; response: ApiResponse } | undefined {
  const { uid, resourceVersion } = stored.metadata;
  if (request.uid !== 0 && request.uid !== uid) {
    return refused(
      'Conflict',
      `Operation cannot be fulfilled on ${resourceName(request.kind)} "${request.name}": Precondition failed: UID in precondition: ${request.uid}, UID in object meta: ${uid}`,
    );
  }
  if (request.resourceVersion !== 0 && request.resourceVersion !== resourceVersion) {
    return refused(
      'Conflict',
      `Operation cannot be fulfilled on ${resourceName(request.kind)} "${request.name}": the object has been modified; please apply your changes to the latest version and try again`,
    );
  }
  return undefined;
}

/** A changed spec is a new generation; pods keep theirs, a new node name is not a change of intent. */
export function nextGeneration(before: ApiObject, after: ApiObject): number {
  const specOf = (object: ApiObject): unknown => ('spec' in object ? object.spec : undefined);
  const isIntent = before.kind !== 'Pod' && before.kind !== 'Node' && specOf(before) !== specOf(after);
  return before.metadata.generation + (isIntent ? 1 : 0);
}

/** Binds a pod (upstream registry/core/pod/storage assignPod); `topology` gives the node's zone and region labels to the pod. */
export function bindPod(
  pod: Pod,
  node: Node | undefined,
  nodeName: string,
  now: number,
  topology: TopologyLabels,
): Outcome<Pod> {
  const { name, deletionTimestamp, labels } = pod.metadata;
  if (deletionTimestamp !== undefined) {
    return refused(
      'Conflict',
      `Operation cannot be fulfilled on pods/binding "${name}": pod ${name} is being deleted, cannot be assigned to a host`,
    );
  }
  if (pod.spec.nodeName !== '') {
    return refused(
      'Conflict',
      `Operation cannot be fulfilled on pods/binding "${name}": pod ${name} is already assigned to node "${pod.spec.nodeName}"`,
    );
  }
  const status: PodStatus = {
    ...pod.status,
    nominatedNodeName: '',
    podScheduled: observeCondition(pod.status.podScheduled, true, now),
    schedulingMessage: '',
  };
  const spec = bindSpec(pod.spec, nodeName);
  const newLabels = node === undefined ? labels : topology.labelsOn(labels, node);
  const metadata = newLabels === labels ? pod.metadata : { ...pod.metadata, labels: newLabels };
  return { type: 'written', object: podWith(pod, { metadata, spec, status }) };
}

const topologyKeys = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/** Copies topology labels of nodes to pods at binding (admission PodTopologyLabels, on by default); one value per template and zone. */
export class TopologyLabels {
  private readonly known = new WeakMap<Labels, Map<string, Labels>>();

  labelsOn(labels: Labels, node: Node): Labels {
    const values = topologyKeys.map((key) => labelValue(node.metadata.labels, key));
    if (topologyKeys.every((key, at) => values[at] === undefined || labelValue(labels, key) === values[at]))
      return labels;
    const place = values.join('\0');
    let byPlace = this.known.get(labels);
    if (byPlace === undefined) this.known.set(labels, (byPlace = new Map()));
    let merged = byPlace.get(place);
    if (merged === undefined) {
      const added = topologyKeys.flatMap((key, at) => (values[at] === undefined ? [] : [[key, values[at]] as const]));
      merged = { ...labels, ...Object.fromEntries(added) };
      byPlace.set(place, merged);
    }
    return merged;
  }
}

/**
 * Deletes a pod: at once when it is unbound or finished or the grace is 0, else it stays terminating until the kubelet
 * removes it. A later request may only shorten the grace (upstream registry/core/pod/strategy.go CheckGracefulDelete).
 *
 * @param now whole seconds.
 */
export function deletePod(pod: Pod, requestedGrace: number, now: number): Outcome<Pod> {
  const grace = graceOf(pod, requestedGrace);
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = pod.metadata;
  if (grace > 0 && deletionTimestamp !== undefined && grace >= (deletionGracePeriodSeconds ?? 0))
    return { type: 'unchanged', object: pod };
  if (grace === 0 && finalizers.length === 0) return { type: 'removed', object: pod };
  const metadata = {
    ...pod.metadata,
    deletionTimestamp: now + grace,
    deletionGracePeriodSeconds: grace,
  };
  return { type: 'written', object: podWith(pod, { metadata }) };
}

function graceOf(pod: Pod, requested: number): number {
  if (pod.spec.nodeName === '' || pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed') return 0;
  const grace = requested >= 0 ? requested : pod.spec.terminationGracePeriodSeconds;
  return grace < 0 ? 1 : grace;
}

/** Deletes anything but a pod: finalizers (also those that a propagation policy adds) keep it as terminating. */
export function deleteObject<T extends ApiObject>(object: T, propagation: string, now: number): Outcome<T> {
  const added = propagation === 'Foreground' ? ['foregroundDeletion'] : propagation === 'Orphan' ? ['orphan'] : [];
  const finalizers = [
    ...object.metadata.finalizers,
    ...added.filter((name) => !object.metadata.finalizers.includes(name)),
  ];
  if (finalizers.length === 0) return { type: 'removed', object };
  if (object.metadata.deletionTimestamp !== undefined && finalizers.length === object.metadata.finalizers.length) {
    return { type: 'unchanged', object };
  }
  const metadata = {
    ...object.metadata,
    finalizers,
    deletionTimestamp: object.metadata.deletionTimestamp ?? now,
    deletionGracePeriodSeconds: object.metadata.deletionGracePeriodSeconds ?? 0,
  };
  return { type: 'written', object: withMetadata(object, metadata) };
}

/** Whether a terminating object has nothing left to wait for. */
export function isFinalized(object: ApiObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  return deletionTimestamp !== undefined && (deletionGracePeriodSeconds ?? 0) === 0 && finalizers.length === 0;
}

/** The stored form of a new object: identity, times, and a clean status for pods. */
export function prepareNew<K extends Kind>(kind: K, object: KindMap[K], uid: number, now: number): KindMap[K] {
  const metadata: ObjectMeta = {
    ...object.metadata,
    namespace: clusterScopedKinds.has(kind) ? '' : object.metadata.namespace,
    uid,
    generation: 1,
    creationTimestamp: now,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
  };
  if (isPod(object) && object.spec.nodeName === '')
    return podWith(object, { metadata, status: newPodStatus }) as KindMap[K];
  return withMetadata(object, metadata);
}
