/** How many replications an answer takes, and when there are enough. */
import { assert } from '../../util/assert.ts';
import { meanInterval } from './mean-interval.ts';
import { spreadNodes } from './spread-nodes.ts';
import { normalCdf, twoSidedPoint } from './student-t.ts';

const replicationsMax = 1_000_000;

/**
 * Replications after which a t interval is expected to have at most the wanted half-width, from the standard deviation of a
 * pilot: the smallest n >= `pilot` with t(n - 1) s / sqrt(n) <= halfWidth (Law, eq. 9.2, with t for the n that is asked about).
 * Undefined above a million, and for a half-width of 0 of something that varies.
 */
export function replicationsForHalfWidth(
  { count, standardDeviation }: { readonly count: number; readonly standardDeviation: number },
  halfWidth: number,
  level: number,
): number | undefined {
  const isEnough = (n: number): boolean =>
    twoSidedPoint(1 - level, n - 1) * standardDeviation <= halfWidth * Math.sqrt(n);
  return smallest(Math.max(2, count), isEnough);
}

/**
 * Pairs that find a true effect (Cohen's d of pairs, positive) with probability `power` in a two-sided test of `level`: the
 * smallest n from 4 on for which the noncentral t distribution says so.
 */
export function replicationsForPower(effect: number, power: number, level: number): number | undefined {
  assert(effect > 0 && power > 0 && power < 1, `no power of ${power} for an effect of ${effect}`);
  return smallest(4, (n) => powerOf(effect, n, level) >= power);
}

/**
 * The chance that a two-sided paired t test of n pairs finds a true effect d: P(|T'| > t) for noncentral t with n - 1 degrees
 * and noncentrality d sqrt(n), which is a normal given the standard deviation that the sample happens to have.
 */
export function powerOf(effect: number, n: number, level: number): number {
  const point = twoSidedPoint(1 - level, n - 1);
  const shift = effect * Math.sqrt(n);
  let sum = 0;
  for (const { value, weight } of spreadNodes(n - 1)) {
    sum += weight * (normalCdf(shift - point * value) + normalCdf(-shift - point * value));
  }
  return sum;
}

/** Bisection for a condition that stays true once it is. */
function smallest(from: number, isEnough: (n: number) => boolean): number | undefined {
  if (isEnough(from)) return from;
  let [low, high] = [from, 2 * from];
  while (!isEnough(high)) {
    if (high > replicationsMax) return undefined;
    [low, high] = [high, 2 * high];
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** When a sequence of replications may stop. */
export interface StoppingRule {
  /** Wanted half-width as a share of |mean|: 0.05 = 5 %. */
  readonly relativeHalfWidth: number;
  readonly level: number;
  /** Replications before the rule is looked at, at least 2; the usual ones are 10. */
  readonly replicationsMin: number;
}

/**
 * Whether the mean is known as exactly as wanted: t s / sqrt(n) <= gamma / (1 + gamma) |mean|, so that the half-width is at most
 * gamma by the true mean. Looking at it after every replication makes intervals stop early by luck: they cover a little less
 * than the level says. Law, eq. 9.3 and the procedure after it.
 */
export function isExactEnough(values: readonly number[], rule: StoppingRule): boolean {
  const { relativeHalfWidth: gamma, level, replicationsMin } = rule;
  if (values.length < Math.max(2, replicationsMin)) return false;
  return meanInterval(values, level).relativeHalfWidth <= gamma / (1 + gamma);
}
