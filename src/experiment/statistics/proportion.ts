/** Shares of what happened, also where it never did. */
import { normalQuantile } from '../../engine/special-functions.ts';
import { assert } from '../../util/assert.ts';
import type { Interval } from './mean-interval.ts';

/** A share of independent trials with its interval, all between 0 and 1. */
export interface Proportion extends Interval {
  readonly ratio: number;
}

/**
 * Wilson's score interval, two-sided; for none (or all) of n the exact one-sided bound 1 - (1 - level)^(1/n) instead, which is
 * the rule of three for large n: none of n means less than 3/n at 95 %. Wilson, JASA 22 (1927); Hanley and Lippman-Hand,
 * JAMA 249 (1983).
 *
 * @param hits 0 to `trials`; `trials` is at least 1
 */
export function proportionInterval(hits: number, trials: number, level: number): Proportion {
  assert(hits >= 0 && hits <= trials && trials >= 1, `${hits} of ${trials} is no share`);
  const bound = -Math.expm1(Math.log(1 - level) / trials);
  if (hits === 0) return { ratio: 0, low: 0, high: bound };
  if (hits === trials) return { ratio: 1, low: 1 - bound, high: 1 };
  const z = -normalQuantile((1 - level) / 2);
  const ratio = hits / trials;
  const square = (z * z) / trials;
  const center = (ratio + square / 2) / (1 + square);
  const half = (z / (1 + square)) * Math.sqrt((ratio * (1 - ratio)) / trials + square / (4 * trials));
  return { ratio, low: center - half, high: center + half };
}
