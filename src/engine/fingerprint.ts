import type { Hash, HashFactory } from '../util/hash.ts';

/** Entries between two checkpoints. */
export const checkpointEntries = 65_536;

const bufferWords = 16_384;
const eventWords = 4;
const tagEvent = 1;
const tagIntegers = 2;
const tagText = 3;

/**
 * A SHA-256 over a sequence of entries: what happened, in which order. Two runs with equal digests did the same; of two
 * that differ the checkpoints tell where to look. Words are little-endian 32-bit, as on every machine Node.js supports
 * with a prebuilt binary except s390x and AIX.
 */
export class Fingerprint {
  /** Digest of the first 65,536, 131,072, ... entries. */
  readonly checkpoints: string[] = [];
  /** Number of entries so far. */
  count = 0;
  #used = 0;
  readonly #hash: Hash;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(createHash: HashFactory) {
    this.#hash = createHash();
    this.#words = new Int32Array(bufferWords);
    this.#bytes = new Uint8Array(this.#words.buffer);
  }

  /** Adds one entry of 16 bytes: `source` from `eventSource`, the halves of the time, and the payload. No allocation. */
  addEvent(source: number, timeHigh: number, timeLow: number, payload: number): void {
    if (this.#used > bufferWords - eventWords) this.#flush();
    const words = this.#words;
    const at = this.#used;
    words[at] = source;
    words[at + 1] = timeHigh;
    words[at + 2] = timeLow;
    words[at + 3] = payload;
    this.#used = at + eventWords;
    if (++this.count % checkpointEntries === 0) this.#checkpoint();
  }

  /** Adds one entry of safe integers (any sign). */
  add(...integers: number[]): void {
    this.#push(tagIntegers);
    this.#push(integers.length);
    for (const integer of integers) {
      this.#push(Math.floor(integer / 4_294_967_296));
      this.#push(integer | 0);
    }
    this.#close();
  }

  /** Adds one entry of text. */
  addText(text: string): void {
    this.#push(tagText);
    this.#push(text.length);
    for (let i = 0; i < text.length; i += 2) {
      const second = i + 1 < text.length ? text.charCodeAt(i + 1) : 0;
      this.#push(text.charCodeAt(i) + second * 65_536);
    }
    this.#close();
  }

  /** Lower-case hexadecimal digest of all entries so far; entries may be added afterwards. */
  digestHex(): string {
    this.#flush();
    return this.#hash.copy().digestHex();
  }

  #push(word: number): void {
    if (this.#used === bufferWords) this.#flush();
    this.#words[this.#used++] = word;
  }

  #close(): void {
    if (++this.count % checkpointEntries === 0) this.#checkpoint();
  }

  #checkpoint(): void {
    this.checkpoints.push(this.digestHex());
  }

  #flush(): void {
    if (this.#used > 0) this.#hash.update(this.#bytes.subarray(0, 4 * this.#used));
    this.#used = 0;
  }
}

/** The first word of an event's entry: where it comes from. `phase` is 0..15, `handler` 0..2^20. */
export function eventSource(phase: number, handler: number): number {
  return tagEvent | (phase << 4) | (handler << 8);
}
