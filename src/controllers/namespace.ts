/** Namespace controller (upstream pkg/controller/namespace): empties a namespace that is being deleted, pods first, then lets it go. */
import { storeName } from '../apiserver/cluster-state.ts';
import { namespaceFinalizer } from '../apiserver/deletion.ts';
import type { Informer } from '../apiserver/informer.ts';
import { withMetadata } from '../apiserver/pod-object.ts';
import type { ApiResponse } from '../apiserver/requests.ts';
import { deleteRequest, getRequest, isSuccess, patchRequest, patchStatusRequest } from '../apiserver/requests.ts';
import type { Namespace } from '../api/core-v1.ts';
import type { Kind } from '../api/kinds.ts';
import { clusterScopedKinds, kinds } from '../api/kinds.ts';
import type { ApiObject, Timestamp } from '../api/meta-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import { fnv32a } from '../api/template-hash.ts';
import type { Pod } from '../api/core-v1.ts';
import { MILLISECOND, SECOND } from '../engine/time.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, synced } from './controller.ts';
import { deletionConditions } from './namespace-conditions.ts';

/** namespaceDeletionGracePeriod: a change of a namespace waits so long, so that caches everywhere have seen it. */
const gracePeriodUs = 5 * SECOND;
/** finalizerEstimateSeconds. */
const finalizerEstimate = 15;
/** Namespaced resource types of 1.37 that can be deleted, pods apart. */
const resourceTypes = 32;

export const namespace: ControllerDefinition = {
  name: 'namespace-controller',
  description: 'empties namespaces that are being deleted, and removes them',
  workers: 10,
  // Upstream has 20 times the queries and 100 times the burst of others; here each object costs a request, hence no limit.
  queriesPerSecond: 0,
  retry: { baseDelayUs: 5 * MILLISECOND, maxDelayUs: 60 * SECOND, hasSharedBucket: true },
  create: (context) => new NamespaceController(context),
};

/** What is left, and how long that may take, seconds. */
interface Remainder {
  readonly objects: readonly ApiObject[];
  readonly estimate: number;
}

class NamespaceController implements Controller {
  private readonly context: ControllerContext;
  private readonly informers = new Map<Kind, Informer<Kind>>();
  /** Types come in no order of theirs, as a map of Go gives them. */
  private readonly orderSalt: string;

  constructor(context: ControllerContext) {
    this.context = context;
    this.orderSalt = String(context.random('order').double());
  }

  watch(): void {
    for (const kind of kinds) {
      if (!clusterScopedKinds.has(kind))
        this.informers.set(kind, this.context.informer(kind) as unknown as Informer<Kind>);
    }
    this.context.informer('Namespace').onChange(
      (_before, after) => this.context.enqueueAfter(after!.metadata.name, gracePeriodUs),
      (before, after) => after?.metadata.deletionTimestamp !== undefined && before !== after,
    );
  }

  /** One pass: pods, and when none is left everything else. */
  *reconcile(name: string): Step<SyncResult> {
    const { object: stored } = yield* send(getRequest('Namespace', '', name));
    if (stored?.metadata.deletionTimestamp === undefined) return synced;
    let left = yield* this.deleteAll('Pod', stored);
    // Pods alone are not told as content that remains.
    const hasPods = left.objects.length > 0;
    if (!hasPods) left = yield* this.deleteOthers(stored);
    const conditions = deletionConditions(stored, hasPods ? [] : left.objects, this.context.nowSeconds);
    if (conditions !== stored.conditions) {
      const patch = (current: Namespace): Namespace => ({ ...current, conditions });
      yield* send(patchStatusRequest('Namespace', '', name, patch));
    }
    if (left.objects.length > 0) return this.comeAgain(name, left);
    const response = yield* send(patchRequest('Namespace', '', name, finalized));
    return isSuccess(response) || response.code === 'NotFound' ? synced : { failed: response.message };
  }

  /** Half of the estimate later; sooner when the change of the conditions is heard. */
  private comeAgain(name: string, { estimate }: Remainder): SyncResult {
    if (estimate === 0) return { failed: `unexpected items still remain in namespace: ${name}` };
    return { requeueAfterUs: (Math.floor(estimate / 2) + 1) * SECOND };
  }

  /** All types, those of which nothing is there too: each is asked for. */
  private *deleteOthers(stored: Namespace): Step<Remainder> {
    const objects: ApiObject[] = [];
    let estimate = 0;
    for (const kind of this.typesInNoOrder(stored)) {
      const left = yield* this.deleteAll(kind, stored);
      objects.push(...left.objects);
      estimate = Math.max(estimate, left.estimate);
    }
    return { objects, estimate };
  }

  /** Kinds, and undefined for each type that this program does not know. */
  private typesInNoOrder({ metadata }: Namespace): readonly (Kind | undefined)[] {
    const known = [...this.informers.keys()].filter((kind) => kind !== 'Pod');
    const types = Array.from({ length: Math.max(resourceTypes, known.length) }, (_, at) => ({
      kind: known[at],
      key: fnv32a(`${at} ${metadata.name} ${this.orderSalt}`),
    }));
    return types.sort((a, b) => a.key - b.key).map(({ kind }) => kind);
  }

  /** Empties a collection, in which the server deletes one object after the other, and lists what is left. */
  private *deleteAll(kind: Kind | undefined, { metadata }: Namespace): Step<Remainder> {
    const objects: ApiObject[] = [];
    let estimate = 0;
    const age = this.context.nowSeconds - metadata.deletionTimestamp!;
    const look = getRequest('Namespace', '', metadata.name);
    yield* send(look);
    for (const object of kind === undefined ? [] : this.objectsOf(kind, metadata.name)) {
      const request = deleteRequest(kind!, metadata.name, storeName(kind!, object));
      const left = remains(yield* send(request));
      if (left === undefined) continue;
      objects.push(left);
      estimate = Math.max(estimate, estimateOf(left, age));
    }
    yield* send(look);
    return { objects, estimate };
  }

  private objectsOf(kind: Kind, namespaceName: string): readonly ApiObject[] {
    const objects = this.informers
      .get(kind)!
      .list()
      .filter(({ metadata }) => metadata.namespace === namespaceName);
    return objects.sort((a, b) => (storeName(kind, a) < storeName(kind, b) ? -1 : 1));
  }
}

/** The object of a deletion that was not carried out at once. */
function remains({ object }: ApiResponse): ApiObject | undefined {
  if (object === undefined) return undefined;
  const { finalizers, deletionGracePeriodSeconds = 0 } = object.metadata;
  return finalizers.length > 0 || deletionGracePeriodSeconds > 0 ? object : undefined;
}

/** Seconds until the object may be gone; a pod that has had its time counts no more. */
function estimateOf(object: ApiObject, age: Timestamp): number {
  if (object.kind !== 'Pod') return object.metadata.finalizers.length > 0 ? finalizerEstimate : 0;
  const pod = object as Pod;
  const grace = pod.spec.terminationGracePeriodSeconds;
  return isPodTerminal(pod) || age > grace ? 0 : grace;
}

function finalized(current: Namespace): Namespace {
  const { metadata } = current;
  const finalizers = metadata.finalizers.filter((name) => name !== namespaceFinalizer);
  return withMetadata(current, metadataWith(metadata, { finalizers }));
}
