import TinyQueue from 'tinyqueue';
import { assert } from '../util/assert.ts';

/** Names an event for cancellation; 0 names none. */
export type EventId = number;

/** No slot: nothing there. */
export const noSlot = -1;

/** What may be chosen of an event queue; the order of events never depends on the width. */
export interface EventQueueOptions {
  /** Width of a wheel bucket; adapted to the events when left out. */
  readonly bucketWidthUs?: number;
  /** Permutes the order within one instant and phase; 0 keeps the order of posting. */
  readonly tieSalt?: number;
}

// A slot is 32 bytes, half a cache line, seen as 4 doubles and as 8 integers: time, order, target, payload, generation.
// The links of the lists lie apart, so that a list can be followed while the slots are still on their way from memory.
const slotDoubles = 4;
const orderDouble = 1;
const slotWords = 8;
const targetWord = 4;
const payloadWord = 5;
const generationWord = 6;

const freeOrder = -1;
const cancelledTarget = -1;
const slotCountMax = 16_777_216;
// The id of a low slot fits 31 bits and is therefore never boxed: 20 bits of slot and 11 of generation.
const lowSlotBits = 20;
const lowSlotCount = 1_048_576;
const lowGenerationMax = 2_047;
const highIdMin = 2_147_483_648;
const highGenerationMax = 268_435_455;
const phaseCount = 16;
/** Room for sequence numbers within one phase: 16 * 2^49 is 2^53. */
const phaseOrders = 562_949_953_421_312;
const firstSlotCount = 1024;
const bucketCountMax = 262_144;
const firstBucketWidthUs = 1024;
const reviewPopsMin = 4096;
const crowdLength = 16;
const widthStep = 4;

// Numbers that may not fit 32 bits lie in typed cells, where they are never boxed.
const clockCell = 0;
const horizonCell = 1;
const baseCell = 2;
const inverseWidthCell = 3;
const farMinimumCell = 4;
const widthFloorCell = 5;
const cellCount = 6;

/**
 * Pending events in the total order (time, phase, sequence). `tinyqueue` holds slots of the present time bucket only; later
 * events lie unsorted in a wheel of buckets, those beyond the wheel in one far list, those of the present instant in a
 * FIFO for each phase. All state is typed arrays; a posted event allocates nothing.
 */
export class EventQueue {
  /** Live events. */
  length = 0;
  /** One cell: the time of the next event that is posted. As an argument it might be boxed. */
  readonly postTime = new Float64Array(1);
  /** Whether ties are permuted. */
  readonly isSalted: boolean;
  readonly #tieSalt: number;
  readonly #isWidthFixed: boolean;
  readonly #cells = new Float64Array(cellCount);
  readonly #sequences = new Float64Array(phaseCount);
  #doubles = new Float64Array(0);
  #words = new Int32Array(0);
  #next = new Int32Array(0);
  #slotCount = 0;
  #freeSlot = noSlot;
  #cancelledCount = 0;

  readonly #near: TinyQueue<number>;
  #bucketCount = firstSlotCount;
  #buckets = new Int32Array(0);
  #occupied = new Int32Array(0);
  #cursor = 0;
  #far = noSlot;
  readonly #nowFirst = new Int32Array(phaseCount);
  readonly #nowLast = new Int32Array(phaseCount);
  #nowPhases = 0;

  // What the events were like since the last review, and since the wheel began its present turn.
  #pops = 0;
  #crowdedPops = 0;
  #reviewAt = reviewPopsMin;
  #turnMoves = 0;
  #popsBeforeTurn = 0;

  constructor({ bucketWidthUs, tieSalt = 0 }: EventQueueOptions = {}) {
    assert(bucketWidthUs === undefined || bucketWidthUs >= 1, 'a bucket is at least 1 us wide');
    this.isSalted = tieSalt !== 0;
    this.#tieSalt = tieSalt;
    this.#isWidthFixed = bucketWidthUs !== undefined;
    this.#cells[inverseWidthCell] = 1 / (bucketWidthUs ?? firstBucketWidthUs);
    this.#near = new TinyQueue<number>([], (a, b) => {
      const doubles = this.#doubles;
      const left = a * slotDoubles;
      const right = b * slotDoubles;
      return doubles[left]! - doubles[right]! || doubles[left + orderDouble]! - doubles[right + orderDouble]!;
    });
    this.#grow();
  }

  /** Time of the latest event taken, or of the latest `moveTo`: nothing may be posted before it. */
  get now(): number {
    return this.#cells[clockCell]!;
  }

  /** Moves the clock on without an event. Nothing may be pending before `time`. */
  moveTo(time: number): void {
    this.#cells[clockCell] = time;
  }

  /** Events later than this are not taken. */
  setHorizon(time: number): void {
    this.#cells[horizonCell] = time;
  }

  /** The target of the event that `pop` returned. */
  targetOf(slot: number): number {
    return this.#words[slot * slotWords + targetWord]!;
  }

  /** The payload of the event that `pop` returned. */
  payloadOf(slot: number): number {
    return this.#words[slot * slotWords + payloadWord]!;
  }

  /** Posts an event. `time` is an integer not before `now`; the rest as for `post`. */
  push(time: number, phase: number, target: number, payload: number): EventId {
    this.postTime[0] = time;
    return this.post(phase, target, payload);
  }

  /** Posts an event at `postTime`. `phase` 0..15, `target` a non-negative and `payload` any 32-bit integer. */
  post(phase: number, target: number, payload: number): EventId {
    const salt = this.#tieSalt;
    const sequence = this.#sequences[phase]!++;
    const slot = this.#allocate(target, payload);
    const doubles = this.#doubles;
    const at = slot * slotDoubles;
    const time = this.postTime[0]!;
    doubles[at] = time;
    doubles[at + orderDouble] = phase * phaseOrders + (salt === 0 ? sequence : saltedSequence(sequence, salt));
    if (salt === 0 && time === this.#cells[clockCell]) this.#appendNow(slot, phase);
    else this.#place(slot);
    return idOf(slot, this.#words[slot * slotWords + generationWord]!);
  }

  /** Takes a sequence number now for an event that is posted later by `postReserved`. Only without tie salt. */
  reserve(phase: number): number {
    return phase * phaseOrders + this.#sequences[phase]!++;
  }

  /** Posts an event at `times[index]` in the place that `reserve` kept for it, `orders[index]`. */
  postReserved(times: Float64Array, orders: Float64Array, index: number, target: number, payload: number): void {
    const slot = this.#allocate(target, payload);
    this.#doubles[slot * slotDoubles] = times[index]!;
    this.#doubles[slot * slotDoubles + orderDouble] = orders[index]!;
    this.#place(slot);
  }

  /** Takes an event back. False if it has fired or was cancelled before, or if `id` is 0. */
  cancel(id: EventId): boolean {
    const slot = id < highIdMin ? id & (lowSlotCount - 1) : id % slotCountMax;
    const words = this.#words;
    const at = slot * slotWords;
    if (slot >= this.#slotCount || idOf(slot, words[at + generationWord]!) !== id) return false;
    if (words[at + targetWord] === cancelledTarget) return false;
    words[at + targetWord] = cancelledTarget;
    this.length--;
    // Cancelled slots stay in their list until it is read, unless they become the majority.
    if (++this.#cancelledCount > this.length && 4 * this.#cancelledCount > this.#slotCount) this.#rebuild();
    return true;
  }

  /**
   * Takes the earliest event that is not later than the horizon, moves the clock to it and returns its slot; the slot can
   * be read until the next push. `noSlot` if there is none.
   */
  pop(): number {
    for (;;) {
      const slot = this.#nowPhases !== 0 ? this.#takeNow() : this.#takeNear();
      if (slot === noSlot) return noSlot;
      const isCancelled = this.#words[slot * slotWords + targetWord] === cancelledTarget;
      this.#release(slot);
      if (isCancelled) {
        this.#cancelledCount--;
        continue;
      }
      this.length--;
      this.#cells[clockCell] = this.#doubles[slot * slotDoubles]!;
      return slot;
    }
  }

  #allocate(target: number, payload: number): number {
    if (this.#freeSlot === noSlot) this.#grow();
    const slot = this.#freeSlot;
    const words = this.#words;
    const at = slot * slotWords;
    this.#freeSlot = this.#next[slot]!;
    words[at + targetWord] = target;
    words[at + payloadWord] = payload;
    this.length++;
    return slot;
  }

  #release(slot: number): void {
    const at = slot * slotWords;
    const words = this.#words;
    this.#doubles[slot * slotDoubles + orderDouble] = freeOrder;
    // A slot whose generations are used up is never used again, so an old id can never name a new event.
    if (words[at + generationWord]!++ === generationMaxOf(slot)) return;
    this.#next[slot] = this.#freeSlot;
    this.#freeSlot = slot;
  }

  #appendNow(slot: number, phase: number): void {
    this.#next[slot] = noSlot;
    if ((this.#nowPhases & (1 << phase)) === 0) {
      this.#nowFirst[phase] = slot;
      this.#nowPhases |= 1 << phase;
    } else {
      this.#next[this.#nowLast[phase]!] = slot;
    }
    this.#nowLast[phase] = slot;
  }

  /** Any mapping that never decreases with time is right here; rounding is harmless. */
  #place(slot: number): void {
    const cells = this.#cells;
    const time = this.#doubles[slot * slotDoubles]!;
    const position = (time - cells[baseCell]!) * cells[inverseWidthCell]!;
    if (position < this.#cursor + 1) {
      this.#near.push(slot);
    } else if (position < this.#bucketCount) {
      const bucket = position | 0;
      this.#next[slot] = this.#buckets[bucket]!;
      this.#buckets[bucket] = slot;
      this.#occupied[bucket >> 5]! |= 1 << (bucket & 31);
    } else {
      this.#next[slot] = this.#far;
      this.#far = slot;
      if (time < cells[farMinimumCell]!) cells[farMinimumCell] = time;
    }
  }

  /** While the present instant has FIFO events, only an earlier one of the same instant may come before them. */
  #takeNow(): number {
    const phase = 31 - Math.clz32(this.#nowPhases & -this.#nowPhases);
    const first = this.#nowFirst[phase]!;
    if (this.#near.length > 0) {
      const doubles = this.#doubles;
      const nearest = this.#near.data[0]! * slotDoubles;
      const isNow = doubles[nearest] === this.#cells[clockCell];
      if (isNow && doubles[nearest + orderDouble]! < doubles[first * slotDoubles + orderDouble]!)
        return this.#near.pop()!;
    }
    const next = this.#next[first]!;
    this.#nowFirst[phase] = next;
    if (next === noSlot) this.#nowPhases &= ~(1 << phase);
    return first;
  }

  #takeNear(): number {
    const near = this.#near;
    if (this.#pops >= this.#reviewAt) this.#review();
    while (near.length === 0) if (!this.#advance()) return noSlot;
    if (this.#doubles[near.data[0]! * slotDoubles]! > this.#cells[horizonCell]!) return noSlot;
    this.#pops++;
    if (near.length > crowdLength) this.#crowdedPops++;
    return near.pop()!;
  }

  /** Moves the next bucket that is not empty into the near queue; false if nothing is pending. */
  #advance(): boolean {
    const bucket = this.#nextOccupied();
    if (bucket === noSlot) return this.#turn();
    this.#cursor = bucket;
    this.#occupied[bucket >> 5]! &= ~(1 << (bucket & 31));
    let slot = this.#buckets[bucket]!;
    this.#buckets[bucket] = noSlot;
    for (; slot !== noSlot; slot = this.#next[slot]!) this.#near.push(slot);
    return true;
  }

  #nextOccupied(): number {
    const occupied = this.#occupied;
    const from = this.#cursor + 1;
    let word = from >> 5;
    let bits = word < occupied.length ? occupied[word]! & (-1 << (from & 31)) : 0;
    while (bits === 0) {
      if (++word >= occupied.length) return noSlot;
      bits = occupied[word]!;
    }
    return word * 32 + 31 - Math.clz32(bits & -bits);
  }

  /** The wheel is empty: starts a new turn at the earliest far event. */
  #turn(): boolean {
    const cells = this.#cells;
    let slot = this.#far;
    if (slot === noSlot) return false;
    // A turn that takes less than it moves is too short. Now that the wheel is empty, wider buckets cost nothing.
    if (!this.#isWidthFixed && this.#turnMoves > 2 * (this.#pops - this.#popsBeforeTurn)) {
      cells[inverseWidthCell]! /= widthStep;
      cells[widthFloorCell] = 1 / cells[inverseWidthCell]!;
    }
    // The clock is before the base, so that even its own bucket is still to come.
    this.#cursor = -1;
    cells[baseCell] = cells[farMinimumCell]!;
    cells[farMinimumCell] = Infinity;
    this.#far = noSlot;
    this.#popsBeforeTurn = this.#pops;
    for (this.#turnMoves = 0; slot !== noSlot; this.#turnMoves++) {
      const next = this.#next[slot]!;
      this.#place(slot);
      slot = next;
    }
    return true;
  }

  /** Once in a while: makes buckets narrower if they were crowded. They become wider where turns are too short. */
  #review(): void {
    const width = 1 / this.#cells[inverseWidthCell]!;
    const floor = this.#cells[widthFloorCell]!;
    if (!this.#isWidthFixed && 2 * this.#crowdedPops > this.#pops && width > floor) {
      this.#cells[inverseWidthCell] = 1 / Math.max(width / widthStep, floor);
      this.#rebuild();
    }
    this.#popsBeforeTurn -= this.#pops;
    this.#pops = this.#crowdedPops = 0;
    this.#reviewAt = Math.max(reviewPopsMin, this.length);
  }

  /** Places everything that is pending anew and drops cancelled events. */
  #rebuild(): void {
    this.#cells[baseCell] = this.now;
    this.#cells[farMinimumCell] = Infinity;
    this.#far = this.#freeSlot = noSlot;
    this.#cursor = this.#nowPhases = this.#cancelledCount = 0;
    this.#near.data.length = this.#near.length = 0;
    this.#buckets.fill(noSlot);
    this.#occupied.fill(0);
    const words = this.#words;
    for (let slot = this.#slotCount - 1; slot >= 0; slot--) {
      const at = slot * slotWords;
      if (this.#doubles[slot * slotDoubles + orderDouble] !== freeOrder) {
        if (words[at + targetWord] === cancelledTarget) this.#release(slot);
        else this.#place(slot);
      } else if (words[at + generationWord]! <= generationMaxOf(slot)) {
        this.#next[slot] = this.#freeSlot;
        this.#freeSlot = slot;
      }
    }
  }

  /** Doubles the slots, and the buckets with them. */
  #grow(): void {
    const before = this.#slotCount;
    const after = before === 0 ? firstSlotCount : 2 * before;
    assert(after <= slotCountMax, `more than ${slotCountMax} pending events`);
    const buffer = new ArrayBuffer(8 * slotDoubles * after);
    const words = new Int32Array(buffer);
    words.set(this.#words);
    this.#words = words;
    const next = new Int32Array(after);
    next.set(this.#next);
    this.#next = next;
    this.#doubles = new Float64Array(buffer);
    for (let slot = before; slot < after; slot++) {
      words[slot * slotWords + generationWord] = 1;
      this.#doubles[slot * slotDoubles + orderDouble] = freeOrder;
    }
    this.#slotCount = after;
    while (this.#bucketCount <= this.length && this.#bucketCount < bucketCountMax) this.#bucketCount *= 2;
    this.#buckets = new Int32Array(this.#bucketCount);
    this.#occupied = new Int32Array(this.#bucketCount >> 5);
    this.#cells[widthFloorCell] = 1;
    this.#rebuild();
  }
}

function idOf(slot: number, generation: number): EventId {
  if (slot < lowSlotCount) return (generation << lowSlotBits) | slot;
  return highIdMin + generation * slotCountMax + slot;
}

const generationMaxOf = (slot: number): number => (slot < lowSlotCount ? lowGenerationMax : highGenerationMax);

/**
 * A keyed permutation of the sequence numbers: multiplications by odd numbers and shifted exclusive-ors permute the 32 low
 * bits, which become the high bits of the result, so that no two events of one instant compare equal.
 */
function saltedSequence(sequence: number, salt: number): number {
  const high = Math.floor(sequence / 4_294_967_296);
  let mixed = Math.imul((sequence | 0) ^ salt, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16) ^ Math.imul(salt, 0x85ebca77), 0xc2b2ae3d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x27d4eb2f);
  return ((mixed ^ (mixed >>> 13)) >>> 0) * 131_072 + high;
}
