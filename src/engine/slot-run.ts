/** No slot: nothing there. */
export const noSlot = -1;
/** A slot is 4 doubles: time, order, and two that hold integers. */
export const slotDoubles = 4;
export const orderDouble = 1;

const blockLength = 16;

/** Whether the event in slot `a` comes before that in slot `b`. */
export function isBefore(doubles: Float64Array, a: number, b: number): boolean {
  const timeA = doubles[a * slotDoubles]!;
  const timeB = doubles[b * slotDoubles]!;
  if (timeA !== timeB) return timeA < timeB;
  return doubles[a * slotDoubles + orderDouble]! < doubles[b * slotDoubles + orderDouble]!;
}

/**
 * The slots of one time bucket in their order. Buckets are mostly short, or in order already (ties, constant delays): blocks
 * are sorted by insertion, and merged only where they overlap.
 */
export class SlotRun {
  /** The earliest slot, or `noSlot`. */
  first = noSlot;
  #slots = new Int32Array(64);
  #scratch = new Int32Array(64);
  // Slots are added from the end of the array downwards, so that the last added is the first.
  #start = 64;

  removeFirst(): void {
    const slots = this.#slots;
    this.first = ++this.#start < slots.length ? slots[this.#start]! : noSlot;
  }

  /** Adds a slot before the others; `sort` has to follow. */
  addBefore(slot: number): void {
    if (this.#start === 0) this.#grow();
    this.#slots[--this.#start] = slot;
  }

  /** Sorts all slots by (time, order). */
  sort(doubles: Float64Array): void {
    const end = this.#slots.length;
    for (let from = this.#start; from < end; from += blockLength) {
      this.#sortBlock(doubles, from, Math.min(from + blockLength, end));
    }
    for (let length = blockLength; length < end - this.#start; length *= 2) {
      for (let from = this.#start; from + length < end; from += 2 * length) {
        this.#merge(doubles, from, from + length, Math.min(from + 2 * length, end));
      }
    }
    this.first = this.#start < end ? this.#slots[this.#start]! : noSlot;
  }

  #sortBlock(doubles: Float64Array, from: number, to: number): void {
    const slots = this.#slots;
    for (let i = from + 1; i < to; i++) {
      const slot = slots[i]!;
      let at = i;
      while (at > from && isBefore(doubles, slot, slots[at - 1]!)) {
        slots[at] = slots[at - 1]!;
        at--;
      }
      slots[at] = slot;
    }
  }

  #merge(doubles: Float64Array, from: number, middle: number, to: number): void {
    const slots = this.#slots;
    if (isBefore(doubles, slots[middle - 1]!, slots[middle]!)) return;
    const left = this.#scratch;
    for (let i = from; i < middle; i++) left[i] = slots[i]!;
    let i = from;
    let j = middle;
    for (let at = from; i < middle; at++) {
      const takesRight = j < to && isBefore(doubles, slots[j]!, left[i]!);
      slots[at] = takesRight ? slots[j++]! : left[i++]!;
    }
  }

  #grow(): void {
    const length = this.#slots.length;
    const grown = new Int32Array(2 * length);
    grown.set(this.#slots, length);
    this.#slots = grown;
    this.#scratch = new Int32Array(2 * length);
    this.#start = length;
  }
}
