/**
 * All objects of one kind, with a short log of the changes that some watcher has not seen yet. A watcher that lags reads
 * through the log and so holds every object *as of the version that it has seen*, at no cost per object and watcher.
 */
import type { ApiObject } from '../api/meta-v1.ts';
import { fnv32a } from '../api/template-hash.ts';
import { assert } from '../util/assert.ts';
import { SlotsByHash } from './slots-by-hash.ts';

/** One committed change. Linked per object, so that an older version is found in as many steps as it is behind. */
export interface Change<T> {
  /** 1, 2, 3 ... within the store. */
  readonly sequence: number;
  readonly slot: number;
  readonly before: T | undefined;
  readonly after: T | undefined;
  readonly resourceVersion: number;
  previous: Change<T> | undefined;
  next: Change<T> | undefined;
}

/** Who reads the store as of an earlier change. */
export interface StoreWatcher<T> {
  /** The last change that every reader of this watcher has passed. */
  readonly settledSequence: number;
  changed(change: Change<T>): void;
}

/** A secondary index: which objects have this key? Holds a key until no watcher can still see a version that has it. */
export interface StoreIndex<T> {
  readonly name: string;
  keyOf(object: T): string | number | undefined;
}

/** Slots in the order in which they came: a bare number for one, a list while they are few, a set from then on. */
type Slots = number | readonly number[] | Set<number>;

/** A list takes a quarter of a set's memory, and up to this length it can be copied in no time. */
const listedMax = 256;

/** The objects of one kind, by slot: a small integer that belongs to one object until everybody has seen it go. */
export class Store<T extends ApiObject> {
  readonly kind: string;
  readonly keyNameOf: (object: T) => string;
  private readonly current: (T | undefined)[] = [];
  /** The newest change of a slot, as long as it is in the log: at most instants there are few. */
  private readonly latest = new Map<number, Change<T>>();
  private readonly freeSlots: number[] = [];
  private readonly slotsByName = new SlotsByHash();
  private readonly indexes: { readonly definition: StoreIndex<T>; readonly slotsByKey: Map<string | number, Slots> }[] =
    [];
  private readonly watchers: StoreWatcher<T>[] = [];
  /** The watcher that was furthest behind when that was last looked at. */
  private slowest: StoreWatcher<T> | undefined;
  /** Dropped entries are cleared at once, so that the versions in them can go. */
  private readonly log: (Change<T> | undefined)[] = [];
  /** Those changes of the log that removed an object. */
  private readonly removals = new Set<Change<T>>();
  private logStart = 0;
  /** The name that was looked up last: a request asks for the same one several times. */
  private readonly found = { namespace: '', name: '', slot: -1 };
  private lastSequence = 0;
  private objectCount = 0;

  /** `keyNameOf` names an object within its namespace; it differs from the name only where a store holds several kinds. */
  constructor(kind: string, indexes: readonly StoreIndex<T>[] = [], keyNameOf: (object: T) => string = nameOf) {
    this.kind = kind;
    this.keyNameOf = keyNameOf;
    for (const definition of indexes) this.indexes.push({ definition, slotsByKey: new Map() });
  }

  /** Number of stored objects. */
  get size(): number {
    return this.objectCount;
  }

  /** Sequence of the newest change. */
  get sequence(): number {
    return this.lastSequence;
  }

  /** One more than the largest slot ever used: the length of per-object columns. */
  get slotCount(): number {
    return this.current.length;
  }

  addWatcher(watcher: StoreWatcher<T>): void {
    this.watchers.push(watcher);
  }

  removeWatcher(watcher: StoreWatcher<T>): void {
    const at = this.watchers.indexOf(watcher);
    if (at >= 0) this.watchers.splice(at, 1);
    if (this.slowest === watcher) this.slowest = undefined;
  }

  slotOf(namespace: string, name: string): number {
    const { found } = this;
    if (found.slot >= 0 && found.name === name && found.namespace === namespace) return found.slot;
    const slot = this.findSlot(namespace, name);
    found.namespace = namespace;
    found.name = name;
    found.slot = slot;
    return slot;
  }

  private findSlot(namespace: string, name: string): number {
    for (let slot = this.slotsByName.first(hashOf(namespace, name)); slot >= 0; slot = this.slotsByName.next(slot)) {
      const object = this.current[slot]!;
      if (this.keyNameOf(object) === name && object.metadata.namespace === namespace) return slot;
    }
    return -1;
  }

  get(namespace: string, name: string): T | undefined {
    const slot = this.slotOf(namespace, name);
    return slot < 0 ? undefined : this.current[slot];
  }

  /** All objects in the order of their slots. */
  *list(): Generator<T> {
    for (const object of this.current) if (object !== undefined) yield object;
  }

  /** The object of a slot as of change `sequence`. */
  asOf(slot: number, sequence: number): T | undefined {
    let change = this.latest.get(slot);
    if (change === undefined || change.sequence <= sequence) return this.current[slot];
    while (change.previous !== undefined && change.previous.sequence > sequence) change = change.previous;
    return change.before;
  }

  /** The slot that held this name as of change `sequence`; -1 = none. A name may have moved to a new slot since. */
  slotAsOf(namespace: string, name: string, sequence: number): number {
    for (const { before, slot, sequence: removedAt } of this.removals) {
      if (removedAt <= sequence || before!.metadata.namespace !== namespace) continue;
      if (this.keyNameOf(before!) === name && this.asOf(slot, sequence) !== undefined) return slot;
    }
    return this.slotOf(namespace, name);
  }

  /** The objects with this key of an index, as of change `sequence`. */
  by(indexName: string, key: string | number, sequence: number): T[] {
    const index = this.indexes.find((entry) => entry.definition.name === indexName);
    assert(index !== undefined, `store of ${this.kind} has no index ${indexName}`);
    const slots = index.slotsByKey.get(key);
    if (slots === undefined) return [];
    const { definition } = index;
    const objects: T[] = [];
    for (const slot of typeof slots === 'number' ? [slots] : slots) {
      // What everybody has seen stands under its keys and no other; only what is in the log has to be asked.
      if (!this.latest.has(slot)) {
        objects.push(this.current[slot]!);
        continue;
      }
      const object = this.asOf(slot, sequence);
      if (object !== undefined && definition.keyOf(object) === key) objects.push(object);
    }
    return objects;
  }

  /**
   * Commits a new version (`after` undefined = removal) and tells the watchers. Only the API server calls this.
   *
   * @returns the slot of the object.
   */
  commit(before: T | undefined, after: T | undefined, resourceVersion: number): number {
    const slot =
      before === undefined ? this.allocate(after!) : this.slotOf(before.metadata.namespace, this.keyNameOf(before));
    assert(slot >= 0 && this.current[slot] === before, `commit on a stale object of kind ${this.kind}`);
    const previous = this.latest.get(slot);
    const change: Change<T> = {
      sequence: ++this.lastSequence,
      slot,
      before,
      after,
      resourceVersion,
      previous,
      next: undefined,
    };
    if (previous !== undefined) previous.next = change;
    this.latest.set(slot, change);
    this.current[slot] = after;
    if (after === undefined) this.forgetName(change);
    this.log.push(change);
    this.addToIndexes(change);
    for (const watcher of this.watchers) watcher.changed(change);
    this.trim();
    return slot;
  }

  /** Drops log entries that every watcher has passed, and frees what only they kept. */
  trim(): void {
    const oldest = this.log[this.logStart];
    // Mostly it is still held up by whoever held it up before, and then nobody else needs to be asked.
    if (oldest === undefined || (this.slowest?.settledSequence ?? Infinity) < oldest.sequence) return;
    const settled = this.findSettled();
    while (this.logStart < this.log.length && this.log[this.logStart]!.sequence <= settled) {
      this.drop(this.log[this.logStart]!);
      this.log[this.logStart++] = undefined;
    }
    if (this.logStart > 1024 && this.logStart * 2 > this.log.length) {
      this.log.splice(0, this.logStart);
      this.logStart = 0;
    }
  }

  /** The last change that every watcher has passed. */
  private findSettled(): number {
    let settled = this.lastSequence;
    this.slowest = undefined;
    for (const watcher of this.watchers) {
      const { settledSequence } = watcher;
      if (settledSequence >= settled) continue;
      settled = settledSequence;
      this.slowest = watcher;
    }
    return settled;
  }

  private allocate(object: T): number {
    const { namespace } = object.metadata;
    const name = this.keyNameOf(object);
    assert(this.slotOf(namespace, name) < 0, `${this.kind} ${namespace}/${name} exists`);
    const slot = this.freeSlots.pop() ?? this.current.push(undefined) - 1;
    this.slotsByName.add(hashOf(namespace, name), slot);
    this.objectCount++;
    return slot;
  }

  private forgetName(removal: Change<T>): void {
    this.removals.add(removal);
    this.slotsByName.remove(removal.slot);
    this.found.slot = -1;
    this.objectCount--;
  }

  private drop(change: Change<T>): void {
    const { slot, before, after } = change;
    if (this.latest.get(slot) === change) this.latest.delete(slot);
    if (change.next !== undefined) change.next.previous = undefined;
    for (const index of this.indexes) {
      const key = before === undefined ? undefined : index.definition.keyOf(before);
      const newKey = after === undefined ? undefined : index.definition.keyOf(after);
      if (key !== undefined && key !== newKey && !this.keyReturns(change, index.definition, key))
        removeSlot(index.slotsByKey, key, slot);
    }
    if (after !== undefined) return;
    this.removals.delete(change);
    this.freeSlots.push(slot);
  }

  /** Whether a later version of the same object, still in the log, has the key again. */
  private keyReturns(change: Change<T>, definition: StoreIndex<T>, key: string | number): boolean {
    for (let later = change.next; later !== undefined; later = later.next) {
      if (later.after !== undefined && definition.keyOf(later.after) === key) return true;
    }
    return false;
  }

  private addToIndexes(change: Change<T>): void {
    if (change.after === undefined) return;
    for (const index of this.indexes) {
      const key = index.definition.keyOf(change.after);
      const oldKey = change.before === undefined ? undefined : index.definition.keyOf(change.before);
      if (key !== undefined && key !== oldKey) addSlot(index.slotsByKey, key, change.slot);
    }
  }
}

function nameOf(object: ApiObject): string {
  return object.metadata.name;
}

function hashOf(namespace: string, name: string): number {
  return (Math.imul(fnv32a(namespace), 31) + fnv32a(name)) | 0;
}

/** Most keys have one object (a Job's pod), so a bare number stands for a set of one. */
function addSlot(slotsByKey: Map<string | number, Slots>, key: string | number, slot: number): void {
  const slots = slotsByKey.get(key);
  if (slots === undefined) slotsByKey.set(key, slot);
  else if (typeof slots === 'number') {
    if (slots !== slot) slotsByKey.set(key, [slots, slot]);
  } else if (slots instanceof Set) slots.add(slot);
  else if (slots.includes(slot)) return;
  // A list is replaced, not changed: it has no slack, and whoever walks through it may commit.
  else slotsByKey.set(key, slots.length < listedMax ? [...slots, slot] : new Set(slots).add(slot));
}

function removeSlot(slotsByKey: Map<string | number, Slots>, key: string | number, slot: number): void {
  const slots = slotsByKey.get(key);
  if (slots === undefined) return;
  if (typeof slots === 'number') {
    if (slots === slot) slotsByKey.delete(key);
  } else if (slots instanceof Set) {
    slots.delete(slot);
    if (slots.size === 0) slotsByKey.delete(key);
  } else {
    const rest = slots.filter((other) => other !== slot);
    if (rest.length === 0) slotsByKey.delete(key);
    else if (rest.length < slots.length) slotsByKey.set(key, rest);
  }
}
