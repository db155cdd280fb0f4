/** When a comparison has seen enough worlds. */
import type { PairedComparison } from '../statistics/paired-comparison.ts';
import type { Comparison } from './comparison.ts';

/** Worlds before the rule is looked at, and those added each time that it does not hold. */
export const sequentialSteps = { first: 10, more: 5 } as const;

/**
 * Whether a difference is known to a share of the baseline: half-width <= gamma/(1 + gamma) |baseline|, so that it is at most
 * gamma by the true mean (Law, eq. 9.3). Looking again and again makes intervals stop early by luck: they cover a little less
 * than the level says. A baseline that is not told from 0 has no shares: there is nothing to wait for.
 */
export function isKnown({ a, difference, change }: PairedComparison, relativeHalfWidth: number): boolean {
  const wanted = relativeHalfWidth / (1 + relativeHalfWidth);
  return change === undefined || difference.halfWidth <= wanted * Math.abs(a.mean);
}

/** Metrics whose differences are not yet known to `relativeHalfWidth` of the baseline; empty = enough worlds. */
export function openMetrics({ metrics }: Comparison, relativeHalfWidth: number): readonly string[] {
  return metrics
    .filter(({ contrasts }) => contrasts.some(({ pairs }) => !isKnown(pairs, relativeHalfWidth)))
    .map(({ metric }) => metric.judgement.noun);
}
