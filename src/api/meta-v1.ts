/**
 * The parts of meta/v1 that the simulator reads. Times are whole seconds, as in the real API (`metav1.Time`), so every
 * comparison that a controller makes on them is truncated as it is upstream. Microseconds live in facts, not in objects.
 */

/** Whole seconds of virtual time since the start of the run. */
export type Timestamp = number;

/** Identity of one object for ever; never reused within a run. */
export type Uid = number;

/** Labels and annotations. Read through `labelValue`, never by enumerating keys in simulation code. */
export type Labels = Readonly<Record<string, string>>;

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: Uid;
  readonly controller: boolean;
  readonly blockOwnerDeletion: boolean;
}

export interface ObjectMeta {
  readonly name: string;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly uid: Uid;
  readonly resourceVersion: number;
  readonly generation: number;
  readonly creationTimestamp: Timestamp;
  readonly deletionTimestamp: Timestamp | undefined;
  readonly deletionGracePeriodSeconds: number | undefined;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly ownerReferences: readonly OwnerReference[];
  readonly finalizers: readonly string[];
}

/** What a client states of the metadata when it creates an object; the API server fills in the rest. */
export type ObjectMetaInit = Pick<ObjectMeta, 'name'> &
  Partial<Pick<ObjectMeta, 'namespace' | 'labels' | 'annotations' | 'ownerReferences' | 'finalizers'>>;

export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

export type ConditionStatus = 'True' | 'False' | 'Unknown';

export interface Condition {
  readonly type: string;
  readonly status: ConditionStatus;
  readonly lastTransitionTime: Timestamp;
  readonly reason: string;
  readonly message: string;
}

export interface LabelSelectorRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}

/** An absent selector matches nothing, an empty one everything (as upstream). */
export interface LabelSelector {
  readonly matchLabels: Labels;
  readonly matchExpressions: readonly LabelSelectorRequirement[];
}

/** Metadata of a new object, with every field in its canonical order so that all objects share one hidden class. */
export function newObjectMeta(init: ObjectMetaInit): ObjectMeta {
  return {
    name: init.name,
    namespace: init.namespace ?? '',
    uid: 0,
    resourceVersion: 0,
    generation: 1,
    creationTimestamp: 0,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    labels: init.labels ?? noLabels,
    annotations: init.annotations ?? noLabels,
    ownerReferences: init.ownerReferences ?? noOwners,
    finalizers: init.finalizers ?? noFinalizers,
  };
}

/**
 * Metadata with some fields replaced. Stored metadata have accessors, which a spread would lose: they are rebuilt by this
 * function, and a lint rule forbids to spread them.
 */
export function metadataWith(metadata: ObjectMeta, changes: Partial<ObjectMeta>): ObjectMeta {
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    generation: metadata.generation,
    creationTimestamp: metadata.creationTimestamp,
    deletionTimestamp: metadata.deletionTimestamp,
    deletionGracePeriodSeconds: metadata.deletionGracePeriodSeconds,
    labels: metadata.labels,
    annotations: metadata.annotations,
    ownerReferences: metadata.ownerReferences,
    finalizers: metadata.finalizers,
    ...changes,
  };
}

export const noLabels: Labels = Object.freeze({});
/** Shared, so that an object without owners or finalizers keeps no empty list of its own. */
const noOwners: readonly OwnerReference[] = Object.freeze([]);
const noFinalizers: readonly string[] = Object.freeze([]);

/** The value of a label, or undefined; safe for keys such as `constructor`. */
export function labelValue(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** The owner that controls this object, if any (upstream `metav1.GetControllerOf`). */
export function controllerOf(object: Pick<ApiObject, 'metadata'>): OwnerReference | undefined {
  for (const owner of object.metadata.ownerReferences) if (owner.controller) return owner;
  return undefined;
}
