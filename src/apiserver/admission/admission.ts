import type { Kind, KindMap } from '../../api/kinds.ts';
import { controllerOf } from '../../api/meta-v1.ts';
import type { ApiObject } from '../../api/meta-v1.ts';
import { generatedName, nameSuffixLength } from '../../api/template-hash.ts';
import type { ApiResponse } from '../requests.ts';

/** What admission plugins may read: the stored objects, not any watcher's view. */
export interface AdmissionReader {
  get<K extends Kind>(kind: K, namespace: string, name: string): KindMap[K] | undefined;
  list<K extends Kind>(kind: K): Iterable<KindMap[K]>;
}

/** What is being done; deletions are only validated. */
export type AdmittedOperation = 'create' | 'update' | 'delete';

/**
 * One step of the admission chain, run in the order of the registry: first `mutate` of all, then `validate` of all.
 * Neither may write.
 */
export interface AdmissionPlugin {
  readonly name: string;
  /** The object to store instead, or the same one; a refusal is an `ApiResponse`. */
  mutate?<K extends Kind>(
    kind: K,
    object: KindMap[K],
    operation: AdmittedOperation,
    reader: AdmissionReader,
  ): KindMap[K] | ApiResponse;
  /** A refusal, or undefined. */
  validate?<K extends Kind>(
    kind: K,
    object: KindMap[K],
    operation: AdmittedOperation,
    reader: AdmissionReader,
  ): ApiResponse | undefined;
}

/** A refusal of admission, as upstream answers it. */
export function refuse(code: ApiResponse['code'], message: string): ApiResponse {
  return { code, object: undefined, message };
}

/** Tells an object from a refusal. */
export function isRefusal(value: object): value is ApiResponse {
  return 'code' in value && 'message' in value;
}

/** Controllers that leave the last part of their pods' names to the API server. */
const generators: ReadonlySet<string> = new Set(['DaemonSet', 'Job', 'ReplicaSet', 'ReplicationController']);

/**
 * The name of a new object as its request states it. A generated name is not made before an object has been completed, so that refusals of the
 * mutating phase show the bare `generateName` (upstream apiserver/pkg/admission/errors.go extractResourceName).
 */
export function nameInRequest(object: ApiObject): string {
  const { name } = object.metadata;
  const prefix = name.slice(0, -nameSuffixLength);
  const isOfController = object.kind === 'Pod' && generators.has(controllerOf(object)?.kind ?? '');
  return isOfController || name === generatedName(prefix) ? prefix : name;
}
