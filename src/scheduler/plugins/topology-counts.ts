import type { Labels } from '../../api/meta-v1.ts';
import { labelValue } from '../../api/meta-v1.ts';

/**
 * Integers by topology pair, that is by a label key and one of its values (upstream `topologyToMatchedTermCount` and
 * `scoreMap`). The keys are few and searched from the front; a node is looked up with no more than the values of its labels.
 */
export class TopologyCounts {
  private readonly keys: string[] = [];
  /** By position of the key. From the first copy on they belong to all copies and are never written again. */
  private readonly counts: Map<string, number>[] = [];
  /** What is to be added to `counts` since the first copy: what-ifs change little, so copies are cheap. */
  private readonly changes: Map<string, number>[] = [];
  private hasCopies = false;
  private nonZeroPairs = 0;

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
    let at = this.keys.indexOf(key);
    if (at < 0) at = this.addKey(key);
    const before = this.countAt(at, value);
    const written = (this.hasCopies ? this.changes : this.counts)[at]!;
    written.set(value, (written.get(value) ?? 0) + amount);
    if (before === 0) this.nonZeroPairs++;
    if (before + amount === 0) this.nonZeroPairs--;
  }

  /** The count of one pair. */
  get(key: string, value: string): number {
    const at = this.keys.indexOf(key);
    return at < 0 ? 0 : this.countAt(at, value);
  }

  /** Whether a node with these labels belongs to a pair above 0. */
  hasPositive(labels: Labels): boolean {
    for (let at = 0; at < this.keys.length; at++) {
      const value = labelValue(labels, this.keys[at]!);
      if (value !== undefined && this.countAt(at, value) > 0) return true;
    }
    return false;
  }

  /** Sum of the pairs that a node with these labels belongs to. */
  sum(labels: Labels): number {
    let sum = 0;
    for (let at = 0; at < this.keys.length; at++) {
      const value = labelValue(labels, this.keys[at]!);
      if (value !== undefined) sum += this.countAt(at, value);
    }
    return sum;
  }

  /** An independent copy. */
  clone(): TopologyCounts {
    const copy = new TopologyCounts();
    copy.keys.push(...this.keys);
    copy.counts.push(...this.counts);
    for (const changes of this.changes) copy.changes.push(new Map(changes));
    copy.nonZeroPairs = this.nonZeroPairs;
    copy.hasCopies = true;
    this.hasCopies = true;
    return copy;
  }

  private countAt(at: number, value: string): number {
    const count = this.counts[at]!.get(value) ?? 0;
    return this.hasCopies ? count + (this.changes[at]!.get(value) ?? 0) : count;
  }

  private addKey(key: string): number {
    this.counts.push(new Map());
    this.changes.push(new Map());
    return this.keys.push(key) - 1;
  }
}
