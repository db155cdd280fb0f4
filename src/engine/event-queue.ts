import TinyQueue from 'tinyqueue';
import { assert } from '../util/assert.ts';
import { isBefore, noSlot, orderDouble, slotDoubles, SlotRun } from './slot-run.ts';

/** Names an event for cancellation; 0 names none. */
export type EventId = number;

export { noSlot } from './slot-run.ts';

export interface EventQueueOptions {
  /** Width of a wheel bucket; adapted to the events when left out. The order of events never depends on it. */
  readonly bucketWidthUs?: number;
  /** Permutes the order within one instant and phase; 0 keeps the order of posting. */
  readonly tieSalt?: number;
}

// A slot is 32 bytes, half a cache line, seen as 4 doubles and as 8 integers: time, order, target, payload, next, generation.
const slotWords = 8;
const targetWord = 4;
const payloadWord = 5;
const nextWord = 6;
const generationWord = 7;

const cancelledTarget = -1;
const slotCountMax = 16_777_216;
const generationMax = 536_870_911;
const phaseCount = 16;
/** Room for sequence numbers within one phase: 16 * 2^49 is 2^53. */
const phaseOrders = 562_949_953_421_312;
const clockCell = 0;
const horizonCell = 1;
const baseCell = 2;
const inverseWidthCell = 3;
const farMinimumCell = 4;
const firstSlotCount = 1024;
const bucketCountMin = 1024;
const bucketCountMax = 262_144;
const reviewPopsMin = 4096;
const nearLengthGoal = 4;
const nearLengthMax = 16;

/**
 * Pending events in the total order (time, phase, sequence). `tinyqueue` holds slots of the present time bucket only; later
 * events lie unsorted in a wheel of buckets, those beyond the wheel in one far list, those of the present instant in a
 * FIFO for each phase. All state is typed arrays; a posted event allocates nothing.
 */
export class EventQueue {
  /** Live events. */
  length = 0;
  readonly #tieSalt: number;
  readonly #fixedWidth: boolean;
  #doubles: Float64Array;
  #words: Int32Array;
  #slotCount = 0;
  #freeSlot = noSlot;
  readonly #cells = new Float64Array(5);
  readonly #sequences = new Float64Array(phaseCount);

  readonly #run: SlotRun;
  readonly #near: TinyQueue<number>;
  #bucketCount = bucketCountMin;
  #buckets = new Int32Array(bucketCountMin).fill(noSlot);
  #occupied = new Int32Array(bucketCountMin >> 5);
  #cursor = 0;
  #far = noSlot;
  #farLast = noSlot;
  readonly #nowFirst = new Int32Array(phaseCount).fill(noSlot);
  readonly #nowLast = new Int32Array(phaseCount).fill(noSlot);
  #nowPhases = 0;

  #cancelledCount = 0;
  #compactAt = bucketCountMin >> 3;
  #pops = 0;
  #reviewAt = reviewPopsMin;
  #nearLengthSum = 0;
  #advances = 0;
  #farMoves = 0;
  #widthFloor = 1;

  constructor(options: EventQueueOptions = {}) {
    const width = options.bucketWidthUs ?? 1024;
    assert(width >= 1, 'a bucket is at least 1 us wide');
    this.#tieSalt = options.tieSalt ?? 0;
    this.#fixedWidth = options.bucketWidthUs !== undefined;
    const buffer = new ArrayBuffer(8 * slotDoubles * firstSlotCount);
    this.#doubles = new Float64Array(buffer);
    this.#words = new Int32Array(buffer);
    this.#run = new SlotRun();
    this.#near = new TinyQueue<number>([], (a, b) => {
      const doubles = this.#doubles;
      const left = a * slotDoubles;
      const right = b * slotDoubles;
      return doubles[left]! - doubles[right]! || doubles[left + orderDouble]! - doubles[right + orderDouble]!;
    });
    this.#cells[inverseWidthCell] = 1 / width;
    this.#cells[farMinimumCell] = Infinity;
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

  timeOf(slot: number): number {
    return this.#doubles[slot * slotDoubles]!;
  }

  phaseOf(slot: number): number {
    return Math.floor(this.#doubles[slot * slotDoubles + orderDouble]! / phaseOrders);
  }

  targetOf(slot: number): number {
    return this.#words[slot * slotWords + targetWord]!;
  }

  payloadOf(slot: number): number {
    return this.#words[slot * slotWords + payloadWord]!;
  }

  /**
   * Posts an event. `time` is an integer not before `now`, `phase` 0..15, `target` a non-negative and `payload` any 32-bit
   * integer. Kept short so that the compiler inlines it: then neither the time nor the id is ever boxed.
   */
  push(time: number, phase: number, target: number, payload: number): EventId {
    if (this.#freeSlot === noSlot) this.#grow();
    const slot = this.#freeSlot;
    this.#doubles[slot * slotDoubles] = time;
    this.#fill(slot, phase, target, payload);
    this.#insert(slot, phase);
    return this.#words[slot * slotWords + generationWord]! * slotCountMax + slot;
  }

  /** Takes a sequence number now for an event that is pushed later by `pushReserved`. */
  reserve(phase: number): number {
    return phase * phaseOrders + this.#sequences[phase]!++;
  }

  /** Posts an event in the place that `reserve` kept for it. Only without tie salt. */
  pushReserved(time: number, order: number, target: number, payload: number): void {
    if (this.#freeSlot === noSlot) this.#grow();
    const slot = this.#freeSlot;
    this.#doubles[slot * slotDoubles] = time;
    this.#fill(slot, 0, target, payload);
    this.#doubles[slot * slotDoubles + orderDouble] = order;
    this.length++;
    this.#place(slot);
  }

  get isSalted(): boolean {
    return this.#tieSalt !== 0;
  }

  /** Takes an event back. False if it has fired or was cancelled before, or if `id` is 0. */
  cancel(id: EventId): boolean {
    const slot = id % slotCountMax;
    const words = this.#words;
    const at = slot * slotWords;
    if (slot >= this.#slotCount || words[at + generationWord] !== Math.floor(id / slotCountMax)) return false;
    if (words[at + targetWord] === cancelledTarget) return false;
    words[at + targetWord] = cancelledTarget;
    this.length--;
    // Cancelled slots stay in their list until it is read, unless they become the majority.
    if (++this.#cancelledCount > this.#compactAt && this.#cancelledCount > this.length) this.#rebuild();
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
      const at = slot * slotWords;
      if (this.#words[at + targetWord] === cancelledTarget) {
        this.#cancelledCount--;
        this.#release(slot);
        continue;
      }
      this.length--;
      this.#cells[clockCell] = this.#doubles[slot * slotDoubles]!;
      this.#release(slot);
      return slot;
    }
  }

  #fill(slot: number, phase: number, target: number, payload: number): void {
    const words = this.#words;
    const at = slot * slotWords;
    this.#freeSlot = words[at + nextWord]!;
    this.#doubles[slot * slotDoubles + orderDouble] = phase * phaseOrders + this.#sequences[phase]!;
    words[at + targetWord] = target;
    words[at + payloadWord] = payload;
  }

  #insert(slot: number, phase: number): void {
    const doubles = this.#doubles;
    const sequence = this.#sequences[phase]!++;
    this.length++;
    if (this.#tieSalt !== 0) {
      doubles[slot * slotDoubles + orderDouble] = phase * phaseOrders + saltedSequence(sequence, this.#tieSalt);
    } else if (doubles[slot * slotDoubles] === this.#cells[clockCell]) {
      this.#appendNow(slot, phase);
      return;
    }
    this.#place(slot);
  }

  #appendNow(slot: number, phase: number): void {
    this.#words[slot * slotWords + nextWord] = noSlot;
    if (this.#nowFirst[phase] === noSlot) {
      this.#nowFirst[phase] = slot;
      this.#nowPhases |= 1 << phase;
    } else {
      this.#words[this.#nowLast[phase]! * slotWords + nextWord] = slot;
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
      const bucket = Math.floor(position);
      this.#words[slot * slotWords + nextWord] = this.#buckets[bucket]!;
      this.#buckets[bucket] = slot;
      this.#occupied[bucket >> 5]! |= 1 << (bucket & 31);
    } else {
      this.#words[slot * slotWords + nextWord] = noSlot;
      if (this.#far === noSlot) this.#far = slot;
      else this.#words[this.#farLast * slotWords + nextWord] = slot;
      this.#farLast = slot;
      if (time < cells[farMinimumCell]!) cells[farMinimumCell] = time;
    }
  }

  /** While the present instant has FIFO events, only an earlier one of the same instant may come before them. */
  #takeNow(): number {
    const phase = 31 - Math.clz32(this.#nowPhases & -this.#nowPhases);
    const first = this.#nowFirst[phase]!;
    const doubles = this.#doubles;
    const nearest = this.#nearest();
    if (nearest !== noSlot) {
      const isNow = doubles[nearest * slotDoubles] === this.#cells[clockCell];
      const isEarlier = doubles[nearest * slotDoubles + orderDouble]! < doubles[first * slotDoubles + orderDouble]!;
      if (isNow && isEarlier) {
        this.#removeNearest(nearest);
        return nearest;
      }
    }
    const next = this.#words[first * slotWords + nextWord]!;
    this.#nowFirst[phase] = next;
    if (next === noSlot) this.#nowPhases &= ~(1 << phase);
    return first;
  }

  #takeNear(): number {
    let slot = this.#nearest();
    while (slot === noSlot) {
      if (!this.#advance()) return noSlot;
      slot = this.#nearest();
    }
    if (this.#doubles[slot * slotDoubles]! > this.#cells[horizonCell]!) return noSlot;
    this.#nearLengthSum += this.#near.length;
    this.#removeNearest(slot);
    if (++this.#pops >= this.#reviewAt) this.#review();
    return slot;
  }

  /** The earlier of the first of the sorted run and the first of the near queue. */
  #nearest(): number {
    const first = this.#run.first;
    if (this.#near.length === 0) return first;
    const near = this.#near.data[0]!;
    return first !== noSlot && isBefore(this.#doubles, first, near) ? first : near;
  }

  #removeNearest(slot: number): void {
    if (slot === this.#run.first) this.#run.removeFirst();
    else this.#near.pop();
  }

  /** Moves the next bucket that is not empty into the sorted run; false if nothing is pending. */
  #advance(): boolean {
    this.#advances++;
    const bucket = this.#nextOccupied();
    if (bucket === noSlot) return this.#turn();
    this.#cursor = bucket;
    this.#occupied[bucket >> 5]! &= ~(1 << (bucket & 31));
    const words = this.#words;
    const run = this.#run;
    for (let slot = this.#buckets[bucket]!; slot !== noSlot; slot = words[slot * slotWords + nextWord]!)
      run.addBefore(slot);
    this.#buckets[bucket] = noSlot;
    run.sort(this.#doubles);
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
    // The clock is before the base, so that even its own bucket is still to come.
    this.#cursor = -1;
    cells[baseCell] = cells[farMinimumCell]!;
    cells[farMinimumCell] = Infinity;
    this.#far = noSlot;
    while (slot !== noSlot) {
      const next = this.#words[slot * slotWords + nextWord]!;
      this.#place(slot);
      this.#farMoves++;
      slot = next;
    }
    return true;
  }

  /** Once in a while: looks how full buckets were, and chooses their width and number anew if that was far off. */
  #review(): void {
    const pops = this.#pops;
    const width = 1 / this.#cells[inverseWidthCell]!;
    const meanNear = this.#nearLengthSum / pops;
    let factor = 1;
    if (4 * this.#farMoves > pops) {
      factor = 4;
      this.#widthFloor = 4 * width;
    } else if (meanNear > nearLengthMax && width > this.#widthFloor) {
      factor = Math.max(nearLengthGoal / meanNear, this.#widthFloor / width);
    } else if (2 * this.#advances > pops) {
      factor = 4;
    }
    const isFew = this.length > 4 * this.#bucketCount && this.#bucketCount < bucketCountMax;
    if (!this.#fixedWidth && factor !== 1) this.#cells[inverseWidthCell] = 1 / Math.max(1, width * factor);
    if (isFew || (!this.#fixedWidth && factor !== 1)) this.#rebuild();
    this.#pops = this.#advances = this.#farMoves = this.#nearLengthSum = 0;
    this.#reviewAt = Math.max(reviewPopsMin, this.length);
  }

  /** Sorts everything that is pending beyond the present instant into buckets anew and drops cancelled events. */
  #rebuild(): void {
    let chain = this.#unlinkAll();
    if (this.length > 2 * this.#bucketCount && this.#bucketCount < bucketCountMax) {
      while (this.#bucketCount < this.length && this.#bucketCount < bucketCountMax) this.#bucketCount *= 2;
      this.#buckets = new Int32Array(this.#bucketCount).fill(noSlot);
      this.#occupied = new Int32Array(this.#bucketCount >> 5);
    }
    this.#cursor = 0;
    this.#cells[baseCell] = this.#cells[clockCell]!;
    while (chain !== noSlot) {
      const next = this.#words[chain * slotWords + nextWord]!;
      if (this.#words[chain * slotWords + targetWord] === cancelledTarget) {
        this.#cancelledCount--;
        this.#release(chain);
      } else {
        this.#place(chain);
      }
      chain = next;
    }
    this.#compactAt = Math.max(this.#bucketCount >> 3, 2 * this.#cancelledCount);
  }

  /** Empties near queue, wheel and far list into one chain and returns its first slot. */
  #unlinkAll(): number {
    const words = this.#words;
    let chain = this.#far;
    this.#far = noSlot;
    this.#cells[farMinimumCell] = Infinity;
    for (let bucket = this.#nextOccupied(); bucket !== noSlot; bucket = this.#nextOccupied()) {
      this.#cursor = bucket;
      let slot = this.#buckets[bucket]!;
      while (slot !== noSlot) {
        const next = words[slot * slotWords + nextWord]!;
        words[slot * slotWords + nextWord] = chain;
        chain = slot;
        slot = next;
      }
    }
    this.#buckets.fill(noSlot);
    this.#occupied.fill(0);
    for (const slot of this.#near.data) {
      words[slot * slotWords + nextWord] = chain;
      chain = slot;
    }
    for (let slot = this.#run.first; slot !== noSlot; slot = this.#run.first) {
      this.#run.removeFirst();
      words[slot * slotWords + nextWord] = chain;
      chain = slot;
    }
    this.#near.data.length = 0;
    this.#near.length = 0;
    return chain;
  }

  #release(slot: number): void {
    const words = this.#words;
    const at = slot * slotWords;
    // A slot whose generations are used up is never used again, so an old id can never name a new event.
    if (words[at + generationWord]!++ === generationMax) return;
    words[at + nextWord] = this.#freeSlot;
    this.#freeSlot = slot;
  }

  #grow(): void {
    const before = this.#slotCount;
    const after = before === 0 ? firstSlotCount : 2 * before;
    assert(after <= slotCountMax, `more than ${slotCountMax} pending events`);
    const buffer = new ArrayBuffer(8 * slotDoubles * after);
    const words = new Int32Array(buffer);
    words.set(this.#words.subarray(0, before * slotWords));
    for (let slot = after - 1; slot >= before; slot--) {
      words[slot * slotWords + generationWord] = 1;
      words[slot * slotWords + nextWord] = slot + 1 < after ? slot + 1 : noSlot;
    }
    this.#words = words;
    this.#doubles = new Float64Array(buffer);
    this.#freeSlot = before;
    this.#slotCount = after;
  }
}

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
