/** What a client asks of the API server and what it is answered. Refusals are values. */
import type { Pod } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { ApiObject, Uid } from '../api/meta-v1.ts';
import { storeName } from './cluster-state.ts';

/** What can be asked. */
export type Verb = 'get' | 'create' | 'update' | 'updateStatus' | 'patch' | 'patchStatus' | 'bind' | 'evict' | 'delete';

/** How a request ended, by upstream's reasons (`metav1.StatusReason`). */
export type ResponseCode =
  | 'OK'
  | 'Created'
  | 'BadRequest'
  | 'Forbidden'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Invalid'
  | 'TooManyRequests'
  | 'InternalError'
  /** The server did not answer: connection refused or timed out. */
  | 'Unavailable';

/** The answer to a request. */
export interface ApiResponse<T extends ApiObject = ApiObject> {
  readonly code: ResponseCode;
  /** The object after the request, or the last version of a removed one; undefined on refusal. */
  readonly object: T | undefined;
  /** Upstream's message of a refusal; empty on success. */
  readonly message: string;
}

/** Makes the next version from the present one; returning the very same object means nothing to write. */
export type Patch<T> = (current: T, argument: unknown) => T;

/** What becomes of the dependents of a deleted object. Background, the default, leaves it to the garbage collector. */
export type PropagationPolicy = 'Background' | 'Foreground' | 'Orphan';

/** One request. Fields that a verb does not use hold their neutral value, so that all requests share one hidden class. */
export interface ApiRequest<K extends Kind = Kind> {
  readonly verb: Verb;
  readonly kind: K;
  readonly namespace: string;
  /** As `storeName` gives it. */
  readonly name: string;
  /** create, update, updateStatus. */
  readonly object: KindMap[K] | undefined;
  readonly patch: Patch<KindMap[K]> | undefined;
  readonly argument: unknown;
  /** Precondition; 0 = none. */
  readonly uid: Uid;
  /** Precondition; 0 = none. update and updateStatus take it from the object. */
  readonly resourceVersion: number;
  /** bind only. */
  readonly nodeName: string;
  /** delete and evict; -1 = the pod's own. */
  readonly gracePeriodSeconds: number;
  readonly propagation: PropagationPolicy;
}

const blank = {
  object: undefined,
  patch: undefined,
  argument: undefined,
  uid: 0,
  resourceVersion: 0,
  nodeName: '',
  gracePeriodSeconds: -1,
  propagation: 'Background',
} as const;

/** Reads the stored version; `name` as `storeName` gives it, here and below. */
export function getRequest<K extends Kind>(kind: K, namespace: string, name: string): ApiRequest<K> {
  return { verb: 'get', kind, namespace, name, ...blank };
}

/** Creates an object; the API server sets uid, resourceVersion and creationTimestamp. */
export function createRequest<K extends Kind>(kind: K, object: KindMap[K]): ApiRequest<K> {
  const { namespace } = object.metadata;
  return { verb: 'create', kind, namespace, name: storeName(kind, object), ...blank, object };
}

/** Replaces everything but the status; refused with Conflict when `object` is not the stored version. */
export function updateRequest<K extends Kind>(kind: K, object: KindMap[K]): ApiRequest<K> {
  const { namespace, resourceVersion } = object.metadata;
  return { verb: 'update', kind, namespace, name: storeName(kind, object), ...blank, object, resourceVersion };
}

/** Replaces the status only; refused with Conflict when `object` is not the stored version. */
export function updateStatusRequest<K extends Kind>(kind: K, object: KindMap[K]): ApiRequest<K> {
  const { namespace, resourceVersion } = object.metadata;
  return { verb: 'updateStatus', kind, namespace, name: storeName(kind, object), ...blank, object, resourceVersion };
}

/** Changes the stored version, whatever it is; `uid` 0 = any. */
export function patchRequest<K extends Kind>(
  kind: K,
  namespace: string,
  name: string,
  patch: Patch<KindMap[K]>,
  argument: unknown = undefined,
  uid: Uid = 0,
): ApiRequest<K> {
  return { verb: 'patch', kind, namespace, name, ...blank, patch, argument, uid };
}

/** As `patchRequest`, but of the version that was read: refused with Conflict when it is not the stored one any more. */
export function patchOfRequest<K extends Kind>(
  kind: K,
  read: KindMap[K],
  patch: Patch<KindMap[K]>,
  argument: unknown = undefined,
): ApiRequest<K> {
  const { namespace, uid, resourceVersion } = read.metadata;
  return {
    verb: 'patch',
    kind,
    namespace,
    name: storeName(kind, read),
    ...blank,
    patch,
    argument,
    uid,
    resourceVersion,
  };
}

/** As `patchRequest`, of the status subresource: the generation stays. */
export function patchStatusRequest<K extends Kind>(
  kind: K,
  namespace: string,
  name: string,
  patch: Patch<KindMap[K]>,
  argument: unknown = undefined,
  uid: Uid = 0,
): ApiRequest<K> {
  return { verb: 'patchStatus', kind, namespace, name, ...blank, patch, argument, uid };
}

/** Binds a pod to a node (pods/binding). */
export function bindRequest(pod: Pod, nodeName: string): ApiRequest<'Pod'> {
  const { namespace, name, uid } = pod.metadata;
  return { verb: 'bind', kind: 'Pod', namespace, name, ...blank, uid, nodeName };
}

/** API-initiated eviction (pods/eviction). */
export function evictRequest(pod: Pod, gracePeriodSeconds = -1): ApiRequest<'Pod'> {
  const { namespace, name, uid } = pod.metadata;
  return { verb: 'evict', kind: 'Pod', namespace, name, ...blank, uid, gracePeriodSeconds };
}

/** Preconditions and manner of a deletion; left out = none, the pod's own grace, Background. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagation?: PropagationPolicy;
  readonly uid?: Uid;
  readonly resourceVersion?: number;
}

/** Deletes an object: see `deleteObject` for what that means. */
export function deleteRequest<K extends Kind>(
  kind: K,
  namespace: string,
  name: string,
  options: DeleteOptions = {},
): ApiRequest<K> {
  return {
    verb: 'delete',
    kind,
    namespace,
    name,
    ...blank,
    uid: options.uid ?? 0,
    resourceVersion: options.resourceVersion ?? 0,
    gracePeriodSeconds: options.gracePeriodSeconds ?? -1,
    propagation: options.propagation ?? 'Background',
  };
}

/** Whether a request was carried out. */
export function isSuccess(response: ApiResponse): boolean {
  return response.code === 'OK' || response.code === 'Created';
}
