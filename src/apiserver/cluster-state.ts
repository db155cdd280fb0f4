/** All stores of a cluster and their indexes: the read side behind informers, admission and observers. */
import type { Pod, Service } from '../api/core-v1.ts';
import type { EndpointSlice } from '../api/discovery-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import { kinds } from '../api/kinds.ts';
import type { ApiObject } from '../api/meta-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';
import { assert } from '../util/assert.ts';
import type { StoreIndex } from './store.ts';
import { Store } from './store.ts';

/** Objects by the uid of the owner that controls them. */
export const byController = 'controller';
/** Pods by node name; unbound pods have no key. */
export const byNode = 'node';
/** Objects by namespace, for the kinds that are looked up so. */
export const byNamespace = 'namespace';

const controllerIndex: StoreIndex<ApiObject> = { name: byController, keyOf: (object) => controllerOf(object)?.uid };
const nodeIndex: StoreIndex<Pod> = {
  name: byNode,
  keyOf: (pod) => (pod.spec.nodeName === '' ? undefined : pod.spec.nodeName),
};
const serviceIndex: StoreIndex<Service | EndpointSlice> = {
  name: byNamespace,
  keyOf: (object) => object.metadata.namespace,
};

/** Indexes by kind; adding one is one line here. */
const indexesByKind: { readonly [K in Kind]?: readonly StoreIndex<never>[] } = {
  Pod: [controllerIndex, nodeIndex],
  ReplicaSet: [controllerIndex],
  Job: [controllerIndex],
  EndpointSlice: [controllerIndex],
  Service: [serviceIndex],
};

/** The store of unmodelled kinds holds many kinds side by side; its key names the kind too. */
export function customKeyName(object: ApiObject): string {
  return `${object.apiVersion}/${object.kind}/${object.metadata.name}`;
}

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
}
