/**
 * How full and how fragmented a cluster gets while more and more is offered to it: the curves of Weng et al. (USENIX ATC 2023), figures 7 and 9,
 * with their rounding, so that they can be compared with what was published.
 */

import { roundHalfEven, toHundredths } from './hundredths.ts';

/** One point: means over the offers at which the arrived load rounds to `load`. Undefined = there was none, nor at one more or less. */
export interface LoadPoint {
  /** Whole percent of the cluster's devices that all offers so far ask for, failed ones included. */
  readonly load: number;
  /** Percent of the devices that is given to pods. */
  readonly allocated: number | undefined;
  /** Percent of the devices that is free and a fragment. */
  readonly fragmented: number | undefined;
  /** Percent of what is free that is a fragment. */
  readonly fragmentRatio: number | undefined;
}

/** Greatest load of the curve, percent. */
export const loadMax = 130;

/** Values of a sample: allocated, fragmented, and the second as a share of what is free. */
const valueCount = 3;

/** Collects one sample after each offer. */
export class LoadCurve {
  private readonly capacityMilli: number;
  /** One entry for each sample: its load; and its values, `valueCount` for each. */
  private readonly loads: number[] = [];
  private readonly values: number[] = [];

  /** @param capacityMilli thousandths of all devices, above zero. */
  constructor(capacityMilli: number) {
    this.capacityMilli = capacityMilli;
  }

  /**
   * The cluster after one more offer, all in thousandths of a device.
   *
   * @param arrived what has been asked for so far. @param allocated what is given to pods. @param fragmented what is free and a
   * fragment.
   */
  add(arrived: number, allocated: number, fragmented: number): void {
    const { capacityMilli } = this;
    const percent = capacityMilli / 100;
    const idle = capacityMilli - allocated;
    this.loads.push(roundHalfEven(arrived / percent));
    this.values.push(
      toHundredths(allocated / percent),
      toHundredths(fragmented),
      idle === 0 ? 0 : toHundredths((100 * fragmented) / idle),
    );
  }

  /** 0..130 %. */
  points(): readonly LoadPoint[] {
    const { loads } = this;
    const byLoad: number[][] = Array.from({ length: loadMax + 2 }, () => []);
    for (let at = 0; at < loads.length; at++) byLoad[loads[at]!]?.push(at);
    return Array.from({ length: loadMax + 1 }, (_, load) => this.point(load, byLoad));
  }

  /** @param byLoad numbers of the samples. */
  private point(load: number, byLoad: readonly (readonly number[])[]): LoadPoint {
    const own = byLoad[load]!;
    const near = own.length > 0 ? own : [...(byLoad[load - 1] ?? []), ...(byLoad[load + 1] ?? [])];
    const mean = (column: number): number | undefined =>
      near.length === 0
        ? undefined
        : pairwiseSum(Float64Array.from(near, (at) => this.values[valueCount * at + column]!)) / near.length;
    const [allocated, fragmented] = [mean(0), mean(1)];
    return {
      load,
      allocated: allocated === undefined ? undefined : toHundredths(allocated),
      fragmented: fragmented === undefined ? undefined : toHundredths((100 * fragmented) / this.capacityMilli),
      fragmentRatio: mean(2),
    };
  }
}

/** The sum as numpy adds it up: eight running sums for up to 128 values, halves of more. */
function pairwiseSum(values: Float64Array): number {
  const { length } = values;
  if (length < 8) return values.reduce((sum, value) => sum + value, 0);
  if (length > 128) {
    const half = Math.trunc(length / 2);
    const first = half - (half % 8);
    return pairwiseSum(values.subarray(0, first)) + pairwiseSum(values.subarray(first));
  }
  const sums = values.slice(0, 8);
  let at = 8;
  for (; at < length - (length % 8); at += 8) {
    for (let lane = 0; lane < 8; lane++) sums[lane]! += values[at + lane]!;
  }
  let sum = sums[0]! + sums[1]! + (sums[2]! + sums[3]!) + (sums[4]! + sums[5]! + (sums[6]! + sums[7]!));
  for (; at < length; at++) sum += values[at]!;
  return sum;
}
