/** Two policies in the same random worlds: the differences within each world, and what they say. */
import { assert } from '../../util/assert.ts';
import type { Interval, MeanInterval } from './mean-interval.ts';
import { meanInterval } from './mean-interval.ts';
import { correlationOf, covarianceOf, momentsOf } from './moments.ts';
import { twoSidedP, twoSidedPoint } from './student-t.ts';

/** What pairs (a, b) of one figure tell about b against a. */
export interface PairedComparison {
  readonly a: MeanInterval;
  readonly b: MeanInterval;
  /** Of b - a, in the unit of the figure. */
  readonly difference: MeanInterval;
  /** Of (mean b - mean a) / mean a; undefined where the mean of a is not known to differ from 0. */
  readonly change: RelativeChange | undefined;
  /** Student's t of the mean difference; 0 where all pairs are equal, infinite where all differ by the same. */
  readonly t: number;
  readonly degrees: number;
  /** Two-sided; 1 where all pairs are equal. */
  readonly pValue: number;
  /** Pearson's, between a and b over worlds; undefined where one of them does not vary. */
  readonly correlation: number | undefined;
  /**
   * Variance that independent worlds would give to a difference, by that of the pairs: (Var a + Var b) / Var(b - a). Above 1,
   * common random numbers have helped; undefined where differences do not vary.
   */
  readonly varianceRatio: number | undefined;
  readonly effect: EffectSize | undefined;
}

/** A relative change as a share: -0.16 = 16 % less. */
export interface RelativeChange extends Interval {
  readonly ratio: number;
}

/** A mean difference in standard deviations of differences. */
export interface EffectSize {
  /** Cohen's d of pairs (d_z): mean difference by its standard deviation. */
  readonly cohenD: number;
  /** Hedges' g: d without its bias in small samples, approximately d (1 - 3 / (4 (n - 1) - 1)). */
  readonly hedgesG: number;
}

/** Compares b with a: equally many values, at least two; `level` of the intervals between 0 and 1. */
export function comparePairs(a: readonly number[], b: readonly number[], level: number): PairedComparison {
  assert(a.length === b.length, `${a.length} and ${b.length} values are no pairs`);
  const differences = a.map((value, i) => b[i]! - value);
  const difference = meanInterval(differences, level);
  const degrees = a.length - 1;
  const { standardDeviation: spread, mean } = difference;
  const t = mean === 0 ? 0 : (mean / spread) * Math.sqrt(a.length);
  const variance = spread * spread;
  return {
    a: meanInterval(a, level),
    b: meanInterval(b, level),
    difference,
    change: relativeChange(a, b, level),
    t,
    degrees,
    pValue: twoSidedP(t, degrees),
    correlation: correlationOf(a, b),
    varianceRatio: variance > 0 ? (momentsOf(a).variance + momentsOf(b).variance) / variance : undefined,
    effect: spread > 0 ? effectOf(mean / spread, degrees) : undefined,
  };
}

function effectOf(cohenD: number, degrees: number): EffectSize {
  return { cohenD, hedgesG: cohenD * (1 - 3 / (4 * degrees - 1)) };
}

/**
 * Fieller's interval of a ratio of means, less 1: all r for which a t test does not tell mean(b - r a) from 0. It excludes 0
 * exactly when the interval of the difference does. Fieller, "Some problems in interval estimation", JRSS B 16 (1954).
 */
function relativeChange(a: readonly number[], b: readonly number[], level: number): RelativeChange | undefined {
  const [ofA, ofB] = [momentsOf(a), momentsOf(b)];
  const point = twoSidedPoint(1 - level, a.length - 1);
  const scale = (point * point) / a.length;
  // The bounds are the roots of quadratic r^2 - 2 half r + constant = 0.
  const quadratic = ofA.mean * ofA.mean - scale * ofA.variance;
  if (quadratic <= 0) return undefined;
  const half = ofA.mean * ofB.mean - scale * covarianceOf(a, b);
  const constant = ofB.mean * ofB.mean - scale * ofB.variance;
  const root = Math.sqrt(Math.max(0, half * half - quadratic * constant));
  const ratio = ofB.mean / ofA.mean - 1;
  return { ratio, low: (half - root) / quadratic - 1, high: (half + root) / quadratic - 1 };
}
