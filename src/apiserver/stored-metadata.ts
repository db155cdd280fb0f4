/** Metadata of stored pods: four fields of their own and one value that all pods of a template and owner share. */
import type { Labels, ObjectMeta, OwnerReference, Timestamp, Uid } from '../api/meta-v1.ts';

/** What a pod does not have for itself alone. The times of a deletion are here because few pods are being deleted at a time. */
export interface SharedMetadata {
  readonly namespace: string;
  readonly generation: number;
  readonly deletionTimestamp: Timestamp | undefined;
  readonly deletionGracePeriodSeconds: number | undefined;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly ownerReferences: readonly OwnerReference[];
  readonly finalizers: readonly string[];
}

/** Read as any metadata; must not be spread (see `metadataWith`). */
export class StoredMetadata implements ObjectMeta {
  readonly name: string;
  readonly uid: Uid;
  readonly resourceVersion: number;
  readonly creationTimestamp: Timestamp;
  readonly shared: SharedMetadata;

  constructor({ name, uid, creationTimestamp }: ObjectMeta, resourceVersion: number, shared: SharedMetadata) {
    this.name = name;
    this.uid = uid;
    this.resourceVersion = resourceVersion;
    this.creationTimestamp = creationTimestamp;
    this.shared = shared;
  }

  get namespace(): string {
    return this.shared.namespace;
  }
  get generation(): number {
    return this.shared.generation;
  }
  get deletionTimestamp(): Timestamp | undefined {
    return this.shared.deletionTimestamp;
  }
  get deletionGracePeriodSeconds(): number | undefined {
    return this.shared.deletionGracePeriodSeconds;
  }
  get labels(): Labels {
    return this.shared.labels;
  }
  get annotations(): Labels {
    return this.shared.annotations;
  }
  get ownerReferences(): readonly OwnerReference[] {
    return this.shared.ownerReferences;
  }
  get finalizers(): readonly string[] {
    return this.shared.finalizers;
  }
}

/** Finds what is shared by the labels, of which a template has one value. */
export class SharedMetadataCache {
  private readonly latest = new WeakMap<Labels, SharedMetadata>();

  /** The shared part of a pod's metadata. `before` is the metadata of the version that it replaces. */
  of(metadata: ObjectMeta, before: ObjectMeta | undefined): SharedMetadata {
    if (metadata instanceof StoredMetadata) return metadata.shared;
    if (before instanceof StoredMetadata && isSame(before.shared, metadata)) return before.shared;
    const { labels } = metadata;
    const latest = this.latest.get(labels);
    if (latest !== undefined && isSame(latest, metadata)) return latest;
    const made = partOf(metadata);
    if (metadata.deletionTimestamp === undefined) this.latest.set(labels, made);
    return made;
  }
}

function partOf(metadata: ObjectMeta): SharedMetadata {
  return {
    namespace: metadata.namespace,
    generation: metadata.generation,
    deletionTimestamp: metadata.deletionTimestamp,
    deletionGracePeriodSeconds: metadata.deletionGracePeriodSeconds,
    labels: metadata.labels,
    annotations: metadata.annotations,
    ownerReferences: metadata.ownerReferences,
    finalizers: metadata.finalizers,
  };
}

function isSame(shared: SharedMetadata, metadata: ObjectMeta): boolean {
  return (
    shared.labels === metadata.labels &&
    shared.annotations === metadata.annotations &&
    shared.namespace === metadata.namespace &&
    shared.generation === metadata.generation &&
    shared.deletionTimestamp === metadata.deletionTimestamp &&
    shared.deletionGracePeriodSeconds === metadata.deletionGracePeriodSeconds &&
    areSame(shared.ownerReferences, metadata.ownerReferences, isSameOwner) &&
    areSame(shared.finalizers, metadata.finalizers, (one, other) => one === other)
  );
}

function areSame<T>(list: readonly T[], other: readonly T[], isEqual: (a: T, b: T) => boolean): boolean {
  if (list === other) return true;
  return list.length === other.length && list.every((entry, at) => isEqual(entry, other[at]!));
}

function isSameOwner(one: OwnerReference, other: OwnerReference): boolean {
  return (
    one.uid === other.uid &&
    one.controller === other.controller &&
    one.blockOwnerDeletion === other.blockOwnerDeletion &&
    one.name === other.name &&
    one.kind === other.kind &&
    one.apiVersion === other.apiVersion
  );
}
