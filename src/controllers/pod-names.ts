/** Names of generated pods. */
import { fnv32a, nameSuffix, nameSuffixCount } from '../api/template-hash.ts';

/** Shares no factor with 27^5, so that the names of one owner repeat only after 14 million pods. */
const step = 8_675_309;

/**
 * Suffixes by owner: the n-th pod of an owner has the same name in every run, whatever the scheduler does, and no draw is needed.
 * Where a real API server draws again because a name is taken, the caller asks for the next one.
 */
export class PodNames {
  private readonly counts = new Map<string, number>();

  /** Five characters for the next pod of the owner with this key. */
  next(ownerKey: string): string {
    const count = this.counts.get(ownerKey) ?? 0;
    this.counts.set(ownerKey, count + 1);
    return nameSuffix((fnv32a(ownerKey) + count * step) % nameSuffixCount);
  }

  /** Starts anew for an owner that is gone. */
  forget(ownerKey: string): void {
    this.counts.delete(ownerKey);
  }
}
