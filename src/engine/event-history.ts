/** What a limit message shows: the last events, oldest first, and the handlers with most events. */
export interface HistoryDump {
  readonly events: readonly { readonly time: number; readonly handler: string; readonly payload: number }[];
  readonly busiest: readonly { readonly handler: string; readonly count: number }[];
}

/** What the history has to know of a target of events. */
export interface CountedTarget {
  readonly handler: { readonly name: string };
  /** Events so far. */
  readonly count: number;
}

const keptCount = 64;
const shownCount = 50;
const busiestCount = 5;
const entryWords = 4;

/** The latest events, kept at the cost of a few array writes an event. */
export class EventHistory {
  readonly #ring = new Int32Array(entryWords * keptCount);

  /** `index` counts the events from 0; the time comes in two 32-bit halves, `target` is a number below 2^31. */
  add(index: number, timeHigh: number, timeLow: number, target: number, payload: number): void {
    const ring = this.#ring;
    const at = (index & (keptCount - 1)) * entryWords;
    ring[at] = timeHigh;
    ring[at + 1] = timeLow;
    ring[at + 2] = target;
    ring[at + 3] = payload;
  }

  /** The last of `eventCount` events, and the busiest of all targets. */
  dump(eventCount: number, targets: readonly CountedTarget[]): HistoryDump {
    const events = [];
    for (let index = Math.max(0, eventCount - shownCount); index < eventCount; index++) {
      const at = (index & (keptCount - 1)) * entryWords;
      const [high, low, target, payload] = this.#ring.subarray(at, at + entryWords) as unknown as EntryWords;
      events.push({ time: high * 4_294_967_296 + (low >>> 0), handler: targets[target]!.handler.name, payload });
    }
    return { events, busiest: busiestOf(targets) };
  }
}

type EntryWords = readonly [high: number, low: number, target: number, payload: number];

/** A handler may have several targets: itself and its lanes. */
function busiestOf(targets: readonly CountedTarget[]): HistoryDump['busiest'] {
  const countByName = new Map<string, number>();
  for (const { handler, count } of targets) {
    if (count > 0) countByName.set(handler.name, (countByName.get(handler.name) ?? 0) + count);
  }
  return [...countByName]
    .map(([handler, count]) => ({ handler, count }))
    .sort((a, b) => b.count - a.count || (a.handler < b.handler ? -1 : 1))
    .slice(0, busiestCount);
}
