/** Objects as they come out of manifests, ready for the API server. */
import type { Kind, KindMap } from '../api/kinds.ts';
import { customKeyName } from '../apiserver/cluster-state.ts';

/** An object with the kind of store that it belongs to. */
export type ManifestObject = {
  readonly [K in Kind]: {
    readonly kind: K;
    readonly object: KindMap[K];
    /** Fields of `spec` that the manifest states; the others hold defaults. Absent = all are stated. */
    readonly specFields?: ReadonlySet<string>;
  };
}[Kind];

/** `Deployment shop/web`, `Node general-a-1`: how messages and facts name an object. */
export function describeObject({ object }: ManifestObject): string {
  const { namespace, name } = object.metadata;
  return namespace === '' ? `${object.kind} ${name}` : `${object.kind} ${namespace}/${name}`;
}

/** Equal for two objects that cannot both exist. */
export function objectKey({ kind, object }: ManifestObject): string {
  const name = kind === 'Custom' ? customKeyName(object) : object.metadata.name;
  return `${kind}\n${object.metadata.namespace}\n${name}`;
}
