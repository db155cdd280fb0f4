import seedrandom from 'seedrandom';
import { assert } from '../util/assert.ts';
import { compareText } from '../util/compare-text.ts';
import type { HashFactory } from '../util/hash.ts';
import { EntityStream } from './entity-stream.ts';
import { RandomSource } from './random-source.ts';

const keyVersion = 'kube-orrery/v1';
const uint32Range = 4_294_967_296;
/** 64 bits of the key of a purpose: alea reads its seed three times, so that each digit costs. */
const keyDigits = 16;

type AleaState = seedrandom.State.Alea;

/** Everything a stream needs to go on from where it was; plain JSON. */
export interface RandomStreamState extends AleaState {
  readonly drawCount: number;
}

/**
 * A named sequence of random numbers: seedrandom's alea, keyed so that streams of different names, seeds or runs have
 * nothing to do with each other and none is moved by draws of another.
 */
export class RandomStream extends RandomSource {
  readonly name: string;
  #alea: seedrandom.StatefulPRNG<AleaState>;
  #drawCount = 0;

  constructor(name: string, key: string) {
    super();
    this.name = name;
    this.#alea = seedrandom.alea(key, { state: true });
  }

  /** Number of draws so far. */
  get drawCount(): number {
    return this.#drawCount;
  }

  double(): number {
    this.#drawCount++;
    return this.#alea.double();
  }

  /** Uniform integer in [0, 2^32). */
  uint32(): number {
    this.#drawCount++;
    return this.#alea() * uint32Range;
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

/** What the streams of one purpose begin with, and how many there have been. */
interface EntityPurpose {
  readonly key: string;
  count: number;
}

/** The random streams of a run, made on first use. */
export class RandomStreams {
  readonly #createHash: HashFactory;
  readonly #key: RandomKey;
  readonly #streams = new Map<string, RandomStream>();
  readonly #purposes = new Map<string, EntityPurpose>();

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
  ofEntity(purpose: string, entity: string): RandomSource {
    const known = this.#purposes.get(purpose) ?? this.#addPurpose(purpose);
    known.count++;
    return new EntityStream(known.key, entity);
  }

  /** Streams handed out by `ofEntity`, by purpose in name order. */
  entityCounts(): (readonly [purpose: string, count: number])[] {
    const counts = [...this.#purposes].map(([purpose, { count }]) => [purpose, count] as const);
    return counts.sort(([a], [b]) => compareText(a, b));
  }

  /** All streams in name order (by UTF-16 code unit). */
  byName(): RandomStream[] {
    return [...this.#streams.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  #addPurpose(purpose: string): EntityPurpose {
    const added = { key: streamKey(this.#createHash, this.#key, purpose).slice(0, keyDigits), count: 0 };
    this.#purposes.set(purpose, added);
    return added;
  }
}
