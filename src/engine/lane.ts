import { assert } from '../util/assert.ts';
import type { EventQueue } from './event-queue.ts';

const firstCapacity = 16;

/**
 * Events of one source whose times never decrease: a trace, a hop of constant latency. Only the first of them stands in
 * the event queue; the others wait in a ring with the sequence number they were given, so that the total order is the same
 * as if each had been posted by itself.
 */
export class Lane {
  readonly #queue: EventQueue;
  readonly #phase: number;
  readonly #target: number;
  readonly #lastTime = new Float64Array(1);
  #isPending = false;
  #first = 0;
  #length = 0;
  #times = new Float64Array(firstCapacity);
  #orders = new Float64Array(firstCapacity);
  #payloads = new Int32Array(firstCapacity);

  /** Made by `Engine.lane`. */
  constructor(queue: EventQueue, phase: number, target: number) {
    this.#queue = queue;
    this.#phase = phase;
    this.#target = target;
  }

  /** Events that have not fired. */
  get length(): number {
    return this.#length + (this.#isPending ? 1 : 0);
  }

  /** Posts an event; `time` is neither before `now` nor before the time pushed last. */
  push(time: number, payload: number): void {
    const isInOrder = time >= this.#lastTime[0]! && time >= this.#queue.now;
    if (!isInOrder || Math.floor(time) !== time) assert(false, `lane: time ${time} is not an integer in order`);
    this.#lastTime[0] = time;
    if (this.#isPending && !this.#queue.isSalted) {
      this.#append(time, payload);
      return;
    }
    // With a tie salt the order within an instant is not the order of posting: the queue has to see every event.
    this.#isPending = !this.#queue.isSalted;
    this.#queue.push(time, this.#phase, this.#target, payload);
  }

  /** The event in the queue has fired: puts the next one there. Called by the engine. */
  advance(): void {
    if (this.#length === 0) {
      this.#isPending = false;
      return;
    }
    const at = this.#first;
    this.#first = (at + 1) & (this.#times.length - 1);
    this.#length--;
    this.#queue.postReserved(this.#times, this.#orders, at, this.#target, this.#payloads[at]!);
  }

  #append(time: number, payload: number): void {
    if (this.#length === this.#times.length) this.#grow();
    const at = (this.#first + this.#length++) & (this.#times.length - 1);
    this.#times[at] = time;
    this.#orders[at] = this.#queue.reserve(this.#phase);
    this.#payloads[at] = payload;
  }

  #grow(): void {
    const capacity = this.#times.length;
    const moved = <T extends Float64Array | Int32Array>(from: T, to: T): T => {
      to.set(from.subarray(this.#first));
      to.set(from.subarray(0, this.#first), capacity - this.#first);
      return to;
    };
    this.#times = moved(this.#times, new Float64Array(2 * capacity));
    this.#orders = moved(this.#orders, new Float64Array(2 * capacity));
    this.#payloads = moved(this.#payloads, new Int32Array(2 * capacity));
    this.#first = 0;
  }
}
