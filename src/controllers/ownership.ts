/** Adoption and release of dependents (upstream pkg/controller/controller_ref_manager.go). */
import type { Kind, KindMap } from '../api/kinds.ts';
import type { ApiObject, Labels, OwnerReference, Uid } from '../api/meta-v1.ts';
import { controllerOf, metadataWith } from '../api/meta-v1.ts';
import type { Informer } from '../apiserver/informer.ts';
import type { ApiRequest, Patch } from '../apiserver/requests.ts';
import { getRequest, isSuccess, patchRequest } from '../apiserver/requests.ts';
import { withMetadata } from '../apiserver/verbs.ts';
import type { Step } from './controller.ts';
import { send, sendAll } from './controller.ts';

/** Kinds that are claimed by selectors. */
export type OwnedKind = 'Pod' | 'ReplicaSet';
/** Kinds that claim them. */
export type OwnerKind = 'Deployment' | 'ReplicaSet' | 'ReplicationController' | 'Job' | 'StatefulSet' | 'DaemonSet';

/** The reference from a dependent to the owner that controls it. */
export function controllerReference(owner: ApiObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
}

/** References by owner: all dependents of one owner share one value. */
export class OwnerReferences {
  private readonly known = new Map<Uid, readonly OwnerReference[]>();

  of(owner: ApiObject): readonly OwnerReference[] {
    const { uid } = owner.metadata;
    let references = this.known.get(uid);
    if (references === undefined) this.known.set(uid, (references = [controllerReference(owner)]));
    return references;
  }

  forget(uid: Uid): void {
    this.known.delete(uid);
  }
}

/** Key of the owner that controls an object, if it is of this kind; undefined otherwise. */
export function ownerKey(object: ApiObject | undefined, kind: Kind): string | undefined {
  if (object === undefined) return undefined;
  const owner = controllerOf(object);
  return owner?.kind === kind ? `${object.metadata.namespace}/${owner.name}` : undefined;
}

/** An owner that looks for its dependents. */
export interface Claim<K extends OwnedKind> {
  readonly kind: K;
  readonly owner: KindMap[OwnerKind];
  /** One value for all dependents of the owner. */
  readonly ownerReferences: readonly OwnerReference[];
  /** Come with an adoption and go with a release; absent = none. */
  readonly finalizers?: readonly string[];
  matches(labels: Labels): boolean;
}

/** What an adoption adds to a dependent, or a release takes away. */
type Ties = Pick<Claim<OwnedKind>, 'ownerReferences' | 'finalizers'>;

/** What an owner has in the end. */
export interface Claimed<K extends OwnedKind> {
  readonly objects: readonly KindMap[K][];
  /** Message of the first refused patch; the sync is then tried again. */
  readonly failed: string | undefined;
}

/** Keeps what is ours and matches, releases what no longer matches, adopts orphans that match. */
export function* claimObjects<K extends OwnedKind>(
  claim: Claim<K>,
  candidates: readonly KindMap[K][],
): Step<Claimed<K>> {
  const { uid, deletionTimestamp } = claim.owner.metadata;
  const kept: KindMap[K][] = [];
  const released: KindMap[K][] = [];
  const adoptable: KindMap[K][] = [];
  for (const object of candidates) {
    const owner = controllerOf(object);
    const isMatch = claim.matches(object.metadata.labels);
    if (owner !== undefined && owner.uid !== uid) continue;
    if (owner !== undefined && isMatch) kept.push(object);
    else if (deletionTimestamp !== undefined) continue;
    else if (owner !== undefined) released.push(object);
    else if (isMatch && object.metadata.deletionTimestamp === undefined) adoptable.push(object);
  }
  if (released.length === 0 && adoptable.length === 0) return { objects: kept, failed: undefined };
  return yield* changeOwners(claim, kept, released, adoptable);
}

function* changeOwners<K extends OwnedKind>(
  claim: Claim<K>,
  kept: KindMap[K][],
  released: readonly KindMap[K][],
  adoptable: readonly KindMap[K][],
): Step<Claimed<K>> {
  let failed: string | undefined;
  const releases = released.map((object) => patchOf(claim.kind, object, release, claim));
  for (const response of yield* sendAll(releases)) {
    if (!isSuccess(response) && response.code !== 'NotFound') failed ??= response.message;
  }
  if (adoptable.length === 0) return { objects: kept, failed };
  const refusal = yield* whyNotAdopt(claim.owner);
  if (refusal !== undefined) return { objects: kept, failed: refusal };
  const adoptions = adoptable.map((object) => patchOf(claim.kind, object, adopt, claim));
  for (const response of yield* sendAll(adoptions)) {
    if (isSuccess(response)) kept.push(response.object!);
    else if (response.code !== 'NotFound') failed ??= response.message;
  }
  return { objects: kept, failed };
}

/** One uncached look at the owner before anything is adopted. */
function* whyNotAdopt(owner: KindMap[OwnerKind]): Step<string | undefined> {
  const { namespace, name, uid } = owner.metadata;
  const { object, message } = yield* send(getRequest(owner.kind, namespace, name));
  if (object === undefined) return message;
  if (object.metadata.uid !== uid)
    return `original ${owner.kind} ${namespace}/${name} is gone: got uid ${object.metadata.uid}, wanted ${uid}`;
  return object.metadata.deletionTimestamp === undefined ? undefined : `${namespace}/${name} has just been deleted`;
}

function patchOf<K extends OwnedKind>(
  kind: K,
  object: KindMap[K],
  patch: (current: ApiObject, argument: unknown) => ApiObject,
  argument: Ties,
): ApiRequest<K> {
  const { namespace, name, uid } = object.metadata;
  return patchRequest(kind, namespace, name, patch as unknown as Patch<KindMap[K]>, argument, uid);
}

function adopt(current: ApiObject, argument: unknown): ApiObject {
  const { ownerReferences: added, finalizers: wanted = none } = argument as Ties;
  const present = current.metadata.ownerReferences;
  const ownerReferences = present.length === 0 ? added : [...present, ...added];
  const missing = wanted.filter((name) => !current.metadata.finalizers.includes(name));
  const finalizers = missing.length === 0 ? current.metadata.finalizers : [...current.metadata.finalizers, ...missing];
  return withMetadata(current, metadataWith(current.metadata, { ownerReferences, finalizers }));
}

function release(current: ApiObject, argument: unknown): ApiObject {
  const { ownerReferences: taken, finalizers: dropped = none } = argument as Ties;
  const { ownerReferences: owners, finalizers: present } = current.metadata;
  const ownerReferences = owners.filter(({ uid }) => taken.every((owner) => owner.uid !== uid));
  const finalizers = dropped.length === 0 ? present : present.filter((name) => !dropped.includes(name));
  if (ownerReferences.length === owners.length && finalizers.length === present.length) return current;
  return withMetadata(current, metadataWith(current.metadata, { ownerReferences, finalizers }));
}

const none: readonly string[] = [];

/**
 * Objects of one kind that nobody controls, by namespace and labels: the pods of one template share one labels value, so a
 * selector is tried once for all of them. Nothing is watched until the first possible owner asks, so that clusters of bare pods
 * cost nothing.
 */
export class Orphans<K extends OwnedKind> {
  private readonly informer: Informer<K>;
  private readonly slotsByNamespace = new Map<string, Map<Labels, Set<number>>>();
  private isWatching = false;
  /** Changes that were under way when the watch began have arrived by this time; until then the list may lack them. */
  private completeAt = 0;
  private listCount = 0;
  /** Number of lists at which dead ones are swept out. */
  private listCountMax = 64;

  /** @param onOrphan called when an object turns out to be an orphan, or changes its labels as one. */
  constructor(informer: Informer<K>, onOrphan: (object: KindMap[K]) => void) {
    this.informer = informer;
    informer.onChange(
      (_before, after, slot) => {
        this.add(after!, slot);
        onOrphan(after!);
      },
      (before, after) => this.isWatching && isNewOrphan(before, after),
    );
  }

  /** Begins to look, if it has not: one walk over all objects, and one more for those still on their way. */
  watch(): void {
    if (this.isWatching) return;
    this.isWatching = true;
    this.completeAt = this.informer.caughtUpAt;
    this.walk();
  }

  /** The orphans of a namespace whose labels match. */
  matching(namespace: string, matches: (labels: Labels) => boolean, now: number): KindMap[K][] {
    if (this.completeAt > 0 && now >= this.completeAt) {
      this.completeAt = 0;
      this.walk();
    }
    if (this.listCount > this.listCountMax) this.sweep();
    const found: KindMap[K][] = [];
    for (const [labels, slots] of this.slotsByNamespace.get(namespace) ?? []) {
      if (!matches(labels)) continue;
      for (const slot of slots) {
        const object = this.orphanAt(slot, namespace, labels);
        if (object === undefined) slots.delete(slot);
        else found.push(object);
      }
    }
    return found;
  }

  private orphanAt(slot: number, namespace: string, labels: Labels): KindMap[K] | undefined {
    const object = this.informer.bySlot(slot);
    if (object === undefined || controllerOf(object) !== undefined) return undefined;
    const { metadata } = object;
    return metadata.namespace === namespace && metadata.labels === labels ? object : undefined;
  }

  private walk(): void {
    for (const [slot, object] of this.informer.entries())
      if (controllerOf(object) === undefined) this.add(object, slot);
  }

  private add(object: KindMap[K], slot: number): void {
    const { namespace, labels } = object.metadata;
    let lists = this.slotsByNamespace.get(namespace);
    if (lists === undefined) this.slotsByNamespace.set(namespace, (lists = new Map()));
    let slots = lists.get(labels);
    if (slots === undefined) {
      lists.set(labels, (slots = new Set()));
      this.listCount++;
    }
    slots.add(slot);
  }

  /** Nobody says when an orphan goes; what is gone is dropped when the lists have doubled. */
  private sweep(): void {
    this.listCount = 0;
    for (const [namespace, lists] of this.slotsByNamespace) {
      for (const [labels, slots] of lists) {
        for (const slot of slots) if (this.orphanAt(slot, namespace, labels) === undefined) slots.delete(slot);
        if (slots.size === 0) lists.delete(labels);
      }
      this.listCount += lists.size;
    }
    this.listCountMax = Math.max(64, 2 * this.listCount);
  }
}

function isNewOrphan(before: ApiObject | undefined, after: ApiObject | undefined): boolean {
  if (after === undefined || controllerOf(after) !== undefined) return false;
  return before === undefined || controllerOf(before) !== undefined || before.metadata.labels !== after.metadata.labels;
}
