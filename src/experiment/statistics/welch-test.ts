/** Two policies that were not seen in the same worlds. */
import { assert } from '../../util/assert.ts';
import { momentsOf } from './moments.ts';
import type { Interval } from './mean-interval.ts';
import { twoSidedP, twoSidedPoint } from './student-t.ts';

/** The difference of two means of independent samples. */
export interface WelchComparison {
  /** Mean of b less mean of a, with its interval. */
  readonly difference: Interval & { readonly mean: number };
  readonly t: number;
  /** After Welch and Satterthwaite; not whole. */
  readonly degrees: number;
  readonly pValue: number;
}

/**
 * Welch's t test and interval for samples of unequal variance, at least two values each; where neither varies the difference
 * is exact. Welch, "The generalization of Student's problem when several different population variances are involved",
 * Biometrika 34 (1947).
 */
export function compareIndependent(a: readonly number[], b: readonly number[], level: number): WelchComparison {
  assert(a.length > 1 && b.length > 1, `${a.length} and ${b.length} values are too few`);
  const [ofA, ofB] = [momentsOf(a), momentsOf(b)];
  const [errorA, errorB] = [ofA.variance / ofA.count, ofB.variance / ofB.count];
  const error = errorA + errorB;
  const mean = ofB.mean - ofA.mean;
  if (error === 0) {
    const t = mean === 0 ? 0 : Math.sign(mean) * Infinity;
    return {
      difference: { mean, low: mean, high: mean },
      t,
      degrees: a.length + b.length - 2,
      pValue: mean === 0 ? 1 : 0,
    };
  }
  const degrees = (error * error) / ((errorA * errorA) / (ofA.count - 1) + (errorB * errorB) / (ofB.count - 1));
  const halfWidth = twoSidedPoint(1 - level, degrees) * Math.sqrt(error);
  const t = mean / Math.sqrt(error);
  return {
    difference: { mean, low: mean - halfWidth, high: mean + halfWidth },
    t,
    degrees,
    pValue: twoSidedP(t, degrees),
  };
}
