/** When a comparison has seen enough worlds. */
import type { Comparison } from './comparison.ts';

/** Worlds before the rule is looked at, and those added each time that it does not hold. */
export const sequentialSteps = { first: 10, more: 5 } as const;

/** Metrics whose differences are not yet known to `relativeHalfWidth` of the baseline; empty = enough worlds. */
export function openMetrics({ metrics }: Comparison, relativeHalfWidth: number): readonly string[] {
  const wanted = relativeHalfWidth / (1 + relativeHalfWidth);
  return metrics
    .filter(({ contrasts }) =>
      contrasts.some(({ pairs: { a, difference, change } }) => {
        // A baseline that is not told from 0 has no shares.
        return change !== undefined && difference.halfWidth > wanted * Math.abs(a.mean);
      }),
    )
    .map(({ metric }) => metric.judgement.noun);
}
