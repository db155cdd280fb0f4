/** Several policies against one baseline, from independent samples of equal size and variance. */
import { assert } from '../../util/assert.ts';
import type { SpreadNode } from './spread-nodes.ts';
import { spreadNodes } from './spread-nodes.ts';
import { normalCdf } from './student-t.ts';

const reach = 8;
const intervals = 64;

/**
 * Dunnett's two-sided point: the value that the largest of `count` |t| against a common baseline exceeds with probability
 * 1 - level, when nothing differs, to four digits. Dunnett, "A multiple comparison procedure for comparing several treatments
 * with a control", JASA 50 (1955).
 *
 * Figures under common random numbers are correlated in ways that Dunnett rules out: there Holm's correction of paired tests
 * holds, and is what comparisons use.
 */
export function dunnettPoint(count: number, degrees: number, level: number): number {
  assert(count >= 1 && degrees >= 3, `no Dunnett point of ${count} comparisons with ${degrees} degrees`);
  const spreads = spreadNodes(degrees);
  let [low, high] = [0, 200];
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    if (coverage(middle, count, spreads) < level) low = middle;
    else high = middle;
  }
  return high;
}

/** P(all |t| <= point): given the baseline's error z and the standard deviation, each t is normal and independent of the others. */
function coverage(point: number, count: number, spreads: readonly SpreadNode[]): number {
  let sum = 0;
  for (let i = 0; i <= intervals; i++) {
    const z = (2 * reach * i) / intervals - reach;
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    for (const { value, weight } of spreads) {
      const bound = point * value * Math.SQRT2;
      const one = normalCdf(z + bound) - normalCdf(z - bound);
      if (one > 0) sum += density * weight * Math.exp(count * Math.log(one));
    }
  }
  return (sum * 2 * reach) / intervals;
}
