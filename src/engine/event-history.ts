/** What a limit message shows: the last events, oldest first, and the handlers with most events. */
export interface HistoryDump {
  readonly events: readonly { readonly time: number; readonly handler: string; readonly payload: number }[];
  readonly busiest: readonly { readonly handler: string; readonly count: number }[];
}

const keptCount = 64;
const shownCount = 50;
const busiestCount = 5;

/** The latest events and the number of events by target, kept at the cost of a few array writes an event. */
export class EventHistory {
  readonly #timeHighs = new Int32Array(keptCount);
  readonly #timeLows = new Int32Array(keptCount);
  readonly #targets = new Int32Array(keptCount);
  readonly #payloads = new Int32Array(keptCount);
  readonly #counts: number[] = [];
  #eventCount = 0;

  addTarget(): void {
    this.#counts.push(0);
  }

  add(index: number, timeHigh: number, timeLow: number, target: number, payload: number): void {
    const at = index & (keptCount - 1);
    this.#timeHighs[at] = timeHigh;
    this.#timeLows[at] = timeLow;
    this.#targets[at] = target;
    this.#payloads[at] = payload;
    this.#counts[target]!++;
    this.#eventCount = index + 1;
  }

  dump(nameOf: (target: number) => string): HistoryDump {
    const events = [];
    for (let index = Math.max(0, this.#eventCount - shownCount); index < this.#eventCount; index++) {
      const at = index & (keptCount - 1);
      const time = this.#timeHighs[at]! * 4_294_967_296 + (this.#timeLows[at]! >>> 0);
      events.push({ time, handler: nameOf(this.#targets[at]!), payload: this.#payloads[at]! });
    }
    return { events, busiest: this.#busiest(nameOf) };
  }

  #busiest(nameOf: (target: number) => string): { handler: string; count: number }[] {
    const countByName = new Map<string, number>();
    this.#counts.forEach((count, target) => {
      if (count > 0) countByName.set(nameOf(target), (countByName.get(nameOf(target)) ?? 0) + count);
    });
    return [...countByName]
      .map(([handler, count]) => ({ handler, count }))
      .sort((a, b) => b.count - a.count || (a.handler < b.handler ? -1 : 1))
      .slice(0, busiestCount);
  }
}
