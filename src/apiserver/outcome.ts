/** What a verb decides, and how refusals are worded. */
import type { ApiObject } from '../api/meta-v1.ts';
import type { ApiResponse, ResponseCode } from './requests.ts';

/** Why a request is not carried out. */
export interface Refused {
  readonly type: 'refused';
  readonly response: ApiResponse;
}

/** What a verb decides: refuse, leave as it is, write a version, or remove. */
export type Outcome<T extends ApiObject> =
  | Refused
  | { readonly type: 'unchanged'; readonly object: T }
  | { readonly type: 'written'; readonly object: T }
  | { readonly type: 'removed'; readonly object: T };

/** A refusal with upstream's message. */
export function refused(code: ResponseCode, message: string): Refused {
  return { type: 'refused', response: { code, object: undefined, message } };
}

const groups: ReadonlyMap<string, string> = new Map([
  ['Deployment', 'apps'],
  ['ReplicaSet', 'apps'],
  ['StatefulSet', 'apps'],
  ['DaemonSet', 'apps'],
  ['ControllerRevision', 'apps'],
  ['Job', 'batch'],
  ['CronJob', 'batch'],
  ['HorizontalPodAutoscaler', 'autoscaling'],
  ['EndpointSlice', 'discovery.k8s.io'],
  ['PriorityClass', 'scheduling.k8s.io'],
  ['StorageClass', 'storage.k8s.io'],
  ['CSINode', 'storage.k8s.io'],
  ['CSIDriver', 'storage.k8s.io'],
  ['CSIStorageCapacity', 'storage.k8s.io'],
  ['VolumeAttachment', 'storage.k8s.io'],
  ['PodDisruptionBudget', 'policy'],
  ['RuntimeClass', 'node.k8s.io'],
]);

/** Resource name in messages: `pods`, `replicasets.apps`. */
export function resourceName(kind: string): string {
  return qualified(pluralOf(kind), groups.get(kind) ?? '');
}

/** The same of an object, whose kind may be one that is not modelled: `configmaps`, `widgets.example.com`. */
export function resourceOf({ apiVersion, kind }: Pick<ApiObject, 'apiVersion' | 'kind'>): string {
  const slash = apiVersion.indexOf('/');
  return qualified(pluralOf(kind), apiVersion.slice(0, Math.max(0, slash)));
}

/** Kind with its group in messages: `Pod`, `Job.batch`. */
export function qualifiedKind(kind: string): string {
  return qualified(kind, groups.get(kind) ?? '');
}

/** Resource and name in messages: `pods "web-1"`. Unmodelled kinds are addressed by apiVersion, kind and name (`storeName`). */
export function resourceAndName(kind: string, name: string): string {
  if (kind !== 'Custom') return `${resourceName(kind)} "${name}"`;
  const parts = name.split('/');
  return `${resourceOf({ apiVersion: parts.slice(0, -2).join('/'), kind: parts.at(-2)! })} "${parts.at(-1)!}"`;
}

/** As a type's author would name it (upstream `UnsafeGuessKindToResource`, which has `gatewaies`). */
function pluralOf(kind: string): string {
  const singular = kind.toLowerCase();
  if (singular === 'endpoints') return singular;
  if (singular.endsWith('s') || singular.endsWith('x') || singular.endsWith('ch')) return `${singular}es`;
  return /[^aeiou]y$/.test(singular) ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}

function qualified(name: string, group: string): string {
  return group === '' ? name : `${name}.${group}`;
}

/** Several problems as one text (upstream util/errors Aggregate). */
export function aggregate(problems: readonly string[]): string {
  return problems.length === 1 ? problems[0]! : `[${[...new Set(problems)].join(', ')}]`;
}

/** There is no such object. */
export function notFound(kind: string, name: string): Refused {
  return refused('NotFound', `${resourceAndName(kind, name)} not found`);
}

/** The object is there already. */
export function alreadyExists(kind: string, name: string): Refused {
  return refused('AlreadyExists', `${resourceAndName(kind, name)} already exists`);
}

/** A precondition does not hold. */
export function conflict(kind: string, name: string, reason: string): Refused {
  return refused('Conflict', `Operation cannot be fulfilled on ${resourceAndName(kind, name)}: ${reason}`);
}
