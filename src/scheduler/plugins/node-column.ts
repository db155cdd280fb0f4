import type { NodeInfo } from '../framework/node-info.ts';

/**
 * An integer of every node, worked out anew only when the node or its pods have changed. For the nodes of one cache: a node is
 * taken for unchanged as long as its `generation` is.
 */
export class NodeColumn {
  private readonly compute: (info: NodeInfo) => number;
  private values = new Int32Array(0);
  private generations = new Float64Array(0);

  /** @param compute gives an integer of 32 bits. */
  constructor(compute: (info: NodeInfo) => number) {
    this.compute = compute;
  }

  at(info: NodeInfo): number {
    const { index, generation } = info;
    if (generation < 0) return this.compute(info);
    if (index >= this.values.length) this.grow(index + 1);
    if (this.generations[index] !== generation) {
      this.values[index] = this.compute(info);
      this.generations[index] = generation;
    }
    return this.values[index]!;
  }

  /** How many nodes there is memory for. */
  get length(): number {
    return this.values.length;
  }

  private grow(least: number): void {
    const length = Math.max(least, 2 * this.values.length);
    const values = new Int32Array(length);
    const generations = new Float64Array(length).fill(-1);
    values.set(this.values);
    generations.set(this.generations);
    this.values = values;
    this.generations = generations;
  }
}
