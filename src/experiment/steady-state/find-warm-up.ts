/** Where runs that start empty have become what they will be. */
import { mser5 } from '../statistics/warm-up.ts';
import type { RunTables } from './span-figures.ts';

/** Fewer steps say nothing about a warm-up: ten batches of five. */
export const stepsMin = 50;

/** Where to cut, microseconds; or why nowhere. */
export type FoundWarmUp =
  { readonly from: number } | { readonly problem: 'too short' | 'not steady' | 'no such series' };

/**
 * MSER-5 on the mean of one series over runs of equal steps (Welch: the mean over replications shows what one run hides). A
 * shorter last step is left out.
 */
export function findWarmUp(runs: readonly RunTables[], series: string): FoundWarmUp {
  const [first] = runs;
  const full = first?.steps.filter(({ length }) => length === first.steps[0]!.length) ?? [];
  if (full.length < stepsMin) return { problem: 'too short' };
  const means: number[] = [];
  for (const [index] of full.entries()) {
    const values = runs.map(({ steps }) => steps[index]?.values.get(series)).filter((value) => value !== undefined);
    if (values.length === 0) return { problem: 'no such series' };
    means.push(values.reduce((sum, value) => sum + value, 0) / values.length);
  }
  const { cut, isTooShort } = mser5(means);
  return isTooShort ? { problem: 'not steady' } : { from: full[cut]!.start };
}
