import { assert } from '../util/assert.ts';
import type { HashFactory } from '../util/hash.ts';
import type { EventId } from './event-queue.ts';
import { EventQueue, noSlot } from './event-queue.ts';
import { eventSource, Fingerprint } from './fingerprint.ts';
import type { HistoryDump } from './event-history.ts';
import { EventHistory } from './event-history.ts';
import { Lane } from './lane.ts';
import type { RandomSource } from './random-source.ts';
import type { RandomStream } from './random.ts';
import { RandomStreams } from './random.ts';
import type { SimTime } from './time.ts';
import { compareText } from '../util/compare-text.ts';

export type { EventId } from './event-queue.ts';
export { Lane } from './lane.ts';

/** Names a registered handler. */
export type HandlerId = number;

/** What happens at an event. One long-lived object for each kind of event; the payload says which case. */
export interface EventHandler {
  /** Unique in the engine. */
  readonly name: string;
  /** Place within an instant, 0..15: lower phases first. */
  readonly phase: number;
  /** An observer only looks: its events are no part of the trace fingerprint. It has a phase apart from those of others. */
  readonly observer?: boolean;
  handle(payload: number): void;
}

/** Limits that stop a run. */
export interface EngineLimits {
  /** Events of the whole run. */
  readonly events: number;
  /** Events at one instant: more of them look like components that answer each other without time going on. */
  readonly eventsAtInstant: number;
}

/** What an engine is made with; `seed` is neither empty nor has a NUL character. */
export interface EngineOptions {
  readonly seed: string;
  /** Tells paired runs of one seed apart; 0 by default. */
  readonly replication?: number;
  readonly createHash: HashFactory;
  readonly limits?: Partial<EngineLimits>;
  /** Fixed width of a bucket of the event queue; changes speed only. */
  readonly bucketWidthUs?: number;
  /** Permutes events of the same instant and phase, to find conclusions that hang on a race; 0 is off. */
  readonly tieSalt?: number;
}

/** How far `run` goes. */
export interface RunOptions {
  /** Events at this time still happen. Not before `now`. */
  readonly until: SimTime;
  /** Pause after so many events. */
  readonly maxEvents?: number;
}

/**
 * Why `run` came back: the horizon is reached (`now` is `until`), nothing is pending (`now` stays at the last event),
 * `maxEvents` are done, or a limit is reached. After a pause `run` goes on as if nothing had been.
 */
export type RunStop =
  | { readonly reason: 'horizon' | 'empty' | 'paused' }
  | { readonly reason: 'limit'; readonly limit: keyof EngineLimits; readonly message: string };

/** Called before each event of the trace; `index` counts them from 0. */
export type EventObserver = (index: number, time: SimTime, phase: number, handlerName: string, payload: number) => void;

const defaultLimits: EngineLimits = { events: 1_000_000_000, eventsAtInstant: 1_000_000 };
const timeMax = Number.MAX_SAFE_INTEGER;
/** A power of two: multiplying by it is exact, and cheaper than dividing. */
const timeHighFactor = 1 / 4_294_967_296;
const notTraced = -1;

/** Where an event may go. */
interface Target {
  handler: EventHandler;
  readonly phase: number;
  /** First word of the trace entry, or `notTraced`. */
  readonly source: number;
  readonly lane: Lane | undefined;
  count: number;
}

const doNothing = (): void => undefined;

/** Virtual time, the events in it, and the random streams. It knows nothing of what the events mean. */
export class Engine {
  /** Digest of every event (time, phase, handler, payload) except observers'. */
  readonly trace: Fingerprint;
  readonly limits: EngineLimits;
  /** Set to look at events as they happen. */
  onEvent: EventObserver | undefined;
  readonly #createHash: HashFactory;
  readonly #queue: EventQueue;
  readonly #streams: RandomStreams;
  readonly #fingerprints = new Map<string, Fingerprint>();
  readonly #history = new EventHistory();
  readonly #names = new Set<string>();
  /** A handler is one target itself, and one more for each of its lanes. */
  readonly #targets: Target[] = [];
  #tracedCount = 0;
  #eventCount = 0;
  #eventsAtInstant = 0;
  #isRunning = false;
  #instantHigh = -1;
  #instantLow = 0;

  constructor(options: EngineOptions) {
    const { createHash, bucketWidthUs, tieSalt = 0 } = options;
    this.#createHash = createHash;
    this.limits = { ...defaultLimits, ...options.limits };
    this.#queue = new EventQueue(bucketWidthUs === undefined ? { tieSalt } : { bucketWidthUs, tieSalt });
    this.#streams = new RandomStreams(createHash, { seed: options.seed, replication: options.replication ?? 0 });
    this.trace = new Fingerprint(createHash);
  }

  get now(): SimTime {
    return this.#queue.now;
  }

  /** Events that have happened, observers' included. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** Events that are still to come; of a lane only the first counts. */
  get pendingCount(): number {
    return this.#queue.length;
  }

  /** Makes a handler known; the order of registration numbers the handlers in the trace. */
  register(handler: EventHandler): HandlerId {
    const { name, phase } = handler;
    assert(Number.isInteger(phase) && phase >= 0 && phase <= 15, `${name}: phase ${phase} is not within 0..15`);
    assert(!this.#names.has(name), `handler ${name} is registered already`);
    this.#names.add(name);
    const isTraced = handler.observer !== true;
    return this.#addTarget(handler, isTraced ? eventSource(phase, this.#tracedCount++) : notTraced);
  }

  /** Ends a handler: its events that are still to come do nothing, and its name is free again. */
  retire(id: HandlerId): void {
    const target = this.#targets[id]!;
    this.#names.delete(target.handler.name);
    const { name, phase } = target.handler;
    target.handler = { name, phase, handle: doNothing };
  }

  /** Posts an event. `time` is an integer not before `now`; `payload` a 32-bit integer. */
  at(time: SimTime, handler: HandlerId, payload: number): EventId {
    this.#queue.postTime[0] = time;
    return this.#post(handler, payload);
  }

  /** Posts an event `delayUs` (a non-negative integer) from now. */
  after(delayUs: number, handler: HandlerId, payload: number): EventId {
    this.#queue.postTime[0] = this.#queue.now + delayUs;
    return this.#post(handler, payload);
  }

  /** Takes an event back; false if it has happened or was cancelled before. */
  cancel(id: EventId): boolean {
    return this.#queue.cancel(id);
  }

  /** A FIFO for events of one handler whose times never decrease. */
  lane(handler: HandlerId): Lane {
    const { handler: owner, source } = this.#targets[handler]!;
    const lane = new Lane(this.#queue, owner.phase, this.#targets.length);
    this.#addTarget(owner, source, lane);
    return lane;
  }

  /** The random stream of a name; always the same object. */
  random(name: string): RandomStream {
    return this.#streams.get(name);
  }

  /** A stream that is keyed by the identity of an entity and not kept: see `RandomStreams.ofEntity`. */
  entityRandom(purpose: string, entity: string): RandomSource {
    return this.#streams.ofEntity(purpose, entity);
  }

  /** The fingerprint of a layer ('decisions', 'faults', ...), made on first use; 'trace' is the engine's own. */
  fingerprint(layer: string): Fingerprint {
    if (layer === 'trace') return this.trace;
    const known = this.#fingerprints.get(layer);
    if (known !== undefined) return known;
    const made = new Fingerprint(this.#createHash);
    this.#fingerprints.set(layer, made);
    return made;
  }

  /** Digest by layer, in the order of layer names, with 'draws': the number of draws of each random stream. */
  digests(): Map<string, string> {
    const draws = new Fingerprint(this.#createHash);
    for (const stream of this.#streams.byName()) {
      draws.addText(stream.name);
      draws.add(stream.drawCount);
    }
    for (const [purpose, count] of this.#streams.entityCounts()) {
      draws.addText(purpose);
      draws.add(count);
    }
    const layers = [...this.#fingerprints, ['trace', this.trace] as const, ['draws', draws] as const];
    const sorted = layers.sort(([a], [b]) => compareText(a, b));
    return new Map(sorted.map(([layer, fingerprint]) => [layer, fingerprint.digestHex()]));
  }

  /** The last 50 events and the busiest handlers. */
  dump(): HistoryDump {
    return this.#history.dump(this.#eventCount, this.#targets);
  }

  /** Lets time go on until the horizon, a pause or a limit. */
  run(options: RunOptions): RunStop {
    const { until, maxEvents = Infinity } = options;
    assert(!this.#isRunning, 'a handler must not call run');
    assert(until >= this.#queue.now, `run until ${until}, but it is ${this.#queue.now} already`);
    this.#isRunning = true;
    try {
      return this.#run(until, Math.min(this.#eventCount + maxEvents, this.limits.events));
    } finally {
      this.#isRunning = false;
    }
  }

  #post(handler: HandlerId, payload: number): EventId {
    const queue = this.#queue;
    const time = queue.postTime[0]!;
    const isTime = time >= queue.now && time <= timeMax && Math.floor(time) === time;
    if (!isTime || (payload | 0) !== payload) this.#refuse(handler, time, payload);
    return queue.post(this.#targets[handler]!.phase, handler, payload);
  }

  #run(until: SimTime, stopCount: number): RunStop {
    const queue = this.#queue;
    const atInstantMax = this.limits.eventsAtInstant;
    queue.setHorizon(until);
    while (this.#eventCount < stopCount) {
      const slot = queue.pop();
      if (slot === noSlot) {
        if (queue.length === 0) return { reason: 'empty' };
        queue.moveTo(until);
        return { reason: 'horizon' };
      }
      this.#dispatch(queue.targetOf(slot), queue.payloadOf(slot));
      if (this.#eventsAtInstant >= atInstantMax) return this.#limitStop('eventsAtInstant');
    }
    return this.#eventCount >= this.limits.events ? this.#limitStop('events') : { reason: 'paused' };
  }

  #dispatch(target: number, payload: number): void {
    // Two 32-bit halves, because a time that is handed on may be boxed.
    const time = this.#queue.now;
    const high = Math.floor(time * timeHighFactor);
    const low = time | 0;
    if (low !== this.#instantLow || high !== this.#instantHigh) {
      this.#instantLow = low;
      this.#instantHigh = high;
      this.#eventsAtInstant = 0;
    }
    this.#eventsAtInstant++;
    const to = this.#targets[target]!;
    if (to.source !== notTraced) {
      if (this.onEvent !== undefined) this.#tell(to, payload);
      this.trace.addEvent(to.source, high, low, payload);
    }
    to.count++;
    this.#history.add(this.#eventCount++, high, low, target, payload);
    if (to.lane !== undefined) to.lane.advance();
    to.handler.handle(payload);
  }

  #tell({ handler, phase }: Target, payload: number): void {
    this.onEvent!(this.trace.count, this.now, phase, handler.name, payload);
  }

  #addTarget(handler: EventHandler, source: number, lane?: Lane): number {
    return this.#targets.push({ handler, phase: handler.phase, source, lane, count: 0 }) - 1;
  }

  #limitStop(limit: keyof EngineLimits): RunStop {
    const busiest = this.dump().busiest[0];
    const what = limit === 'events' ? 'in this run' : `at ${this.now} us`;
    const who = busiest === undefined ? '' : `; busiest handler: ${busiest.handler} (${busiest.count})`;
    return { reason: 'limit', limit, message: `${this.limits[limit]} events ${what}${who}` };
  }

  #refuse(handler: HandlerId, time: SimTime, payload: number): never {
    const name = this.#targets[handler]?.handler.name ?? `handler ${handler}`;
    const isWide = (payload | 0) !== payload;
    const problem = isWide ? `payload ${payload} is not a 32-bit integer` : `no event at ${time}`;
    assert(false, `${name}: ${problem} (now ${this.now})`);
  }
}
