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
}
