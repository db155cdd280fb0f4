import { describe, expect, test } from 'vitest';
import { isExactEnough, powerOf, replicationsForHalfWidth, replicationsForPower } from './replications.ts';

describe('the number of replications', () => {
  // Law, section 9.4.1: mean delay in the bank from 10 replications, X = 2.03, S^2 = 0.31, 90 %: 16 for an absolute error of
  // 0.25; 27 for a relative error of 0.1 (a half-width of 0.1/1.1 of the mean).
  test('is that of the bank in Law', () => {
    const pilot = { count: 10, standardDeviation: Math.sqrt(0.31) };
    expect(replicationsForHalfWidth(pilot, 0.25, 0.9)).toBe(16);
    expect(replicationsForHalfWidth(pilot, (0.1 / 1.1) * 2.03, 0.9)).toBe(27);
  });

  test('is what there is where that is enough, and unknown where no number is', () => {
    expect(replicationsForHalfWidth({ count: 10, standardDeviation: 1 }, 5, 0.95)).toBe(10);
    expect(replicationsForHalfWidth({ count: 10, standardDeviation: 0 }, 0, 0.95)).toBe(10);
    expect(replicationsForHalfWidth({ count: 10, standardDeviation: 1 }, 0, 0.95)).toBeUndefined();
  });

  // The noncentral t distribution, as G*Power 3.1 prints it for a two-sided paired t test of 5 % with a power of 80 %.
  test.each([
    [0.1, 787],
    [0.2, 199],
    [0.5, 34],
    [1, 10],
  ])('that finds an effect of %d standard deviations with 80 %% is %d', (effect, n) => {
    expect(replicationsForPower(effect, 0.8, 0.95)).toBe(n);
  });

  test('without an effect the power is that of a false alarm', () => {
    expect(powerOf(1e-9, 12, 0.95)).toBeCloseTo(0.05, 3);
  });
});

describe('stopping', () => {
  const rule = { relativeHalfWidth: 0.05, level: 0.95, replicationsMin: 10 };
  const spread = (n: number): number[] => Array.from({ length: n }, (_, i) => 100 + (i % 2 === 0 ? 8 : -8));

  test('never before the first ten', () => {
    expect(isExactEnough(spread(9).fill(100), rule)).toBe(false);
    expect(isExactEnough(spread(10).fill(100), rule)).toBe(true);
  });

  test('at the first number whose half-width is gamma/(1 + gamma) of the mean', () => {
    // s is about 8: t s / sqrt(n) <= 4.76 needs n = 14 (t = 2.160, s = 8.302: 4.79 > 4.76), so 16 of the even numbers.
    expect([10, 12, 14, 16, 18].map((n) => isExactEnough(spread(n), rule))).toEqual([false, false, false, true, true]);
  });
});
