/** Book-keeping of faults that overlap. */

/** Counts how many faults hold a thing down. */
export class HoldCount {
  private readonly counts = new Map<string, number>();

  /** True for the first of several overlapping holds. */
  begin(name: string): boolean {
    const count = (this.counts.get(name) ?? 0) + 1;
    this.counts.set(name, count);
    return count === 1;
  }

  /** True for the last. */
  end(name: string): boolean {
    const count = (this.counts.get(name) ?? 1) - 1;
    this.counts.set(name, count);
    return count === 0;
  }
}

/** Slowdowns of a thing: of several the greatest holds. */
export class Slowdowns {
  private readonly factors = new Map<string, number[]>();

  /** The factor that holds from now on. */
  begin(name: string, factor: number): number {
    const factors = this.factors.get(name) ?? [];
    this.factors.set(name, factors);
    factors.push(factor);
    return Math.max(...factors);
  }

  /** The factor that is left. */
  end(name: string, factor: number): number {
    const factors = this.factors.get(name) ?? [];
    factors.splice(factors.indexOf(factor), 1);
    return Math.max(1, ...factors);
  }
}

/** Amounts that add up. */
export class Sums {
  private readonly sums = new Map<string, number>();

  /** The new sum. */
  add(name: string, amount: number): number {
    const sum = (this.sums.get(name) ?? 0) + amount;
    this.sums.set(name, sum);
    return sum;
  }
}
