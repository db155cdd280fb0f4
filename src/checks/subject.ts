import type { ApiObject } from '../api/meta-v1.ts';

/** How violations name an object: `pod shop/cart-1`, `node a`. */
export function nameOf(object: ApiObject): string {
  const { namespace, name } = object.metadata;
  return `${object.kind.toLowerCase()} ${namespace === '' ? name : `${namespace}/${name}`}`;
}
