import seedrandom from 'seedrandom';
import { assert } from '../util/assert.ts';
import type { HashFactory } from '../util/hash.ts';
import { compareText } from '../util/compare-text.ts';

const keyVersion = 'kube-orrery/v1';
const uint32Range = 4_294_967_296;

type AleaState = seedrandom.State.Alea;

/** Everything a stream needs to go on from where it was; plain JSON. */
export interface RandomStreamState extends AleaState {
  readonly drawCount: number;
}

/**
 * A named sequence of random numbers: seedrandom's alea, keyed so that streams of different names, seeds or runs have
 * nothing to do with each other and none is moved by draws of another.
 */
export class RandomStream {
  readonly name: string;
  #alea: seedrandom.StatefulPRNG<AleaState>;
  #drawCount = 0;

  constructor(name: string, key: string) {
    this.name = name;
    this.#alea = seedrandom.alea(key, { state: true });
  }

  /** Number of draws so far. */
  get drawCount(): number {
    return this.#drawCount;
  }

  /** Uniform in [0, 1), 53 bits. */
  double(): number {
    this.#drawCount++;
    return this.#alea.double();
  }

  /** Uniform integer in [0, 2^32). */
  uint32(): number {
    this.#drawCount++;
    return this.#alea() * uint32Range;
  }

  /** Uniform integer in [0, n), 1 <= n <= 2^32; always exactly one draw. The bias is below n / 2^53. */
  below(n: number): number {
    assert(Number.isInteger(n) && n >= 1 && n <= uint32Range, `${this.name}: no integer below ${n}`);
    return Math.floor(this.double() * n);
  }

  state(): RandomStreamState {
    return { ...this.#alea.state(), drawCount: this.#drawCount };
  }

  restore(state: RandomStreamState): void {
    this.#alea = seedrandom.alea('', { state: { c: state.c, s0: state.s0, s1: state.s1, s2: state.s2 } });
    this.#drawCount = state.drawCount;
  }
}

/** What a stream is keyed by, beside its name. `replication` tells paired runs of one seed apart. */
export interface RandomKey {
  readonly seed: string;
  readonly replication: number;
}

/** The key of a stream: hexadecimal SHA-256 of version, seed, replication and name, parted by NUL. */
export function streamKey(createHash: HashFactory, { seed, replication }: RandomKey, name: string): string {
  const hash = createHash();
  hash.update(new TextEncoder().encode([keyVersion, seed, String(replication), name].join('\0')));
  return hash.digestHex();
}

/** The random streams of a run, made on first use. */
export class RandomStreams {
  readonly #createHash: HashFactory;
  readonly #key: RandomKey;
  readonly #streams = new Map<string, RandomStream>();
  readonly #entityCounts = new Map<string, number>();

  constructor(createHash: HashFactory, key: RandomKey) {
    assert(key.seed.length > 0, 'a run needs a seed');
    assert(!key.seed.includes('\0'), 'a seed has no NUL character');
    this.#createHash = createHash;
    this.#key = key;
  }

  get(name: string): RandomStream {
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    const stream = new RandomStream(name, streamKey(this.#createHash, this.#key, name));
    this.#streams.set(name, stream);
    return stream;
  }

  /**
   * A fresh stream for one purpose and one entity (a pod, a container start): the same two names give the same numbers, however
   * many entities came before. The stream is not kept, so millions of entities cost no memory; only their number is.
   */
  ofEntity(purpose: string, entity: string): RandomStream {
    this.#entityCounts.set(purpose, (this.#entityCounts.get(purpose) ?? 0) + 1);
    const name = `${purpose}/${entity}`;
    return new RandomStream(name, streamKey(this.#createHash, this.#key, name));
  }

  /** Streams handed out by `ofEntity`, by purpose in name order. */
  entityCounts(): (readonly [purpose: string, count: number])[] {
    return [...this.#entityCounts].sort(([a], [b]) => compareText(a, b));
  }

  /** All streams in name order (by UTF-16 code unit). */
  byName(): RandomStream[] {
    return [...this.#streams.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }
}
