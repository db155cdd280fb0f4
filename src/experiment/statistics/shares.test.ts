import { describe, expect, test } from 'vitest';
import { jstat } from '../../testing/jstat.ts';
import { proportionInterval } from './proportion.ts';
import { countMin, medianOf, quantileInterval, quantileRanks } from './quantile-interval.ts';

describe('quantile intervals', () => {
  test('have the ranks of the tables', () => {
    expect(quantileRanks(1000, 0.95, 0.95)).toEqual({ low: 936, high: 964 });
    expect(quantileRanks(1000, 0.99, 0.95)).toEqual({ low: 983, high: 997 });
    // David and Nagaraja, table of the median: n = 20 gives (6, 15) at 95 %.
    expect(quantileRanks(20, 0.5, 0.95)).toEqual({ low: 6, high: 15 });
  });

  test('are refused for fewer than 6 values (median), 59 (p95), 299 (p99), 2995 (p99.9)', () => {
    expect([0.5, 0.95, 0.99, 0.999].map((share) => countMin(share, 0.95))).toEqual([6, 59, 299, 2995]);
    expect([0.9, 0.99].map((level) => countMin(0.5, level))).toEqual([5, 8]);
    for (const [share, n] of [
      [0.5, 6],
      [0.95, 59],
      [0.99, 299],
      [0.01, 299],
    ] as const) {
      expect(quantileRanks(n - 1, share, 0.95)).toBeUndefined();
      expect(quantileRanks(n, share, 0.95)).toBeDefined();
    }
  });

  test('cover as much as the binomial distribution of an independent library says, and not much more', () => {
    const { binomial } = jstat;
    for (const n of [1, 2, 3, 4, 5, 6, 20, 59, 100, 299, 366, 1000]) {
      for (const share of [0.05, 0.5, 0.9, 0.95, 0.99]) {
        const ranks = quantileRanks(n, share, 0.95);
        if (ranks === undefined) continue;
        const coverage = binomial.cdf(ranks.high - 1, n, share) - binomial.cdf(ranks.low - 1, n, share);
        expect(coverage).toBeGreaterThan(0.95 - 1e-7);
        if (n === 1000) expect(coverage).toBeLessThan(0.98);
      }
    }
  });

  test('are two of the values', () => {
    const values = Array.from({ length: 20 }, (_, i) => (i * 7) % 20);
    expect(quantileInterval(values, 0.5, 0.95)).toEqual({ low: 5, high: 14 });
    expect(quantileInterval(values, 0.99, 0.95)).toBeUndefined();
  });

  test('lie around the median, of an even number of values the mean of the two in the middle', () => {
    expect([medianOf([9]), medianOf([3, 1, 2]), medianOf([4, 1, 3, 2])]).toEqual([9, 2, 2.5]);
  });
});

describe('proportions', () => {
  // Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I, method 3.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [1, 29, 0.0061, 0.1718],
  ])('%d of %d', (hits, trials, low, high) => {
    const interval = proportionInterval(hits, trials, 0.95);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  test('none of a million is less than three in a million', () => {
    expect(proportionInterval(0, 1_000_000, 0.95).high).toBeCloseTo(3e-6, 8);
    expect(proportionInterval(0, 20, 0.95)).toEqual({
      ratio: 0,
      low: 0,
      high: expect.closeTo(1 - 0.05 ** (1 / 20), 12),
    });
    expect(proportionInterval(20, 20, 0.95).low).toBeCloseTo(0.05 ** (1 / 20), 12);
  });
});
