import { describe, expect, test } from 'vitest';
import { jstat } from '../../testing/jstat.ts';
import { normalCdf as seriesNormalCdf } from '../../testing/statistics.ts';
import { incompleteBeta, normalCdf, studentCdf, twoSidedP, twoSidedPoint } from './student-t.ts';

const { studentt, centralF } = jstat;

describe("Student's t", () => {
  // Table T.1 of A. M. Law, Simulation Modeling and Analysis (5th edition, 2015), and any other table of t.
  test.each([
    [4, 0.975, 2.776],
    [9, 0.975, 2.262],
    [19, 0.975, 2.093],
    [29, 0.975, 2.045],
    [99, 0.975, 1.984],
    [1, 0.975, 12.706],
    [9, 0.95, 1.833],
    [30, 0.995, 2.75],
    [2, 0.9, 1.886],
  ])('%d degrees: the quantile of %d is %d', (degrees, p, t) => {
    expect(twoSidedPoint(2 * (1 - p), degrees)).toBeCloseTo(t, 3);
  });

  test('agrees with an independent library over degrees and tails', () => {
    for (const degrees of [1, 2, 3, 4.5, 9, 29, 120, 1000]) {
      for (const p of [0.001, 0.025, 0.2, 0.5, 0.77, 0.95, 0.9995]) {
        const quantile = studentt.inv(p, degrees);
        if (p > 0.5) expect(twoSidedPoint(2 * (1 - p), degrees) / quantile).toBeCloseTo(1, 6);
        expect(Math.abs(studentCdf(quantile, degrees) - studentt.cdf(quantile, degrees))).toBeLessThan(1e-7);
      }
    }
  });

  test('with one degree it is the Cauchy, with two it has a closed form', () => {
    for (const t of [-30, -2, -0.1, 0, 0.3, 1, 7, 1000]) {
      expect(studentCdf(t, 1)).toBeCloseTo(0.5 + Math.atan(t) / Math.PI, 12);
      expect(studentCdf(t, 2)).toBeCloseTo(0.5 + t / (2 * Math.sqrt(2 + t * t)), 12);
    }
  });

  test('quantiles and distribution function undo each other far into the tails', () => {
    for (const degrees of [1, 3, 19, 500]) {
      for (const p of [1e-9, 1e-4, 0.05, 0.5, 0.99]) {
        expect(twoSidedP(twoSidedPoint(p, degrees), degrees) / p).toBeCloseTo(1, 10);
      }
    }
    expect(twoSidedP(Infinity, 3)).toBe(0);
  });
});

test('the normal distribution agrees with its series', () => {
  for (let x = -7; x <= 7; x += 0.25) expect(Math.abs(normalCdf(x) - seriesNormalCdf(x))).toBeLessThan(1e-14);
});

test('the incomplete beta function agrees with the library by way of the F distribution, and with closed forms', () => {
  for (const [x, a, b] of [
    [0.3, 2.5, 4],
    [0.9, 10, 0.5],
    [0.01, 50, 3],
    [0.5, 200, 200],
  ] as const) {
    const f = ((x / (1 - x)) * b) / a;
    expect(Math.abs(incompleteBeta(x, a, b) - centralF.cdf(f, 2 * a, 2 * b))).toBeLessThan(1e-7);
    expect(incompleteBeta(x, a, 1)).toBeCloseTo(x ** a, 13);
  }
});
