/**
 * A watcher of one kind: hears every change after its own latency, and reads the objects as of what it has heard. One
 * delivery event carries all changes that arrive at one instant; changes that nobody here is interested in cost no event.
 */
import type { Kind, KindMap } from '../api/kinds.ts';
import type { Engine, HandlerId } from '../engine/engine.ts';
import type { Change, Store, StoreWatcher } from './store.ts';

/** Hears one change; `before` undefined = created, `after` undefined = removed. */
export type ChangeHandler<T> = (before: T | undefined, after: T | undefined, slot: number) => void;

/** Asked at the commit of a change, and again at its delivery: does it matter to the handler? Must not have side effects. */
export type Interest<T> = (before: T | undefined, after: T | undefined, slot: number) => boolean;

/** Microseconds from commit to delivery of the next change; called once per change. */
export type WatchLatency = () => number;

/** One watch of one kind. */
export class Informer<K extends Kind> implements StoreWatcher<KindMap[K]> {
  private readonly engine: Engine;
  private readonly store: Store<KindMap[K]>;
  private readonly latency: WatchLatency;
  private readonly deliver: HandlerId;
  private readonly handlers: {
    readonly handler: ChangeHandler<KindMap[K]>;
    readonly interest: Interest<KindMap[K]> | undefined;
    readonly passedOver: ChangeHandler<KindMap[K]> | undefined;
  }[] = [];
  /** Changes on their way, oldest first; `arrivals` holds their times. */
  private readonly inFlight: Change<KindMap[K]>[] = [];
  private readonly arrivals: number[] = [];
  /** Whether anybody wants to be told, by position in `inFlight`. */
  private readonly wanted: boolean[] = [];
  private first = 0;
  /** Index into `inFlight` of the first change that the handlers have not been told. */
  private told = 0;
  private seenSequence: number;
  private seenVersion = 0;
  private lastArrival = 0;
  private lastPosted = -1;
  private isTelling = false;

  constructor(name: string, phase: number, engine: Engine, store: Store<KindMap[K]>, latency: WatchLatency) {
    this.engine = engine;
    this.store = store;
    this.latency = latency;
    this.seenSequence = store.sequence;
    this.deliver = engine.register({ name: `${name}/watch/${store.kind}`, phase, handle: () => this.tellHandlers() });
    store.addWatcher(this);
  }

  /**
   * Adds a handler; handlers are told in the order in which they were added. `passedOver` hears what the interest leaves
   * out, in its place among the changes, but has no event of its own: it is called when the view is next looked at. It is
   * for holders of objects who have nothing to do and yet must let the old version go; it must not read this informer.
   */
  onChange(
    handler: ChangeHandler<KindMap[K]>,
    interest?: Interest<KindMap[K]>,
    passedOver?: ChangeHandler<KindMap[K]>,
  ): void {
    this.handlers.push({ handler, interest, passedOver });
  }

  /**
   * Tells the handlers of every object that is there already, as the first list of a fresh informer does: one event at this
   * instant. To be called before any change is under way.
   */
  tellExisting(): void {
    const { sequence } = this.store;
    for (const [slot, after] of this.entries()) {
      const { resourceVersion } = after.metadata;
      const change: Change<KindMap[K]> = {
        sequence,
        slot,
        before: undefined,
        after,
        resourceVersion,
        previous: undefined,
        next: undefined,
      };
      if (this.isInteresting(change)) this.append(change, this.engine.now, true);
    }
    if (this.inFlight.length > 0) this.engine.after(0, this.deliver, 0);
  }

  /** Ends the watch: nobody is told of anything any more. */
  close(): void {
    this.store.removeWatcher(this);
    this.engine.retire(this.deliver);
  }

  /** resourceVersion of the newest change that this watcher has heard. */
  get resourceVersion(): number {
    this.advance();
    return this.seenVersion;
  }

  /** When everything that is committed by now will have been heard, microseconds; now if it has been. */
  get caughtUpAt(): number {
    return Math.max(this.engine.now, this.lastArrival);
  }

  /** Looks: whatever has arrived by now and was passed over is told to those who hold objects. */
  catchUp(): void {
    this.advance();
  }

  get settledSequence(): number {
    this.advance();
    const waiting = this.inFlight[Math.min(this.first, this.told)];
    return waiting === undefined ? this.seenSequence : Math.min(this.seenSequence, waiting.sequence - 1);
  }

  get(namespace: string, name: string): KindMap[K] | undefined {
    this.advance();
    const slot =
      this.seenSequence === this.store.sequence
        ? this.store.slotOf(namespace, name)
        : this.store.slotAsOf(namespace, name, this.seenSequence);
    return slot < 0 ? undefined : this.store.asOf(slot, this.seenSequence);
  }

  bySlot(slot: number): KindMap[K] | undefined {
    this.advance();
    return this.store.asOf(slot, this.seenSequence);
  }

  /** All objects as seen, in the order of their slots. */
  list(): KindMap[K][] {
    this.advance();
    const objects: KindMap[K][] = [];
    for (let slot = 0; slot < this.store.slotCount; slot++) {
      const object = this.store.asOf(slot, this.seenSequence);
      if (object !== undefined) objects.push(object);
    }
    return objects;
  }

  /** All objects as seen with their slots, in the order of the slots. */
  *entries(): Generator<readonly [slot: number, object: KindMap[K]]> {
    this.advance();
    for (let slot = 0; slot < this.store.slotCount; slot++) {
      const object = this.store.asOf(slot, this.seenSequence);
      if (object !== undefined) yield [slot, object];
    }
  }

  /** The objects with this key of an index, as seen. */
  by(indexName: string, key: string | number): KindMap[K][] {
    this.advance();
    return this.store.by(indexName, key, this.seenSequence);
  }

  changed(change: Change<KindMap[K]>): void {
    // Watch events of one watcher never overtake each other.
    const arrival = Math.max(this.lastArrival, this.engine.now + this.latency());
    this.lastArrival = arrival;
    const isWanted = this.isInteresting(change);
    if (!isWanted && arrival === this.engine.now && this.told === this.inFlight.length) {
      this.see(change);
      this.passOver(change);
      return;
    }
    this.append(change, arrival, isWanted);
    if (!isWanted || this.lastPosted === arrival) return;
    this.lastPosted = arrival;
    this.engine.at(arrival, this.deliver, 0);
  }

  private append(change: Change<KindMap[K]>, arrival: number, isWanted: boolean): void {
    this.inFlight.push(change);
    this.arrivals.push(arrival);
    this.wanted.push(isWanted);
  }

  private isInteresting(change: Change<KindMap[K]>): boolean {
    for (const { interest } of this.handlers) {
      if (interest === undefined || interest(change.before, change.after, change.slot)) return true;
    }
    return false;
  }

  /** Moves the view to what has arrived by now. */
  private advance(): void {
    const { arrivals, engine } = this;
    while (this.first < arrivals.length && arrivals[this.first]! <= engine.now) {
      this.see(this.inFlight[this.first++]!);
    }
    // While handlers are told, it is their loop that goes on to the next change: nobody hears of changes out of order.
    while (!this.isTelling && this.told < this.first && !this.wanted[this.told]!) {
      this.passOver(this.inFlight[this.told++]!);
    }
    this.compact();
  }

  private passOver({ before, after, slot }: Change<KindMap[K]>): void {
    for (const { passedOver } of this.handlers) passedOver?.(before, after, slot);
  }

  private see(change: Change<KindMap[K]>): void {
    this.seenSequence = change.sequence;
    this.seenVersion = Math.max(this.seenVersion, change.resourceVersion);
  }

  private tellHandlers(): void {
    if (this.lastPosted <= this.engine.now) this.lastPosted = -1;
    this.advance();
    this.isTelling = true;
    while (this.told < this.first) {
      const at = this.told++;
      if (this.wanted[at]!) this.tell(this.inFlight[at]!);
      else this.passOver(this.inFlight[at]!);
    }
    this.isTelling = false;
    this.compact();
  }

  private tell({ before, after, slot }: Change<KindMap[K]>): void {
    for (const { handler, interest, passedOver } of this.handlers) {
      if (interest === undefined || interest(before, after, slot)) handler(before, after, slot);
      else passedOver?.(before, after, slot);
    }
  }

  private compact(): void {
    const done = Math.min(this.first, this.told);
    if (done < 64 || done * 2 < this.inFlight.length) return;
    this.inFlight.splice(0, done);
    this.arrivals.splice(0, done);
    this.wanted.splice(0, done);
    this.first -= done;
    this.told -= done;
  }
}
