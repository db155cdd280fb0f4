import { describe, expect, test } from 'vitest';
import { detectableEffect, powerOf, replicationsForHalfWidth } from './replications.ts';

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

  // The noncentral t distribution, as G*Power 3.1 prints it: pairs that a two-sided paired t test of 5 % takes for 80 %.
  test.each([
    [0.1, 787],
    [0.2, 199],
    [0.5, 34],
    [1, 10],
  ])('an effect of %d standard deviations is found with 80 %% by %d pairs, and not by one fewer', (effect, n) => {
    expect(detectableEffect(n, 0.8, 0.95)).toBeLessThanOrEqual(effect);
    expect(detectableEffect(n - 1, 0.8, 0.95)).toBeGreaterThan(effect);
  });

  test('three pairs are too few to say', () => {
    expect(detectableEffect(3, 0.8, 0.95)).toBeUndefined();
  });

  test('without an effect the power is that of a false alarm', () => {
    expect(powerOf(1e-9, 12, 0.95)).toBeCloseTo(0.05, 3);
  });
});
