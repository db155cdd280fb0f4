import { RandomSource } from './random-source.ts';

/** Two words that tell purposes, seeds and replications apart. */
export interface EntityKey {
  readonly high: number;
  readonly low: number;
}

/**
 * A sequence of a few numbers for one entity, made and dropped millions of times in a run. Making it costs a fraction of what a
 * keyed `RandomStream` does: the name goes through the body of MurmurHash3 (Appleby), in two lanes of 32 bits that begin with the
 * key, and each draw is a step of both lanes through its finalizer.
 */
export class EntityStream extends RandomSource {
  #high: number;
  #low: number;

  constructor(key: EntityKey, entity: string) {
    super();
    let { high, low } = key;
    for (let at = 0; at < entity.length; at++) {
      const code = entity.charCodeAt(at);
      high = (Math.imul(rotated(high ^ scrambled(code, 0xcc9e2d51, 0x1b873593), 13), 5) + 0xe6546b64) | 0;
      low = (Math.imul(rotated(low ^ scrambled(code, 0x239b961b, 0xab0e9789), 17), 5) + 0x561ccd1b) | 0;
    }
    this.#high = (finalized(high ^ entity.length) + low) | 0;
    this.#low = (finalized(low ^ entity.length) + this.#high) | 0;
  }

  double(): number {
    this.#high = (this.#high + 0x9e3779b9) | 0;
    this.#low = (this.#low + 0x85ebca77) | 0;
    // 27 and 26 bits.
    return ((finalized(this.#high) >>> 5) * 67_108_864 + (finalized(this.#low) >>> 6)) / 9_007_199_254_740_992;
  }
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function scrambled(code: number, before: number, after: number): number {
  return Math.imul(rotated(Math.imul(code, before), 15), after);
}

function finalized(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
