/** Whether b is worse than a by more than one tolerates. */
import { momentsOf } from './moments.ts';
import { studentCdf } from './student-t.ts';

/**
 * One-sided p-value of "b is worse than a by at most the share `tolerated` of a", from pairs: Student's t test of the mean of
 * b - (1 + tolerated) a where less is better, of (1 - tolerated) a - b where more is. Figures are not negative.
 *
 * @param tolerated 0.02 = 2 %
 */
export function worseningP(
  a: readonly number[],
  b: readonly number[],
  { tolerated, better }: { readonly tolerated: number; readonly better: 'less' | 'more' },
): number {
  const excess =
    better === 'less'
      ? a.map((value, i) => b[i]! - (1 + tolerated) * value)
      : a.map((value, i) => (1 - tolerated) * value - b[i]!);
  const { count, mean, standardDeviation } = momentsOf(excess);
  if (standardDeviation === 0) return mean > 0 ? 0 : 1;
  return 1 - studentCdf((mean / standardDeviation) * Math.sqrt(count), count - 1);
}
