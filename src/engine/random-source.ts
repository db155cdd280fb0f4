import { assert } from '../util/assert.ts';

const uint32Range = 4_294_967_296;

/** What numbers are drawn from. */
export abstract class RandomSource {
  /** Uniform in [0, 1), 53 bits. */
  abstract double(): number;

  /** Uniform integer in [0, n), 1 <= n <= 2^32; always exactly one draw. The bias is below n / 2^53. */
  below(n: number): number {
    assert(Number.isInteger(n) && n >= 1 && n <= uint32Range, `no integer below ${n}`);
    return Math.floor(this.double() * n);
  }

  /** The first `count` of the numbers 0 to `total` - 1 in the order of a Fisher-Yates shuffle; 0 <= count <= total, one draw for each. */
  sample(count: number, total: number): number[] {
    assert(count >= 0 && count <= total, `no ${count} of ${total}`);
    const order = Array.from({ length: total }, (_, at) => at);
    for (let at = 0; at < count; at++) {
      const other = at + this.below(total - at);
      [order[at], order[other]] = [order[other]!, order[at]!];
    }
    return order.slice(0, count);
  }
}
