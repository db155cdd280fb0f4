import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { erlangCdf, errorFunction, normalCdf } from '../testing/statistics.ts';
import { gammaQuantile, incompleteGamma, logGamma, normalQuantile } from './special-functions.ts';

/** Equal to 12 digits: relative, and absolute near 0. */
function expectNear(value: number, expected: number, tolerance = 1e-12): void {
  expect(Math.abs(value - expected)).toBeLessThanOrEqual(tolerance * Math.max(Math.abs(expected), 1e-300));
}

describe('normalQuantile', () => {
  test.each([
    [0.5, 0],
    [0.75, 0.6744897501960817],
    [0.9, 1.2815515655446004],
    [0.975, 1.959963984540054],
    [0.99, 2.3263478740408408],
    [0.999, 3.090232306167813],
    [0.025, -1.959963984540054],
    [1e-10, -6.361340902404056],
  ])('of %d is %d, as tables say', (p, expected) => {
    expect(Math.abs(normalQuantile(p) - expected)).toBeLessThan(1e-12);
  });

  test('is the inverse of the distribution function, in all three parts of the range', () => {
    for (const p of [1e-300, 1e-100, 1e-20, 1e-9, 1e-4, 0.01, 0.05, 0.0749, 0.0751, 0.2, 0.49, 0.5]) {
      expectNear(normalCdf(normalQuantile(p)), p, 1e-11);
    }
  });

  test('is odd about one half and never decreases', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 0.5, noNaN: true }), (p) => {
        expect(Math.abs(normalQuantile(p) + normalQuantile(1 - p))).toBeLessThan(1e-6);
        expect(normalQuantile(p * 1.001)).toBeGreaterThanOrEqual(normalQuantile(p));
      }),
    );
  });
});

describe('logGamma', () => {
  test('of n + 1 is the sum of the logarithms up to n', () => {
    let sum = 0;
    for (let n = 2; n <= 170; n++) {
      sum += Math.log(n);
      expectNear(logGamma(n + 1), sum);
    }
  });

  test.each([
    [0.5, Math.log(Math.PI) / 2],
    [1.5, Math.log(Math.PI) / 2 - Math.LN2],
    [0.1, 2.252712651734206],
    [1e-8, 18.420680738180209],
  ])('of %d is %d', (x, expected) => {
    expectNear(logGamma(x), expected, 2e-12);
  });

  test('is 0 at 1 and 2', () => {
    expect(Math.abs(logGamma(1))).toBeLessThan(1e-14);
    expect(Math.abs(logGamma(2))).toBeLessThan(1e-14);
  });

  test('grows by ln x from x to x + 1', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (x) => {
        const scale = Math.max(1, Math.abs(logGamma(x)));
        expect(Math.abs(logGamma(x + 1) - logGamma(x) - Math.log(x))).toBeLessThan(1e-13 * scale * 10);
      }),
    );
  });
});

describe('incompleteGamma', () => {
  test('of a whole shape is the Erlang distribution function', () => {
    for (const a of [1, 2, 5, 20]) {
      for (const x of [0.01, 0.5, 1, 3, 7, 15, 40]) {
        const { lower, upper } = incompleteGamma(a, x);
        expect(Math.abs(lower - erlangCdf(a, x))).toBeLessThan(1e-13);
        expectNear(lower + upper, 1, 1e-15);
      }
    }
  });

  test('of shape one half is the error function of the root', () => {
    for (const x of [1e-6, 0.1, 0.5, 1, 2, 5, 10]) {
      expect(Math.abs(incompleteGamma(0.5, x).lower - errorFunction(Math.sqrt(x)))).toBeLessThan(1e-13);
    }
  });

  test('keeps the digits of a far tail', () => {
    expectNear(incompleteGamma(1, 200).upper, Math.exp(-200));
    expectNear(incompleteGamma(2, 100).upper, 101 * Math.exp(-100));
  });

  test('is 0 and 1 below 0', () => {
    expect(incompleteGamma(3, 0)).toEqual({ lower: 0, upper: 1 });
    expect(incompleteGamma(3, -1)).toEqual({ lower: 0, upper: 1 });
  });
});

describe('gammaQuantile', () => {
  test('of shape 1 is the exponential quantile', () => {
    for (const p of [1e-12, 1e-3, 0.2, 0.5, 0.9, 0.999999]) expectNear(gammaQuantile(1, p), -Math.log1p(-p));
  });

  test('of shape one half is half the square of a normal quantile', () => {
    for (const p of [0.01, 0.3, 0.5, 0.95, 0.999]) {
      const normal = normalQuantile((1 + p) / 2);
      expectNear(gammaQuantile(0.5, p), (normal * normal) / 2, 5e-12);
    }
  });

  test('gives the upper 5 % point of chi-square with 10 degrees of freedom', () => {
    expectNear(2 * gammaQuantile(5, 0.95), 18.307038053275146);
  });

  test('is the inverse of the incomplete gamma function', () => {
    const shapes = fc.oneof(
      fc.double({ min: 0.05, max: 2, noNaN: true }),
      fc.double({ min: 2, max: 200, noNaN: true }),
    );
    fc.assert(
      fc.property(shapes, fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }), (shape, p) => {
        const { lower, upper } = incompleteGamma(shape, gammaQuantile(shape, p));
        expect(Math.abs(lower - p) / p).toBeLessThan(1e-9);
        expect(Math.abs(upper - (1 - p)) / (1 - p)).toBeLessThan(1e-6);
      }),
    );
  });
});
