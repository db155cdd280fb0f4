/**
 * What DELETE and eviction do to an object (upstream apiserver/pkg/registry/rest/delete.go BeforeDelete,
 * generic/registry/store.go updateForGracefulDeletionAndFinalizers, core/pod/strategy.go CheckGracefulDelete).
 */
import type { Namespace, Pod } from '../api/core-v1.ts';
import type { ApiObject, Condition, ObjectMeta, Timestamp } from '../api/meta-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import { statusWith } from '../api/pod-status.ts';
import { isPod, podWith, withMetadata } from './pod-object.ts';
import type { Outcome } from './outcome.ts';
import type { PropagationPolicy } from './requests.ts';

/** Holds a namespace until its controller has emptied it. */
export const namespaceFinalizer = 'kubernetes';

/** How an object is to go. */
export interface DeletionOptions {
  /** Seconds; -1 = the pod's own. */
  readonly gracePeriodSeconds: number;
  readonly propagation: PropagationPolicy;
}

/**
 * Removes an object, or marks it as terminating: a pod that runs is given its grace, and finalizers keep any object. The grace of
 * a terminating pod can only be shortened, by a request that names one.
 *
 * @param now whole seconds.
 */
export function deleteObject<T extends ApiObject>(object: T, options: DeletionOptions, now: Timestamp): Outcome<T> {
  const stored = object.metadata;
  const graceful = gracefully(object, options.gracePeriodSeconds, now);
  if (graceful === stored) return { type: 'unchanged', object };
  if (isActiveNamespace(object))
    return { type: 'written', object: terminatingNamespace(object, now) as ApiObject as T };
  const finalizers = finalizersUnder(options.propagation, stored.finalizers);
  const grace = graceful?.deletionGracePeriodSeconds ?? 0;
  if (finalizers.length === 0 && grace === 0) return { type: 'removed', object };
  const metadata = graceful ?? markedAsDeleting(stored, now);
  if (metadata === stored && finalizers === stored.finalizers) return { type: 'unchanged', object };
  return { type: 'written', object: withMetadata(object, metadataWith(metadata, { finalizers })) };
}

function isActiveNamespace(object: ApiObject): object is Namespace {
  return object.kind === 'Namespace' && object.metadata.deletionTimestamp === undefined;
}

/**
 * A namespace goes when its contents have gone: until then a finalizer holds it. Upstream keeps that finalizer in the spec of every
 * namespace (FinalizerKubernetes); here it appears with the deletion.
 */
function terminatingNamespace(namespace: Namespace, now: Timestamp): Namespace {
  const marked = markedAsDeleting(namespace.metadata, now);
  const metadata = metadataWith(marked, { finalizers: [...marked.finalizers, namespaceFinalizer] });
  return { ...namespace, metadata, phase: 'Terminating' };
}

/** Metadata with a grace period; the same metadata where one is running already; undefined for what knows no grace. */
function gracefully(object: ApiObject, requested: number, now: Timestamp): ObjectMeta | undefined {
  const { metadata } = object;
  const { deletionTimestamp, deletionGracePeriodSeconds: running = 0 } = metadata;
  if (deletionTimestamp !== undefined) {
    if (running === 0) return undefined;
    if (requested < 0 || requested >= running) return metadata;
    // Where the shorter grace, counted from a second cut short, is over already, one second is left.
    const isOver = requested > 0 && deletionTimestamp - running + requested <= now;
    return metadataWith(metadata, {
      deletionTimestamp: isOver ? now + 1 : deletionTimestamp - running + requested,
      deletionGracePeriodSeconds: isOver ? 1 : requested,
    });
  }
  if (!isPod(object)) return undefined;
  const grace = graceOf(object, requested);
  const generation = metadata.generation + 1;
  return metadataWith(metadata, {
    generation,
    deletionTimestamp: now + grace,
    deletionGracePeriodSeconds: grace,
  });
}

/** Seconds; none for a pod that no kubelet runs. */
function graceOf(pod: Pod, requested: number): number {
  if (pod.spec.nodeName === '' || isPodTerminal(pod)) return 0;
  const grace = requested >= 0 ? requested : pod.spec.terminationGracePeriodSeconds;
  return grace < 0 ? 1 : grace;
}

function markedAsDeleting(metadata: ObjectMeta, now: Timestamp): ObjectMeta {
  if (metadata.deletionTimestamp !== undefined) return metadata;
  const generation = metadata.generation + 1;
  return metadataWith(metadata, { generation, deletionTimestamp: now, deletionGracePeriodSeconds: 0 });
}

/**
 * Whether a deletion writes a pod's grace of none before it removes the pod: only from its removal on is the pod not found.
 *
 * @param requested seconds of grace; -1 = the pod's own.
 */
export function isMarkedFirst(object: ApiObject, requested: number): boolean {
  if (!isPod(object) || object.metadata.finalizers.length > 0) return false;
  const { deletionTimestamp, deletionGracePeriodSeconds: running = 0 } = object.metadata;
  return deletionTimestamp === undefined ? graceOf(object, requested) === 0 : running > 0 && requested === 0;
}

const foreground = 'foregroundDeletion';
const orphan = 'orphan';

/** The finalizers that carry out a policy exclude each other; Background, the default, leaves them as they are. */
function finalizersUnder(propagation: PropagationPolicy, finalizers: readonly string[]): readonly string[] {
  if (propagation === 'Background') return finalizers;
  const wanted = propagation === 'Foreground' ? foreground : orphan;
  if (finalizers.includes(wanted)) return finalizers;
  return [...finalizers.filter((name) => name !== foreground && name !== orphan), wanted];
}

/** Whether a terminating object has nothing left to wait for. */
export function isFinalized(object: ApiObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  return deletionTimestamp !== undefined && (deletionGracePeriodSeconds ?? 0) === 0 && finalizers.length === 0;
}

/** The pod with the condition that says why an eviction deletes it; the same pod where it stands already. */
export function markedAsDisrupted(pod: Pod, now: Timestamp): Pod {
  const { otherConditions } = pod.status;
  const isTarget = ({ type }: Condition): boolean => type === 'DisruptionTarget';
  const present = otherConditions.find(isTarget);
  const isTrue = present?.status === 'True';
  if (isTrue && present.reason === 'EvictionByEvictionAPI') return pod;
  const condition: Condition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastTransitionTime: isTrue ? present.lastTransitionTime : now,
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  const others = otherConditions.filter((entry) => !isTarget(entry));
  return podWith(pod, { status: statusWith(pod.status, { otherConditions: [...others, condition] }) });
}
