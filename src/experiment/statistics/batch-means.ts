/** An interval from a single long run: its values hang together, so means of batches stand for replications. */
import { assert } from '../../util/assert.ts';
import type { MeanInterval } from './mean-interval.ts';
import { meanInterval } from './mean-interval.ts';
import { momentsOf } from './moments.ts';
import { batchMeansOf } from './warm-up.ts';

/** An interval, and the batches that it rests on. */
export interface BatchMeansInterval extends MeanInterval {
  readonly batchSize: number;
  /** Correlation of successive batch means. */
  readonly lag1: number;
  /** Even with the fewest batches, successive ones are correlated: the interval is too narrow, the run too short. */
  readonly isCorrelated: boolean;
}

const batchesFirst = 30;
const batchesMin = 10;
const lag1Max = 0.2;

/**
 * Non-overlapping batch means: 30 batches, fewer and longer ones while the lag-1 correlation of their means is 0.2 or more,
 * down to 10. Law, section 9.5.3. At least 30 values, without the warm-up period; those left over at the beginning are left out.
 */
export function batchMeansInterval(values: readonly number[], level: number): BatchMeansInterval {
  assert(values.length >= batchesFirst, `${values.length} values do not fill ${batchesFirst} batches`);
  for (let batches = batchesFirst; ; batches--) {
    const batchSize = Math.floor(values.length / batches);
    const means = batchMeansOf(values.slice(values.length - batches * batchSize), batchSize);
    const lag1 = lag1Correlation(means);
    const isCorrelated = Math.abs(lag1) >= lag1Max;
    if (!isCorrelated || batches === batchesMin)
      return { ...meanInterval(means, level), batchSize, lag1, isCorrelated };
  }
}

/** Correlation of each value with the one before it; 0 for a series that does not vary. */
export function lag1Correlation(values: readonly number[]): number {
  const { variance, mean } = momentsOf(values);
  if (variance === 0) return 0;
  let sum = 0;
  for (let i = 1; i < values.length; i++) sum += (values[i]! - mean) * (values[i - 1]! - mean);
  return sum / ((values.length - 1) * variance);
}
