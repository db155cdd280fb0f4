/** Numbers by a dense index (a row, a slot, a uid), in typed arrays that grow by chunks: no slack, and nothing is copied. */

const chunkBits = 10;
const chunkLength = 1 << chunkBits;
const chunkMask = chunkLength - 1;

type Chunk = Float64Array | Int32Array | Uint8Array;

/** A growable column of numbers. Indexes are dense non-negative integers; what was never set holds `initial`. */
export class NumberColumn {
  private readonly chunks: Chunk[] = [];
  private readonly newChunk: () => Chunk;
  private readonly initial: number;

  constructor(newChunk: () => Chunk, initial: number) {
    this.newChunk = newChunk;
    this.initial = initial;
  }

  at(index: number): number {
    const chunk = this.chunks[index >> chunkBits];
    return chunk === undefined ? this.initial : chunk[index & chunkMask]!;
  }

  set(index: number, value: number): void {
    const chunk = this.chunks[index >> chunkBits] ?? this.grow(index >> chunkBits);
    chunk[index & chunkMask] = value;
  }

  add(index: number, amount: number): void {
    this.set(index, this.at(index) + amount);
  }

  private grow(chunkIndex: number): Chunk {
    while (this.chunks.length <= chunkIndex) {
      const chunk = this.newChunk();
      if (this.initial !== 0) chunk.fill(this.initial);
      this.chunks.push(chunk);
    }
    return this.chunks[chunkIndex]!;
  }
}

/** Eight bytes each: times and amounts. */
export function float64Column(initial = 0): NumberColumn {
  return new NumberColumn(() => new Float64Array(chunkLength), initial);
}

/** Four bytes each: counts and indexes below 2^31. */
export function int32Column(initial = 0): NumberColumn {
  return new NumberColumn(() => new Int32Array(chunkLength), initial);
}

/** One byte each: flags, and indexes below 256. */
export function uint8Column(initial = 0): NumberColumn {
  return new NumberColumn(() => new Uint8Array(chunkLength), initial);
}
