/** What stands in the cluster before time starts: installed as it is, without admission and without requests. */
import type { Kind, KindMap } from '../api/kinds.ts';
import { kinds } from '../api/kinds.ts';
import type { ApiObject, OwnerReference, Uid } from '../api/meta-v1.ts';
import { metadataWith, newObjectMeta } from '../api/meta-v1.ts';
import { withBetaLabels } from '../api/node-conditions.ts';
import type { PersistentVolume } from '../api/persistent-volumes.ts';
import { publishedObject, publishedObjects } from '../api/published-objects.ts';
import type { ApiServer } from '../apiserver/apiserver.ts';
import { storeName } from '../apiserver/cluster-state.ts';
import { withMetadata } from '../apiserver/verbs.ts';
import type { ManifestObject } from './manifest-object.ts';

/** Namespaces that every cluster has. */
const systemNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'] as const;

/** Owners before what they own, so that references find the uid of their owner in this run. */
const installOrder: readonly Kind[] = [
  ...(['Namespace', 'PriorityClass', 'LimitRange', 'Node', 'Service'] as const),
  ...(['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController', 'Job', 'Pod'] as const),
];

/**
 * Installs the initial objects. A reference to an owner that is not among them is dropped: the owner's controller is not part
 * of this run, and the garbage collector must not take its dependents for orphans.
 */
export function installInitialState(server: ApiServer, objects: readonly ManifestObject[]): void {
  const named = new Set(objects.filter(({ kind }) => kind === 'Namespace').map(({ object }) => object.metadata.name));
  for (const name of systemNamespaces) if (!named.has(name)) installNamespace(server, name);
  const rank = (kind: Kind): number => {
    const at = installOrder.indexOf(kind);
    return at < 0 ? installOrder.length + kinds.indexOf(kind) : at;
  };
  const uids = new Map<string, Uid>();
  for (const entry of [...objects].sort((a, b) => rank(a.kind) - rank(b.kind))) install(server, entry, uids);
  for (const name of named) publish(server, name);
}

/** What controllers put into a namespace as soon as it is there. */
function publish(server: ApiServer, namespace: string): void {
  for (const published of publishedObjects) {
    const object = publishedObject(published, namespace);
    const isThere = server.state.get('Custom', namespace, storeName('Custom', object)) !== undefined;
    if (!isThere) server.install('Custom', object);
  }
}

/** A namespace that has been there for a while, with what controllers put into each. */
export function installNamespace(server: ApiServer, name: string): void {
  const metadata = newObjectMeta({ name, labels: { 'kubernetes.io/metadata.name': name } });
  server.install('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata, phase: 'Active' });
  publish(server, name);
}

function install<K extends Kind>(
  server: ApiServer,
  { kind, object }: { kind: K; object: KindMap[K] },
  uids: Map<string, Uid>,
): void {
  const { metadata } = object;
  const ownerReferences = metadata.ownerReferences.flatMap((owner): OwnerReference[] => {
    const uid = uids.get(keyOf(owner.kind, metadata.namespace, owner.name));
    return uid === undefined ? [] : [{ ...owner, uid }];
  });
  const isSame = metadata.ownerReferences.length === 0;
  const owned = isSame ? object : withMetadata(object, metadataWith(metadata, { ownerReferences }));
  const stored = server.install(kind, withKubeletLabels(withClaimUid(kind, owned, uids)));
  uids.set(keyOf((stored as ApiObject).kind, metadata.namespace, metadata.name), stored.metadata.uid);
}

/** A node that is there already has the labels that its kubelet gave it. */
function withKubeletLabels<T extends ApiObject>(object: T): T {
  if (object.kind !== 'Node') return object;
  const { metadata } = object;
  return withMetadata(object, metadataWith(metadata, { labels: withBetaLabels(metadata.labels) }));
}

/** A volume that says whose it is finds the uid of its claim in this run; claims come first. */
function withClaimUid<K extends Kind>(kind: K, object: KindMap[K], uids: ReadonlyMap<string, Uid>): KindMap[K] {
  if (kind !== 'PersistentVolume') return object;
  const volume = object as PersistentVolume;
  const { claimRef } = volume.spec;
  const uid = claimRef && uids.get(keyOf('PersistentVolumeClaim', claimRef.namespace, claimRef.name));
  if (claimRef === undefined || uid === undefined || claimRef.uid === 0) return object;
  return { ...volume, spec: { ...volume.spec, claimRef: { ...claimRef, uid } } } as KindMap[K];
}

function keyOf(kind: string, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}
