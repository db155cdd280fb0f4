import seedrandom from 'seedrandom';
import { RandomSource } from './random-source.ts';

/**
 * A sequence of a few numbers for one entity, made and dropped millions of times in a run: seedrandom's alea like a `RandomStream`,
 * though only the key of its purpose is hashed, once; the name of the entity goes to alea's own mixing of its seed.
 */
export class EntityStream extends RandomSource {
  readonly #alea: seedrandom.PRNG;

  /** @param key hexadecimal digits that tell purposes, seeds and replications apart. */
  constructor(key: string, entity: string) {
    super();
    this.#alea = seedrandom.alea(`${key}/${entity}`);
  }

  double(): number {
    return this.#alea.double();
  }
}
