/** Mean and spread of a sample of independent values. */
import { assert } from '../../util/assert.ts';

/** The first two moments of a sample, in the unit of its values. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** With the denominator `count - 1`; 0 for a single value. */
  readonly variance: number;
  readonly standardDeviation: number;
}

/** Moments of at least one value; in two passes, so that a large mean does not eat up the variance. */
export function momentsOf(values: readonly number[]): Moments {
  const mean = meanOf(values);
  const variance = values.length === 1 ? 0 : sumOfProducts(values, mean, values, mean) / (values.length - 1);
  return { count: values.length, mean, variance, standardDeviation: Math.sqrt(variance) };
}

/** Arithmetic mean of at least one value. */
export function meanOf(values: readonly number[]): number {
  assert(values.length > 0, 'a sample without values has no mean');
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Sample covariance of pairs, with the denominator n - 1; n is at least 2 and the same on both sides. */
export function covarianceOf(a: readonly number[], b: readonly number[]): number {
  assert(a.length === b.length && a.length > 1, `no covariance of ${a.length} and ${b.length} values`);
  return sumOfProducts(a, meanOf(a), b, meanOf(b)) / (a.length - 1);
}

/** Pearson's correlation of pairs, -1 to 1; undefined where one side does not vary. */
export function correlationOf(a: readonly number[], b: readonly number[]): number | undefined {
  const spread = Math.sqrt(momentsOf(a).variance * momentsOf(b).variance);
  return spread > 0 ? Math.max(-1, Math.min(1, covarianceOf(a, b) / spread)) : undefined;
}

function sumOfProducts(a: readonly number[], meanA: number, b: readonly number[], meanB: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - meanA) * (b[i]! - meanB);
  return sum;
}
