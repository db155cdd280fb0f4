import type { Labels } from '../../api/meta-v1.ts';
import { labelValue } from '../../api/meta-v1.ts';

/**
 * Integers by topology pair, that is by a label key and one of its values (upstream `topologyToMatchedTermCount` and
 * `scoreMap`). The keys are few and searched from the front; a node is looked up with no more than the values of its labels.
 */
export class TopologyCounts {
  private readonly keys: string[] = [];
  private readonly counts: Map<string, number>[] = [];
  private nonZeroPairs = 0;
  /** The maps belong to a copy as well: whoever writes first makes his own. */
  private isShared = false;

  /** Whether no pair was ever added to, not even one that came back to 0. */
  get isUntouched(): boolean {
    return this.keys.length === 0;
  }

  /** Whether every pair is at 0. */
  get isZero(): boolean {
    return this.nonZeroPairs === 0;
  }

  /** Adds to the pair that a node with these labels belongs to; a node without the key belongs to none. */
  add(labels: Labels, key: string, amount: number): void {
    const value = labelValue(labels, key);
    if (value === undefined) return;
    this.unshare();
    const counts = this.countsOf(key);
    const before = counts.get(value) ?? 0;
    counts.set(value, before + amount);
    if (before === 0) this.nonZeroPairs++;
    if (before + amount === 0) this.nonZeroPairs--;
  }

  /** The count of one pair. */
  get(key: string, value: string): number {
    return this.counts[this.keys.indexOf(key)]?.get(value) ?? 0;
  }

  /** Whether a node with these labels belongs to a pair above 0. */
  hasPositive(labels: Labels): boolean {
    for (let at = 0; at < this.keys.length; at++) {
      const value = labelValue(labels, this.keys[at]!);
      if (value !== undefined && (this.counts[at]!.get(value) ?? 0) > 0) return true;
    }
    return false;
  }

  /** Sum of the pairs that a node with these labels belongs to. */
  sum(labels: Labels): number {
    let sum = 0;
    for (let at = 0; at < this.keys.length; at++) {
      const value = labelValue(labels, this.keys[at]!);
      if (value !== undefined) sum += this.counts[at]!.get(value) ?? 0;
    }
    return sum;
  }

  /** An independent copy; costs next to nothing until one of the two is written. */
  clone(): TopologyCounts {
    const copy = new TopologyCounts();
    copy.keys.push(...this.keys);
    copy.counts.push(...this.counts);
    copy.nonZeroPairs = this.nonZeroPairs;
    copy.isShared = true;
    this.isShared = true;
    return copy;
  }

  private unshare(): void {
    if (!this.isShared) return;
    this.isShared = false;
    for (let at = 0; at < this.counts.length; at++) this.counts[at] = new Map(this.counts[at]);
  }

  private countsOf(key: string): Map<string, number> {
    const at = this.keys.indexOf(key);
    if (at >= 0) return this.counts[at]!;
    const counts = new Map<string, number>();
    this.keys.push(key);
    this.counts.push(counts);
    return counts;
  }
}
