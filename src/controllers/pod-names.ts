/** Names of generated pods. */
import type { Informer } from '../apiserver/informer.ts';
import { fnv32a, nameSuffix, nameSuffixCount } from '../api/template-hash.ts';

/** Shares no factor with 27^5, so that the names of one owner repeat only after 14 million pods. */
const step = 8_675_309;

/**
 * The five characters at the end of the name of an owner's n-th pod: the same in every run, whatever the scheduler does, and
 * without a draw. Where a real API server draws again because a name is taken, the caller goes on to the next number.
 *
 * @param ownerKey namespace/name.
 * @param ordinal 0, 1, 2 ...
 */
export function podNameSuffix(ownerKey: string, ordinal: number): string {
  return nameSuffix((fnv32a(ownerKey) + ordinal * step) % nameSuffixCount);
}

/** A name that no pod is known to have, and the ordinal after its own. */
export interface FreeName {
  readonly name: string;
  readonly next: number;
}

/**
 * The first free name of an owner's pods from an ordinal on: a controller that is begun anew counts from 0, and the pods that were
 * made before are there.
 *
 * @param prefix what stands before the five characters.
 */
export function freePodName(
  pods: Pick<Informer<'Pod'>, 'get'>,
  namespace: string,
  prefix: string,
  ownerKey: string,
  from: number,
): FreeName {
  for (let ordinal = from; ; ordinal++) {
    const name = `${prefix}-${podNameSuffix(ownerKey, ordinal)}`;
    if (pods.get(namespace, name) === undefined) return { name, next: ordinal + 1 };
  }
}
