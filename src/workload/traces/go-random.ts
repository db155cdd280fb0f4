/**
 * Go's math/rand (before Go 1.20's changes of the global source): an additive lagged Fibonacci generator, x_k = x_(k-607) + x_(k-273) mod
 * 2^64. Published experiments that were run by Go programs have their arrival orders from it; nothing else here draws from it.
 */
import { assert } from '../../util/assert.ts';
import { goRandomConstants } from './go-random-constants.ts';

const length = 607;
const tapOffset = 273;
const int32Max = 2_147_483_647;
const uint32Range = 4_294_967_296;

/** One source, as `rand.NewSource(seed)`. */
export class GoRandom {
  /** The state in halves of 32 bits. */
  private readonly high = new Uint32Array(length);
  private readonly low = new Uint32Array(length);
  private tap = 0;
  private feed = length - tapOffset;

  /** @param seed a safe integer. */
  constructor(seed: number) {
    assert(Number.isSafeInteger(seed), `the seed ${seed} is not a whole number`);
    const constants = Uint8Array.from(atob(goRandomConstants), (letter) => letter.charCodeAt(0));
    const view = new DataView(constants.buffer);
    let x = seed % int32Max;
    if (x < 0) x += int32Max;
    if (x === 0) x = 89_482_311;
    for (let at = 0; at < 20; at++) x = nextSeed(x);
    for (let at = 0; at < length; at++) {
      const first = nextSeed(x);
      const second = nextSeed(first);
      x = nextSeed(second);
      // first << 40 ^ second << 20 ^ third, over 64 bits.
      this.high[at] = (first << 8) ^ (second >>> 12) ^ view.getUint32(8 * at);
      this.low[at] = (second << 20) ^ x ^ view.getUint32(8 * at + 4);
    }
  }

  /** Upper 32 bits of the next output; one draw. */
  private next(): number {
    this.tap = this.tap === 0 ? length - 1 : this.tap - 1;
    this.feed = this.feed === 0 ? length - 1 : this.feed - 1;
    const { high, low, tap, feed } = this;
    const sum = low[feed]! + low[tap]!;
    low[feed] = sum;
    high[feed] = high[feed]! + high[tap]! + (sum >= uint32Range ? 1 : 0);
    return high[feed]!;
  }

  /** `Int31`: 0..2^31-1. */
  int31(): number {
    return this.next() & int32Max;
  }

  /** `Uint32`: 0..2^32-1. It is bits 31 to 62 of the output. */
  uint32(): number {
    const high = this.next();
    return ((high << 1) | (this.low[this.feed]! >>> 31)) >>> 0;
  }

  /** The output as 16 hexadecimal digits, as `Uint64`. */
  hex(): string {
    const high = this.next();
    return high.toString(16).padStart(8, '0') + this.low[this.feed]!.toString(16).padStart(8, '0');
  }

  /** `Intn(n)`: 0..n-1, for 1 <= n < 2^31. */
  intn(n: number): number {
    assert(Number.isInteger(n) && n >= 1 && n <= int32Max, `no integer below ${n}`);
    if ((n & (n - 1)) === 0) return this.int31() & (n - 1);
    const max = int32Max - ((int32Max + 1) % n);
    let value = this.int31();
    while (value > max) value = this.int31();
    return value % n;
  }

  /** `Perm(n)`: the numbers 0..n-1 in any order. */
  perm(n: number): Int32Array {
    const order = new Int32Array(n);
    for (let at = 0; at < n; at++) {
      const j = this.intn(at + 1);
      order[at] = order[j]!;
      order[j] = at;
    }
    return order;
  }

  /** `Shuffle`: brings a list into any order, in place. */
  shuffle(list: unknown[]): void {
    for (let at = list.length - 1; at > 0; at--) {
      const j = this.bounded(at + 1);
      [list[at], list[j]] = [list[j], list[at]];
    }
  }

  /** The bound of `Shuffle`, which is not that of `Intn`: the upper half of a product (Lemire). */
  private bounded(n: number): number {
    let product = BigInt(this.uint32()) * BigInt(n);
    let low = Number(product & 0xffffffffn);
    if (low < n) {
      const threshold = (uint32Range - n) % n;
      while (low < threshold) {
        product = BigInt(this.uint32()) * BigInt(n);
        low = Number(product & 0xffffffffn);
      }
    }
    return Number(product >> 32n);
  }
}

/** x * 48271 mod 2^31-1 (Schrage). */
function nextSeed(x: number): number {
  const high = Math.trunc(x / 44_488);
  const next = 48_271 * (x % 44_488) - 3_399 * high;
  return next < 0 ? next + int32Max : next;
}
