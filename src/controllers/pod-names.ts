/** Names of generated pods. */
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
