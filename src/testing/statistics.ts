/**
 * What statistical tests need, written from textbook series and independent of `src/engine`: nothing here is fast. Tests
 * draw from fixed seeds, so that a test that passes once passes always.
 */

/** Distribution function of the standard normal: the series of the error function in the middle, a continued fraction in the tails. */
export function normalCdf(x: number): number {
  if (x > 4) return 1 - normalCdf(-x);
  const density = Math.exp(-(x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x < -4) {
    // Laplace: Q(t) = density / (t + 1/(t + 2/(t + 3/(t + ...)))).
    let fraction = -x;
    for (let k = 200; k >= 1; k--) fraction = -x + k / fraction;
    return density / fraction;
  }
  let term = x;
  let sum = x;
  for (let k = 1; Math.abs(term) > 1e-20; k++) sum += term *= (x * x) / (2 * k + 1);
  return 0.5 + density * sum;
}

/** The error function of x >= 0. */
export const errorFunction = (x: number): number => 2 * normalCdf(x * Math.SQRT2) - 1;

/** Distribution function of the sum of `shape` (a positive integer) exponentials of mean 1: 1 - e^-x (1 + x + x^2/2! + ...). */
export function erlangCdf(shape: number, x: number): number {
  let term = Math.exp(-x);
  let tail = 0;
  for (let k = 0; k < shape; k++) {
    tail += term;
    term *= x / (k + 1);
  }
  return 1 - tail;
}

/** Kolmogorov's distance: the greatest difference between a sample's distribution function and `cdf`. */
export function kolmogorovDistance(sample: readonly number[], cdf: (x: number) => number): number {
  const sorted = Float64Array.from(sample).sort();
  let distance = 0;
  sorted.forEach((value, i) => {
    const theory = cdf(value);
    distance = Math.max(distance, theory - i / sorted.length, (i + 1) / sorted.length - theory);
  });
  return distance;
}

/** Chance that a sample of `size` from the right continuous distribution has at least this distance (asymptotic, upper bound). */
export function kolmogorovChance(distance: number, size: number): number {
  return Math.min(1, 2 * Math.exp(-2 * size * distance * distance));
}

/** Moments of a sample: mean, variance, and the standard errors of both. */
export interface SampleMoments {
  readonly mean: number;
  readonly variance: number;
  readonly meanError: number;
  readonly varianceError: number;
}

export function momentsOf(sample: readonly number[]): SampleMoments {
  const size = sample.length;
  const mean = sample.reduce((sum, value) => sum + value, 0) / size;
  let second = 0;
  let fourth = 0;
  for (const value of sample) {
    const square = (value - mean) * (value - mean);
    second += square;
    fourth += square * square;
  }
  const variance = second / (size - 1);
  return {
    mean,
    variance,
    meanError: Math.sqrt(variance / size),
    varianceError: Math.sqrt(Math.max(0, fourth / size - variance * variance) / size),
  };
}
