/**
 * Integrals of step functions over time, exact: a total is a pair high * 2^52 + low of integers, since milliCPU or KiB of a
 * large cluster times microseconds pass 2^53 within minutes. Updated on change, never sampled.
 */

const limb = 1 << 26;
const base = limb * limb;

/** Gauges by index. Values are integers from 0 to 2^52; times are microseconds and never decrease per gauge. */
export class Integrals {
  private readonly values: number[] = [];
  private readonly since: number[] = [];
  private readonly stepHigh: number[] = [];
  private readonly stepLow: number[] = [];
  private readonly high: number[] = [];
  private readonly low: number[] = [];

  /** A new gauge that is 0 from `now` on; gives its index. */
  open(now: number): number {
    this.since.push(now);
    for (const column of [this.stepHigh, this.stepLow, this.high, this.low]) column.push(0);
    return this.values.push(0) - 1;
  }

  /** The present value. */
  valueOf(gauge: number): number {
    return this.values[gauge]!;
  }

  /** The gauge is `value` from `now` on. */
  set(gauge: number, value: number, now: number): void {
    if (this.values[gauge] === value) return;
    this.settle(gauge, now);
    this.values[gauge] = value;
  }

  /** Ends the step of one gauge at `now`: gives its integral over the step, rounded to the nearest double. */
  closeStep(gauge: number, now: number): number {
    this.settle(gauge, now);
    const high = this.stepHigh[gauge]!;
    const low = this.stepLow[gauge]!;
    this.stepHigh[gauge] = 0;
    this.stepLow[gauge] = 0;
    this.high[gauge]! += high;
    this.addTo(this.high, this.low, gauge, low);
    return high * base + low;
  }

  /** The integral over all closed steps, rounded to the nearest double. */
  total(gauge: number): number {
    return this.high[gauge]! * base + this.low[gauge]!;
  }

  private settle(gauge: number, now: number): void {
    const value = this.values[gauge]!;
    const duration = now - this.since[gauge]!;
    this.since[gauge] = now;
    const product = value * duration;
    if (product <= base) this.addTo(this.stepHigh, this.stepLow, gauge, product);
    else this.addLargeProduct(gauge, value, duration);
  }

  /** Schoolbook multiplication in halves of 26 bits, so that every partial product is exact. */
  private addLargeProduct(gauge: number, value: number, duration: number): void {
    const valueLow = value % limb;
    const valueHigh = (value - valueLow) / limb;
    const durationLow = duration % limb;
    const durationHigh = (duration - durationLow) / limb;
    const cross = valueHigh * durationLow + valueLow * durationHigh;
    const crossLow = cross % limb;
    this.stepHigh[gauge]! += valueHigh * durationHigh + (cross - crossLow) / limb;
    this.addTo(this.stepHigh, this.stepLow, gauge, valueLow * durationLow);
    this.addTo(this.stepHigh, this.stepLow, gauge, crossLow * limb);
  }

  /** Adds at most 2^52; low stays below 2^52, so that the sum is exact. */
  private addTo(high: number[], low: number[], gauge: number, amount: number): void {
    const sum = low[gauge]! + amount;
    if (sum < base) {
      low[gauge] = sum;
    } else {
      high[gauge]!++;
      low[gauge] = sum - base;
    }
  }
}

/** part / whole; undefined where the whole is nothing. */
export function ratioOf(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined;
}
