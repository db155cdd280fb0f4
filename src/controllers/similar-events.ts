/** Events of one object that differ in nothing but their message are combined (client-go tools/record EventAggregator). */
import { SECOND } from '../engine/time.ts';
import type { KubeEvent } from '../record/facts.ts';
import { RecentlyUsed } from '../util/recently-used.ts';

/** defaultAggregateMaxEvents: with so many different messages they are combined. */
const differentMax = 10;
/** defaultAggregateIntervalInSeconds: so long without one of them, and they begin anew. */
const intervalUs = 600 * SECOND;
/** maxLruCacheEntries. */
const rememberedMax = 4096;

interface Similar {
  readonly messages: Set<string>;
  lastAt: number;
}

/** What a component has told of each object and reason. */
export class SimilarEvents {
  private readonly known = new RecentlyUsed<Similar>(rememberedMax, () => ({ messages: new Set(), lastAt: 0 }));

  /** The message with which an event is written at `now`, microseconds. */
  messageOf(event: Omit<KubeEvent, 'source'>, now: number): string {
    const { involvedKind, namespace, name, type, reason, message } = event;
    const similar = this.known.of(`${involvedKind}/${namespace}/${name}/${type}/${reason}`);
    const { messages } = similar;
    if (now - similar.lastAt > intervalUs) messages.clear();
    similar.lastAt = now;
    messages.add(message);
    if (messages.size < differentMax) return message;
    // Upstream forgets any of them; so the next one that differs is combined too.
    for (const forgotten of messages) {
      messages.delete(forgotten);
      break;
    }
    return `(combined from similar events): ${message}`;
  }
}
