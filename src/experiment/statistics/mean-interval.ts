/** What a mean over replications is known to be. */
import { assert } from '../../util/assert.ts';
import { momentsOf } from './moments.ts';
import { twoSidedPoint } from './student-t.ts';

/** A confidence interval, bounds in the unit of what it is about. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The mean of independent values with its interval. */
export interface MeanInterval extends Interval {
  readonly count: number;
  readonly mean: number;
  readonly standardDeviation: number;
  readonly halfWidth: number;
}

/**
 * Student's interval: mean +- t(1 - (1 - level)/2, n - 1) s / sqrt(n), for at least two independent values that are about
 * normally distributed (means over a run are). `level` is between 0 and 1. Law, Simulation Modeling and Analysis, eq. 4.12.
 */
export function meanInterval(values: readonly number[], level: number): MeanInterval {
  const { count, mean, standardDeviation } = momentsOf(values);
  assert(count > 1, 'an interval needs two values');
  const halfWidth = (twoSidedPoint(1 - level, count - 1) * standardDeviation) / Math.sqrt(count);
  return {
    count,
    mean,
    standardDeviation,
    halfWidth,
    low: mean - halfWidth,
    high: mean + halfWidth,
  };
}
