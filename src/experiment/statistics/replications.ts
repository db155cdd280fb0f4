/** How many replications an answer takes, and what so many can tell. */
import { assert } from '../../util/assert.ts';
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
 * The true effect (Cohen's d of pairs) that `count` pairs find with probability `power` in a two-sided test of `level`, to six
 * digits; undefined below four pairs.
 */
export function detectableEffect(count: number, power: number, level: number): number | undefined {
  assert(power > 1 - level && power < 1, `no effect is found with a probability of ${power}`);
  if (count < 4) return undefined;
  let [low, high] = [0, 1];
  while (powerOf(high, count, level) < power) high *= 2;
  while (high - low > 1e-6 * high) {
    const middle = (low + high) / 2;
    if (powerOf(middle, count, level) < power) low = middle;
    else high = middle;
  }
  return high;
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
