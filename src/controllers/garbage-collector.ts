/**
 * Garbage collector (upstream pkg/controller/garbagecollector): deletes objects whose owners are gone, makes owners wait for their
 * dependents (foreground), or parts them (orphan).
 */
import type { Informer } from '../apiserver/informer.ts';
import { withMetadata } from '../apiserver/pod-object.ts';
import type { ApiRequest, ApiResponse, Patch, PropagationPolicy } from '../apiserver/requests.ts';
import { deleteRequest, getRequest, isSuccess, patchOfRequest, patchRequest } from '../apiserver/requests.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import { clusterScopedKinds, kinds } from '../api/kinds.ts';
import type { ApiObject, OwnerReference, Uid } from '../api/meta-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import { MILLISECOND } from '../engine/time.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, sendAll, sleep, synced } from './controller.ts';
import type { Vertex } from './dependents.ts';
import { Dependents, parseVertexKey, vertexKey, vertexOf } from './dependents.ts';

export const garbageCollector: ControllerDefinition = {
  name: 'garbage-collector-controller',
  description: 'deletes what has lost its owner, and carries out foreground and orphan deletion',
  workers: 20,
  queriesPerSecond: 40,
  create: (context) => new GarbageCollector(context),
};

const foreground = 'foregroundDeletion';
const orphan = 'orphan';

/** Absent owners are remembered, the latest of them, so that many dependents cost one look (absentOwnerCache). */
const absentOwnersMax = 500;

/** retry.DefaultBackoff: when the finalizer of a version that is no longer the stored one is removed again. */
const finalizerRetriesUs = [10, 50, 250].map((delay) => delay * MILLISECOND);

/** Before the uid of an owner whose dependents are to be looked for again. */
const lookPrefix = '@';

class GarbageCollector implements Controller {
  private readonly context: ControllerContext;
  private readonly informers = new Map<Kind, Informer<Kind>>();
  private readonly dependents: Dependents;
  private readonly absentOwners = new Set<Uid>();

  constructor(context: ControllerContext) {
    this.context = context;
    for (const kind of kinds) this.informers.set(kind, context.informer(kind) as unknown as Informer<Kind>);
    this.dependents = new Dependents(this.informers);
  }

  watch(): void {
    for (const [kind, informer] of this.informers) {
      informer.onChange(
        (before, after) => (after === undefined ? this.onGone(kind, before!) : this.onChange(kind, before, after)),
        (before, after) => (after === undefined ? this.isMissed(kind, before!) : this.mayHaveToGo(kind, before, after)),
      );
    }
  }

  /** One object that may have to go. */
  *reconcile(key: string): Step<SyncResult> {
    if (key.startsWith(lookPrefix)) {
      this.enqueueDependents(Number(key.slice(lookPrefix.length)));
      return synced;
    }
    const vertex = parseVertexKey(key);
    const seen = this.dependents.at(vertex);
    if (seen !== undefined && isMarked(seen, orphan)) return yield* this.part(vertex);
    if (seen?.metadata.deletionTimestamp !== undefined && !isMarked(seen, foreground)) return synced;
    const { object: stored, code, message } = yield* send(getRequest(vertex.kind, vertex.namespace, vertex.name));
    if (stored === undefined && code !== 'NotFound') return { failed: message };
    if (stored?.metadata.uid !== vertex.uid) return this.noteAbsence(vertex, seen);
    return isMarked(stored, foreground)
      ? yield* this.waitForDependents(vertex)
      : yield* this.attemptToDelete(vertex, stored);
  }

  /** Whether somebody may care that an object is gone. */
  private isMissed(kind: Kind, gone: ApiObject): boolean {
    if (kind !== 'Pod') return true;
    const { uid, namespace, ownerReferences } = gone.metadata;
    return this.dependents.hasAny(uid) || ownerReferences.some((owner) => this.isWaiting(owner, namespace));
  }

  private mayHaveToGo(kind: Kind, before: ApiObject | undefined, after: ApiObject): boolean {
    const { ownerReferences, finalizers, namespace } = after.metadata;
    const isNewlyMarked = before === undefined || before.metadata.finalizers !== finalizers;
    if (isNewlyMarked && (isMarked(after, foreground) || isMarked(after, orphan))) return true;
    if (ownerReferences.length === 0) return before !== undefined && before.metadata.ownerReferences.length > 0;
    if (ownerReferences === before?.metadata.ownerReferences) return false;
    return ownerReferences.some(
      (owner) => !this.dependents.isIndexed(kind, owner) || this.ownerOf(owner, namespace) === undefined,
    );
  }

  private onGone(kind: Kind, gone: ApiObject): void {
    this.dependents.remove(kind, gone);
    this.rememberAbsent(gone.metadata.uid);
    this.enqueueDependents(gone.metadata.uid);
    this.lookAgain(gone.metadata.uid);
    this.wakeOwners(gone, 0);
  }

  private onChange(kind: Kind, before: ApiObject | undefined, after: ApiObject): void {
    if (before !== undefined) this.dependents.remove(kind, before);
    this.dependents.add(kind, after);
    const { ownerReferences, namespace, uid } = after.metadata;
    const isGoing = isMarked(after, foreground) || isMarked(after, orphan);
    const isLost = ownerReferences.some((owner) => this.ownerOf(owner, namespace) === undefined);
    if (isGoing || isLost) this.context.enqueue(vertexKey(vertexOf(kind, after)));
    if (isMarked(after, foreground)) this.enqueueDependents(uid);
  }

  /** The server says that an object is gone which the cache may still show. */
  private noteAbsence(vertex: Vertex, seen: ApiObject | undefined): SyncResult {
    this.rememberAbsent(vertex.uid);
    this.enqueueDependents(vertex.uid);
    if (seen !== undefined) this.wakeOwners(seen, this.informers.get(vertex.kind)!.caughtUpAt - this.context.now);
    return synced;
  }

  private rememberAbsent(uid: Uid): void {
    this.absentOwners.delete(uid);
    this.absentOwners.add(uid);
    if (this.absentOwners.size <= absentOwnersMax) return;
    for (const oldest of this.absentOwners) {
      this.absentOwners.delete(oldest);
      return;
    }
  }

  private enqueueDependents(uid: Uid): void {
    for (const vertex of this.dependents.of(uid)) this.context.enqueue(vertexKey(vertex));
  }

  /** Dependents that were made just before their owner went may still be on their way to this cache. */
  private lookAgain(uid: Uid): void {
    const delayUs = this.dependents.completeAt - this.context.now;
    if (delayUs > 0) this.context.enqueueAfter(`${lookPrefix}${uid}`, delayUs);
  }

  /** Owners that waited for this object look again. */
  private wakeOwners(gone: ApiObject, delayUs: number): void {
    const { ownerReferences, namespace } = gone.metadata;
    for (const owner of ownerReferences) {
      if (!this.isWaiting(owner, namespace)) continue;
      this.context.enqueueAfter(vertexKey(this.dependents.ownerVertex(owner, namespace)), delayUs);
    }
  }

  private ownerOf(owner: OwnerReference, namespace: string): ApiObject | undefined {
    return this.dependents.at(this.dependents.ownerVertex(owner, namespace));
  }

  private isWaiting(owner: OwnerReference, namespace: string): boolean {
    const object = this.ownerOf(owner, namespace);
    return object !== undefined && isMarked(object, foreground);
  }

  /** Foreground deletion: the owner goes when nothing is left that blocks it. */
  private *waitForDependents(vertex: Vertex): Step<SyncResult> {
    const blocking = this.dependents.of(vertex.uid).filter((dependent) => {
      const object = this.dependents.at(dependent);
      return object?.metadata.ownerReferences.some((owner) => owner.uid === vertex.uid && owner.blockOwnerDeletion);
    });
    if (blocking.length === 0) return yield* this.removeFinalizer(vertex, foreground);
    for (const dependent of blocking) {
      const object = this.dependents.at(dependent)!;
      if (!isMarked(object, foreground)) this.context.enqueue(vertexKey(dependent));
    }
    return synced;
  }

  /** Orphan deletion: the dependents forget their owner, then it goes. */
  private *part(vertex: Vertex): Step<SyncResult> {
    const dependents = this.dependents.of(vertex.uid);
    const responses = yield* sendAll(dependents.map((dependent) => patchOf(dependent, withoutOwners, [vertex.uid])));
    for (const response of responses) if (!isSettled(response)) return { failed: response.message };
    return yield* this.removeFinalizer(vertex, orphan);
  }

  /** Of the version that is read for it: somebody who writes the status meanwhile makes it be read again. */
  private *removeFinalizer({ kind, namespace, name, uid }: Vertex, finalizer: string): Step<SyncResult> {
    for (const delayUs of [0, ...finalizerRetriesUs]) {
      if (delayUs > 0) yield* sleep(Math.round(delayUs * (1 + 0.1 * this.context.random('retry').double())));
      const read = yield* send(getRequest(kind, namespace, name));
      if (read.object?.metadata.uid !== uid) return settled(read);
      const removal = withoutFinalizer as unknown as Patch<KindMap[Kind]>;
      const response = yield* send(patchOfRequest<Kind>(kind, read.object, removal, finalizer));
      if (response.code !== 'Conflict') return settled(response);
    }
    return { failed: 'the object changes faster than its finalizer can be removed' };
  }

  /** Deletes an object none of whose owners is solid; forgets those that are not solid where one is. */
  private *attemptToDelete(vertex: Vertex, stored: ApiObject): Step<SyncResult> {
    const { ownerReferences, namespace, uid, resourceVersion } = stored.metadata;
    if (ownerReferences.length === 0) return synced;
    const weak: Uid[] = [];
    let isOwnerWaiting = false;
    for (const owner of ownerReferences) {
      const judged = yield* this.judge(vertex, owner, namespace);
      if (judged === 'unknown') return { failed: `cannot look at owner ${owner.kind} ${owner.name}` };
      if (judged !== 'solid') weak.push(owner.uid);
      if (judged === 'waiting') isOwnerWaiting = true;
    }
    if (weak.length === 0) return synced;
    if (weak.length < ownerReferences.length) return settled(yield* send(patchOf(vertex, withoutOwners, weak)));
    const propagation = isOwnerWaiting && this.dependents.hasAny(uid) ? 'Foreground' : policyOf(stored);
    const options = { uid, resourceVersion, propagation };
    const response = yield* send(deleteRequest(vertex.kind, vertex.namespace, vertex.name, options));
    if (response.code !== 'Conflict') return settled(response);
    return yield* this.deleteChanged(vertex, stored, propagation);
  }

  /** What has changed without changing owners goes whatever its version: others who write often cannot hold it. */
  private *deleteChanged(
    { kind, namespace, name, uid }: Vertex,
    { metadata }: ApiObject,
    propagation: PropagationPolicy,
  ): Step<SyncResult> {
    const { object, message } = yield* send(getRequest(kind, namespace, name));
    if (object === undefined) return synced;
    if (object.metadata.uid !== uid || object.metadata.ownerReferences !== metadata.ownerReferences)
      return { failed: message };
    return settled(yield* send(deleteRequest(kind, namespace, name, { uid, propagation })));
  }

  /** Whether an owner is there to stay, waits for its dependents to go, or is gone; `unknown` = nobody answers. */
  private *judge(
    vertex: Vertex,
    owner: OwnerReference,
    namespace: string,
  ): Step<'solid' | 'waiting' | 'dangling' | 'unknown'> {
    if (this.absentOwners.has(owner.uid)) return 'dangling';
    const address = this.dependents.ownerVertex(owner, namespace);
    // A cluster-scoped object cannot have an owner in a namespace: upstream leaves it alone.
    if (clusterScopedKinds.has(vertex.kind) && address.kind !== 'Custom' && !clusterScopedKinds.has(address.kind))
      return 'solid';
    const { object, code } = yield* send(getRequest(address.kind, address.namespace, address.name));
    if (object === undefined && code !== 'NotFound') return 'unknown';
    if (object?.metadata.uid !== owner.uid) {
      this.rememberAbsent(owner.uid);
      return 'dangling';
    }
    return isMarked(object, foreground) ? 'waiting' : 'solid';
  }
}

/** Whether an object is being deleted and this finalizer of a propagation policy holds it. */
function isMarked({ metadata }: ApiObject, finalizer: string): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.finalizers.includes(finalizer);
}

function policyOf({ metadata }: ApiObject): PropagationPolicy {
  if (metadata.finalizers.includes(orphan)) return 'Orphan';
  return metadata.finalizers.includes(foreground) ? 'Foreground' : 'Background';
}

function patchOf(
  { kind, namespace, name, uid }: Vertex,
  patch: (current: ApiObject, argument: unknown) => ApiObject,
  argument: unknown,
): ApiRequest {
  return patchRequest<Kind>(kind, namespace, name, patch as unknown as Patch<KindMap[Kind]>, argument, uid);
}

function withoutFinalizer(current: ApiObject, argument: unknown): ApiObject {
  const finalizers = current.metadata.finalizers.filter((name) => name !== argument);
  if (finalizers.length === current.metadata.finalizers.length) return current;
  return withMetadata(current, metadataWith(current.metadata, { finalizers }));
}

function withoutOwners(current: ApiObject, argument: unknown): ApiObject {
  const gone = argument as readonly Uid[];
  const ownerReferences = current.metadata.ownerReferences.filter((owner) => !gone.includes(owner.uid));
  if (ownerReferences.length === current.metadata.ownerReferences.length) return current;
  return withMetadata(current, metadataWith(current.metadata, { ownerReferences }));
}

/** Done, or there is nothing left to do it to. */
function isSettled(response: ApiResponse): boolean {
  return isSuccess(response) || response.code === 'NotFound' || response.code === 'Conflict';
}

function settled(response: ApiResponse): SyncResult {
  return isSettled(response) ? synced : { failed: response.message };
}
