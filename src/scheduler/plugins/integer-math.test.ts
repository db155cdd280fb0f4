import fc from 'fast-check';
import { expect, it } from 'vitest';
import { percent, roundHalfAway, truncate } from './integer-math.ts';
import { defaultNormalizeScore } from './normalize-score.ts';
import { shapeScore } from './shape-score.ts';

it('percent equals the division of big integers, also just below a whole per cent and beyond 2^53', () => {
  const whole = fc.oneof(
    fc.integer({ min: 100, max: 1000 }),
    fc.maxSafeNat().map((n) => Math.max(n, 100)),
  );
  fc.assert(
    fc.property(whole, fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 1 }), (size, share, less) => {
      const part = Math.max(0, Number((BigInt(share) * BigInt(size)) / 100n) - less);
      expect(percent(part, size)).toBe(Number((BigInt(part) * 100n) / BigInt(size)));
    }),
  );
  // 100 * part = 38.99...9 * whole, which is 39 in floating point.
  expect(percent(1_756_403_854_674_493, 4_503_599_627_370_495)).toBe(38);
});

it('truncates toward zero and has no negative zero', () => {
  expect(percent(2, 3)).toBe(66);
  expect([2.9, -2.9, 0].map(truncate)).toEqual([2, -2, 0]);
  expect(Object.is(truncate(-0.5), 0)).toBe(true);
});

it('rounds halves away from zero', () => {
  expect([0.5, 1.5, 2.4, -0.5, -1.5, -2.4].map(roundHalfAway)).toEqual([1, 2, 2, -1, -2, -2]);
});

it.each([
  [[0, 1, 3], false, [0, 33, 100]],
  [[0, 1, 3], true, [100, 67, 0]],
  [[0, 0], false, [0, 0]],
  [[0, 0], true, [100, 100]],
  // Reversed after truncation: 100 * 2 div 3 = 66, so 34.
  [[2, 3], true, [34, 0]],
])('defaultNormalizeScore of %j, reversed %s, is %j', (raw, isReversed, normalized) => {
  const scores = Float64Array.from(raw);
  defaultNormalizeScore(scores, isReversed);
  expect([...scores]).toEqual(normalized);
});

it.each([
  // Rising 0 -> 0, 100 -> 10.
  [[0, 0, 100, 10], 37, 37],
  [[0, 0, 100, 10], 100, 100],
  // Falling by 100 over 60: 100 - trunc(100 * 7 / 60 = 11.67) = 89, not 88.
  [[20, 10, 80, 0], 27, 89],
  // Before the first and after the last corner constant.
  [[20, 10, 80, 0], 5, 100],
  [[20, 10, 80, 3], 95, 30],
])('the shape %j has at %i the score %i', ([u0, s0, u1, s1], utilization, score) => {
  const shape = [
    { utilization: u0!, score: s0! },
    { utilization: u1!, score: s1! },
  ];
  expect(shapeScore(shape, utilization)).toBe(score);
});
