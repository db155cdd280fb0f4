/** A single long run: its values hang together, so means of batches stand for replications. */
import { assert } from '../../util/assert.ts';
import { momentsOf } from './moments.ts';

/** Most batches, and values that have to be there. */
export const batchesMax = 30;
const batchesMin = 10;
const lag1Max = 0.2;

/**
 * Non-overlapping batch means of series under the same random world, the first being what the others are compared with: 30
 * batches, fewer and longer ones while the lag-1 correlation of a difference (of the values of a single series) is 0.2 or more,
 * down to 10. Law, section 9.5.3. At least 30 values each, without the warm-up period; those left over at the beginning are left
 * out.
 */
export function independentBatches(series: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const length = series[0]?.length ?? 0;
  assert(length >= batchesMax, `${length} values do not fill ${batchesMax} batches`);
  for (let batches = batchesMax; ; batches--) {
    const size = Math.floor(length / batches);
    const means = series.map((values) => batchMeansOf(values.slice(length - batches * size), size));
    if (batches === batchesMin || !areCorrelated(means)) return means;
  }
}

/** Whether successive batches still hang together, so that intervals are too narrow; see `independentBatches`. */
export function areCorrelated([first = [], ...others]: readonly (readonly number[])[]): boolean {
  const tested = others.length === 0 ? [first] : others.map((values) => values.map((value, i) => value - first[i]!));
  return tested.some((values) => Math.abs(lag1Correlation(values)) >= lag1Max);
}

/** Means of successive batches of `size` values; an incomplete last batch is left out. */
export function batchMeansOf(values: readonly number[], size: number): number[] {
  const means: number[] = [];
  for (let first = 0; first + size <= values.length; first += size) {
    let sum = 0;
    for (let i = first; i < first + size; i++) sum += values[i]!;
    means.push(sum / size);
  }
  return means;
}

/** Correlation of each value with the one before it; 0 for a series that does not vary. */
export function lag1Correlation(values: readonly number[]): number {
  const { variance, mean } = momentsOf(values);
  if (variance === 0) return 0;
  let sum = 0;
  for (let i = 1; i < values.length; i++) sum += (values[i]! - mean) * (values[i - 1]! - mean);
  return sum / ((values.length - 1) * variance);
}
