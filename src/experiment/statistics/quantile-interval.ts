/** Quantiles of independent values without any assumption on their distribution. */
import { assert } from '../../util/assert.ts';
import type { Interval } from './mean-interval.ts';
import { incompleteBeta } from './student-t.ts';

/** Ranks (from 1) of the order statistics that bound a quantile. */
export interface Ranks {
  readonly low: number;
  readonly high: number;
}

/**
 * The ranks l < u of a distribution-free interval of the quantile `share`, 0 < share < 1: B being binomial (n, share), the
 * largest l with P(B < l) and the smallest u with P(B >= u) at most (1 - level)/2. Near the extremes, where one side has no such
 * rank, it ends at the extreme value and the other side gets what is left. David and Nagaraja, Order Statistics, section 7.1.
 * Undefined where n is too small: below 299 values for p99 at 95 %, 59 for p95, 2995 for p99.9, 6 for the median.
 */
export function quantileRanks(count: number, share: number, level: number): Ranks | undefined {
  assert(share > 0 && share < 1, `no quantile of ${share}`);
  if (count < countMin(share, level)) return undefined;
  const side = (1 - level) / 2;
  const low = lowRank(count, share, side);
  const high = highRank(count, share, side);
  if (high > count) return { low: lowRank(count, share, 2 * side - aboveAll(count, share)), high: count };
  if (low < 1) return { low: 1, high: highRank(count, share, 2 * side - aboveAll(count, 1 - share)) };
  return { low, high };
}

/** The chance that all values lie below the quantile. */
const aboveAll = (count: number, share: number): number => Math.exp(count * Math.log(share));

function lowRank(count: number, share: number, tail: number): number {
  return lastWhere(count, (rank) => binomialBelow(rank, count, share) <= tail);
}

function highRank(count: number, share: number, tail: number): number {
  return 1 + lastWhere(count, (rank) => 1 - binomialBelow(rank, count, share) > tail);
}

/** The last of 0 ... `count` that holds, for a condition that holds at 0 and never again once it does not. */
function lastWhere(count: number, holds: (rank: number) => boolean): number {
  let [low, high] = [0, count + 1];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** P(B < k) for B binomial (n, p), k from 0 to n + 1. */
function binomialBelow(k: number, n: number, p: number): number {
  if (k <= 0) return 0;
  return k > n ? 1 : 1 - incompleteBeta(p, k, n - k + 1);
}

/** Values below which a quantile is refused: the chance that all lie on one side of it, be it this or that, has to be at most 1 - level. */
export function countMin(share: number, level: number): number {
  let count = 1;
  while (aboveAll(count, share) + aboveAll(count, 1 - share) > 1 - level) count++;
  return count;
}

/** Interval of a quantile of independent values in any order; undefined where there are too few. */
export function quantileInterval(values: readonly number[], share: number, level: number): Interval | undefined {
  const ranks = quantileRanks(values.length, share, level);
  if (ranks === undefined) return undefined;
  const sorted = Float64Array.from(values).sort((a, b) => a - b);
  return { low: sorted[ranks.low - 1]!, high: sorted[ranks.high - 1]! };
}

/** The median of at least one value: of an even number, the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
