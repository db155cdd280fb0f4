/** Claims and volumes as the scheduler has decided they will be (upstream `volumebinding/passive_assume_cache.go`). */
import type { KindMap } from '../../api/kinds.ts';
import type { ClusterLister } from '../framework/handle.ts';

/** The kinds whose objects are assumed. */
export type AssumedKind = 'PersistentVolume' | 'PersistentVolumeClaim';

/**
 * Versions that are not written yet, over what the informer has heard. An assumed version counts as long as the informer
 * has the very version that it was made from; a newer one from the API server always wins.
 */
export class AssumeCache<K extends AssumedKind> {
  private readonly kind: K;
  private readonly cluster: ClusterLister;
  private readonly assumed = new Map<string, KindMap[K]>();

  constructor(kind: K, cluster: ClusterLister) {
    this.kind = kind;
    this.cluster = cluster;
  }

  /** What the informer has heard; undefined = there is none. */
  stored(namespace: string, name: string): KindMap[K] | undefined {
    return this.cluster.get(this.kind, namespace, name);
  }

  /** The assumed version, else the stored one; undefined = there is none. */
  get(namespace: string, name: string): KindMap[K] | undefined {
    const stored = this.stored(namespace, name);
    return stored === undefined ? undefined : this.latest(stored);
  }

  /** The assumed version of a stored object, else the object itself. */
  latest(stored: KindMap[K]): KindMap[K] {
    if (this.assumed.size === 0) return stored;
    const assumed = this.assumed.get(keyOf(stored));
    return assumed !== undefined && isSameVersion(assumed, stored) ? assumed : stored;
  }

  /**
   * From now on the object counts as being like this.
   *
   * @returns upstream's text where it was made from another version than the informer's.
   */
  assume(object: KindMap[K]): string | undefined {
    const { namespace, name, resourceVersion } = object.metadata;
    const key = keyOf(object);
    const stored = this.stored(namespace, name);
    if (stored === undefined) return `${this.kind.toLowerCase()}s ${JSON.stringify(key)} not found`;
    if (!isSameVersion(stored, object)) {
      const versions = `(stored: ${stored.metadata.resourceVersion}, assume: ${resourceVersion})`;
      return `${JSON.stringify(key)} is out of sync ${versions}`;
    }
    this.assumed.set(key, object);
    return undefined;
  }

  /** Takes an assumption back; nothing happens where a later one has replaced it. */
  restore(object: KindMap[K]): void {
    const assumed = this.assumed.get(keyOf(object));
    if (assumed !== undefined && isSameVersion(assumed, object)) this.assumed.delete(keyOf(object));
  }

  /** The informer has heard of a change: drops an assumption that no longer counts. */
  heard(before: KindMap[K] | undefined, after: KindMap[K] | undefined): void {
    const object = (after ?? before)!;
    const assumed = this.assumed.get(keyOf(object));
    const isOver = assumed !== undefined && (after === undefined || !isSameVersion(assumed, after));
    if (isOver) this.assumed.delete(keyOf(object));
  }
}

function keyOf({ metadata: { namespace, name } }: KindMap[AssumedKind]): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

function isSameVersion(a: KindMap[AssumedKind], b: KindMap[AssumedKind]): boolean {
  return a.metadata.resourceVersion === b.metadata.resourceVersion;
}
