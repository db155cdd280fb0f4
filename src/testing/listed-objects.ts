import { decodeReplicaSet } from '../api/decode/apps-v1.ts';
import { decodeService } from '../api/decode/core-v1.ts';
import { FieldPosition } from '../api/decode/field-position.ts';
import { FieldReader } from '../api/decode/field-reader.ts';
import { decodeReplicationController } from '../api/decode/replication-controller.ts';
import { decodeStatefulSet } from '../api/decode/stateful-set.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { ApiObject } from '../api/meta-v1.ts';
import type { ClusterLister } from '../scheduler/framework/handle.ts';
import { assert } from '../util/assert.ts';

const decoders: ReadonlyMap<string, (root: FieldReader) => ApiObject> = new Map<Kind, (root: FieldReader) => ApiObject>(
  [
    ['Service', decodeService],
    ['ReplicaSet', decodeReplicaSet],
    ['StatefulSet', decodeStatefulSet],
    ['ReplicationController', decodeReplicationController],
  ],
);

/** Objects that the plugins of a test see through their lister. */
export class ListedObjects implements ClusterLister {
  private readonly objects = new Map<string, ApiObject[]>();

  /** Adds an object from a manifest; problems of the decoder are passed over, and so are kinds that no plugin reads. */
  add(manifest: { readonly kind: string }): void {
    const { kind } = manifest;
    const object = decoders.get(kind)?.(new FieldReader({ ...manifest }, new FieldPosition([], '', [], [])));
    if (object !== undefined) this.objects.set(kind, [...(this.objects.get(kind) ?? []), object]);
  }

  get<K extends Kind>(kind: K, namespace: string, name: string): KindMap[K] | undefined {
    return this.list(kind).find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  }

  list<K extends Kind>(kind: K): readonly KindMap[K][] {
    return (this.objects.get(kind) ?? []) as unknown as readonly KindMap[K][];
  }

  by<K extends Kind>(kind: K, index: string, key: string | number): readonly KindMap[K][] {
    assert(index === 'namespace', `no index ${index}`);
    return this.list(kind).filter(({ metadata }) => metadata.namespace === key);
  }
}
