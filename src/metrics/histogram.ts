/** A histogram as Prometheus has them: cumulative buckets, sum and count. */
export class Histogram {
  private readonly bounds: readonly number[];
  private readonly scale: number;
  private readonly counts: number[];
  private total = 0;
  private observed = 0;

  /**
   * @param bounds upper bounds in growing order, inclusive; above the last one comes `+Inf`.
   * @param scale how many units of what is observed make one unit of the bounds: integers add up without rounding.
   */
  constructor(bounds: readonly number[], scale = 1) {
    this.bounds = bounds;
    this.scale = scale;
    this.counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    const at = this.bounds.findIndex((bound) => value <= Math.round(bound * this.scale));
    if (at >= 0) this.counts[at]!++;
    this.total += value;
    this.observed++;
  }

  /** In the unit of the bounds. */
  get sum(): number {
    return this.total / this.scale;
  }

  get count(): number {
    return this.observed;
  }

  /** Bounds with the number of values up to each. */
  cumulative(): readonly (readonly [bound: number, count: number])[] {
    let below = 0;
    return this.bounds.map((bound, at) => [bound, (below += this.counts[at]!)]);
  }
}

/** `count` bounds from `start` on, each `factor` times the one before (`prometheus.ExponentialBuckets`). */
export function exponentialBounds(start: number, factor: number, count: number): readonly number[] {
  const bounds: number[] = [];
  for (let bound = start; bounds.length < count; bound *= factor) bounds.push(bound);
  return bounds;
}
