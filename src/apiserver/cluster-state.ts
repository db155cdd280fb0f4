/** All stores of a cluster and their indexes: the read side behind informers, admission and observers. */
import type { Pod } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import { kinds } from '../api/kinds.ts';
import type { ApiObject } from '../api/meta-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import type { PersistentVolume } from '../api/persistent-volumes.ts';
import { classOfVolume } from '../api/persistent-volumes.ts';
import type { CSIStorageCapacity, VolumeAttachment } from '../api/storage-v1.ts';
import { assert } from '../util/assert.ts';
import type { StoreIndex } from './store.ts';
import { Store } from './store.ts';

/** Objects by the uid of the owner that controls them. */
export const byController = 'controller';
/** Pods by the uid of the owner that controls them, until they are finished and no finalizer holds them. */
export const byControllerUntilDone = 'controller-until-done';
/** Pods and volume attachments by node name; unbound pods have no key. */
export const byNode = 'node';
/** Objects by namespace, for the kinds that are looked up so. */
export const byNamespace = 'namespace';

/** PersistentVolumes and CSIStorageCapacities by the name of their class; empty = none. */
export const byStorageClass = 'storage-class';

const controllerIndex: StoreIndex<ApiObject> = { name: byController, keyOf: (object) => controllerOf(object)?.uid };
/** What a controller of pods has to look at: a finished pod that has been counted matters no more. */
const unfinishedIndex: StoreIndex<Pod> = {
  name: byControllerUntilDone,
  keyOf: (pod) => (isPodTerminal(pod) && pod.metadata.finalizers.length === 0 ? undefined : controllerOf(pod)?.uid),
};
const nodeIndex: StoreIndex<Pod> = {
  name: byNode,
  keyOf: (pod) => (pod.spec.nodeName === '' ? undefined : pod.spec.nodeName),
};
const namespaceIndex: StoreIndex<ApiObject> = {
  name: byNamespace,
  keyOf: (object) => object.metadata.namespace,
};
const classIndex: StoreIndex<PersistentVolume> = { name: byStorageClass, keyOf: classOfVolume };
const capacityIndex: StoreIndex<CSIStorageCapacity> = {
  name: byStorageClass,
  keyOf: ({ storageClassName }) => storageClassName,
};
const attachmentIndex: StoreIndex<VolumeAttachment> = { name: byNode, keyOf: ({ spec }) => spec.nodeName };

/** Indexes by kind; adding one is one line here. */
const indexesByKind: { readonly [K in Kind]?: readonly StoreIndex<never>[] } = {
  Pod: [controllerIndex, unfinishedIndex, nodeIndex, namespaceIndex],
  ReplicaSet: [controllerIndex],
  ReplicationController: [controllerIndex],
  ControllerRevision: [controllerIndex],
  Job: [controllerIndex],
  EndpointSlice: [controllerIndex],
  Service: [namespaceIndex],
  PersistentVolume: [classIndex],
  CSIStorageCapacity: [capacityIndex],
  VolumeAttachment: [attachmentIndex],
};

/** The store of unmodelled kinds holds many kinds side by side; its key names the kind too. */
export function customKeyName(object: ApiObject): string {
  return `${object.apiVersion}/${object.kind}/${object.metadata.name}`;
}

/** How an object is addressed in the store of its kind: by its name, of unmodelled kinds by apiVersion, kind and name. */
export function storeName(kind: Kind, object: ApiObject): string {
  return kind === 'Custom' ? customKeyName(object) : object.metadata.name;
}

/** All stores of a cluster. */
export class ClusterState {
  private readonly stores = new Map<Kind, Store<ApiObject>>();

  constructor() {
    for (const kind of kinds) {
      const indexes = (indexesByKind[kind] ?? []) as readonly StoreIndex<ApiObject>[];
      this.stores.set(kind, new Store<ApiObject>(kind, indexes, kind === 'Custom' ? customKeyName : undefined));
    }
  }

  store<K extends Kind>(kind: K): Store<KindMap[K]> {
    const store = this.stores.get(kind);
    assert(store !== undefined, `no store for kind ${kind}`);
    return store as unknown as Store<KindMap[K]>;
  }

  get<K extends Kind>(kind: K, namespace: string, name: string): KindMap[K] | undefined {
    return this.store(kind).get(namespace, name);
  }

  list<K extends Kind>(kind: K): Iterable<KindMap[K]> {
    return this.store(kind).list();
  }

  /** The stored objects with this key of an index. */
  by<K extends Kind>(kind: K, indexName: string, key: string | number): readonly KindMap[K][] {
    const store = this.store(kind);
    return store.by(indexName, key, store.sequence);
  }
}
