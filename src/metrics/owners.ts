/** Which workload a pod belongs to: its controller, and the Deployment above a ReplicaSet. */
import type { ReplicaSet } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import type { ApiObject, Uid } from '../api/meta-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';

/** Names an object. */
export interface OwnerName {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

/** Owners by dense index, in order of first appearance. An owner may be named by a pod before it is seen itself. */
export class Owners {
  private readonly indexes = new Map<Uid, number>();
  private readonly names: OwnerName[] = [];
  private readonly parents: number[] = [];

  get size(): number {
    return this.names.length;
  }

  nameAt(owner: number): OwnerName {
    return this.names[owner]!;
  }

  /** The index of an object that owns, or may own, pods. */
  indexOf(object: ApiObject): number {
    const { uid, namespace, name } = object.metadata;
    return this.indexes.get(uid) ?? this.add(uid, { namespace, kind: object.kind, name });
  }

  /** The index of the object that controls this one; -1 = none does. */
  controllerIndex(object: ApiObject): number {
    const controller = controllerOf(object);
    if (controller === undefined) return -1;
    const { uid, kind, name } = controller;
    return this.indexes.get(uid) ?? this.add(uid, { namespace: object.metadata.namespace, kind, name });
  }

  /** Notes the Deployment above a ReplicaSet; whether that is new. */
  link(replicaSet: ReplicaSet): boolean {
    const parent = this.controllerIndex(replicaSet);
    const owner = this.indexOf(replicaSet);
    if (parent < 0 || this.parents[owner] === parent) return false;
    this.parents[owner] = parent;
    return true;
  }

  /** The owner above which there is none; itself where nothing is known. */
  top(owner: number): number {
    const parent = this.parents[owner]!;
    return parent < 0 ? owner : parent;
  }

  /** The workload of a pod: kind `Pod` and its own name where nothing controls it. */
  workloadOf(pod: Pod): OwnerName {
    const owner = this.controllerIndex(pod);
    if (owner >= 0) return this.nameAt(this.top(owner));
    return { namespace: pod.metadata.namespace, kind: 'Pod', name: pod.metadata.name };
  }

  private add(uid: Uid, name: OwnerName): number {
    const index = this.names.push(name) - 1;
    this.parents.push(-1);
    this.indexes.set(uid, index);
    return index;
  }
}
