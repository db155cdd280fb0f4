/** Who owns whom, as the informers of one component see it: the graph of the garbage collector. */
import { byController, storeName } from '../apiserver/cluster-state.ts';
import type { Informer } from '../apiserver/informer.ts';
import type { Kind } from '../api/kinds.ts';
import { clusterScopedKinds, kinds } from '../api/kinds.ts';
import type { ApiObject, OwnerReference, Uid } from '../api/meta-v1.ts';

/** An object of any kind and its address. */
export interface Vertex {
  readonly kind: Kind;
  readonly namespace: string;
  /** As the store names it. */
  readonly name: string;
  readonly uid: Uid;
}

/** The address of an object. */
export function vertexOf(kind: Kind, object: ApiObject): Vertex {
  const { namespace, uid } = object.metadata;
  return { kind, namespace, name: storeName(kind, object), uid };
}

/** Text form of a vertex: the key of a work queue. */
export function vertexKey({ kind, namespace, name, uid }: Vertex): string {
  return `${kind}/${namespace}/${name}/${uid}`;
}

/** Reads what `vertexKey` has written; names of custom objects hold slashes. */
export function parseVertexKey(key: string): Vertex {
  const afterKind = key.indexOf('/');
  const afterNamespace = key.indexOf('/', afterKind + 1);
  const beforeUid = key.lastIndexOf('/');
  return {
    kind: key.slice(0, afterKind) as Kind,
    namespace: key.slice(afterKind + 1, afterNamespace),
    name: key.slice(afterNamespace + 1, beforeUid),
    uid: Number(key.slice(beforeUid + 1)),
  };
}

/** Kinds whose objects are indexed by the owner that controls them. */
const indexedKinds: readonly Kind[] = ['Pod', 'ReplicaSet', 'ControllerRevision', 'Job', 'EndpointSlice'];

const modelledKinds: ReadonlySet<string> = new Set<string>(kinds.filter((kind) => kind !== 'Custom'));

/** Finds owners and dependents; references that no index holds stand in a list of their own. */
export class Dependents {
  private readonly informers: ReadonlyMap<Kind, Informer<Kind>>;
  private readonly loose = new Map<Uid, Map<string, Vertex>>();

  constructor(informers: ReadonlyMap<Kind, Informer<Kind>>) {
    this.informers = informers;
  }

  /** The object at an address, if it is the same one. */
  at({ kind, namespace, name, uid }: Vertex): ApiObject | undefined {
    const object = this.informers.get(kind)!.get(namespace, name);
    return object?.metadata.uid === uid ? object : undefined;
  }

  /** The address that a reference of an object in this namespace means. */
  ownerVertex({ apiVersion, kind, name, uid }: OwnerReference, namespace: string): Vertex {
    if (modelledKinds.has(kind)) {
      const isClusterScoped = clusterScopedKinds.has(kind as Kind);
      return { kind: kind as Kind, namespace: isClusterScoped ? '' : namespace, name, uid };
    }
    const custom: Vertex = { kind: 'Custom', namespace, name: `${apiVersion}/${kind}/${name}`, uid };
    return namespace !== '' && this.at(custom) === undefined ? this.clusterScopedOr(custom) : custom;
  }

  /** All objects seen that name this owner. */
  of(owner: Uid): readonly Vertex[] {
    const found = [...(this.loose.get(owner)?.values() ?? [])];
    for (const kind of indexedKinds) {
      for (const object of this.informers.get(kind)!.by(byController, owner)) found.push(vertexOf(kind, object));
    }
    return found;
  }

  /** Whether `of` would find any. */
  hasAny(owner: Uid): boolean {
    if (this.loose.has(owner)) return true;
    return indexedKinds.some((kind) => this.informers.get(kind)!.by(byController, owner).length > 0);
  }

  /** When every dependent that is there by now will have been seen, microseconds. */
  get completeAt(): number {
    return Math.max(...indexedKinds.map((kind) => this.informers.get(kind)!.caughtUpAt));
  }

  /** Whether a reference is found by an index. */
  isIndexed(kind: Kind, owner: OwnerReference): boolean {
    return owner.controller && indexedKinds.includes(kind);
  }

  /** Notes the references of an object that no index holds. */
  add(kind: Kind, object: ApiObject): void {
    for (const owner of object.metadata.ownerReferences) {
      if (this.isIndexed(kind, owner)) continue;
      const vertex = vertexOf(kind, object);
      const vertices = this.loose.get(owner.uid);
      if (vertices === undefined) this.loose.set(owner.uid, new Map([[vertexKey(vertex), vertex]]));
      else vertices.set(vertexKey(vertex), vertex);
    }
  }

  /** Forgets the references of an object. */
  remove(kind: Kind, object: ApiObject): void {
    for (const owner of object.metadata.ownerReferences) {
      const vertices = this.loose.get(owner.uid);
      vertices?.delete(vertexKey(vertexOf(kind, object)));
      if (vertices?.size === 0) this.loose.delete(owner.uid);
    }
  }

  private clusterScopedOr(custom: Vertex): Vertex {
    const candidate = { ...custom, namespace: '' };
    return this.at(candidate) === undefined ? custom : candidate;
  }
}
