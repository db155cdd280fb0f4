import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { distributionFigures, percentileOf, rangeFigures, sortedValues } from './percentiles.ts';

describe('percentiles', () => {
  test('of 1 to 200, p50 is the 100th, p90 the 180th, p99 the 198th value', () => {
    const sorted = sortedValues(Array.from({ length: 200 }, (_, index) => 200 - index));
    expect([50, 90, 99, 100].map((percent) => percentileOf(sorted, percent))).toEqual([100, 180, 198, 200]);
  });

  test('one value is every percentile, no value is none', () => {
    expect(percentileOf(sortedValues([7]), 1)).toBe(7);
    expect(percentileOf(sortedValues([]), 50)).toBeUndefined();
  });

  test('a percentile is the smallest value that enough values are not above', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1 }), fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const isEnough = (value: number): boolean =>
          100 * values.filter((other) => other <= value).length >= percent * values.length;
        const naive = Math.min(...values.filter(isEnough));
        expect(percentileOf(sortedValues(values), percent)).toBe(naive);
      }),
    );
  });

  test('figures have names, rounded means, and are absent without values', () => {
    expect(distributionFigures('wait', [3, 1, 2, 3])).toEqual([
      ['wait.p50', 2],
      ['wait.p90', 3],
      ['wait.p99', 3],
      ['wait.max', 3],
      ['wait.mean', 2],
    ]);
    expect(rangeFigures('lag', [4, 1])).toEqual([
      ['lag.min', 1],
      ['lag.max', 4],
      ['lag.mean', 3],
    ]);
    expect([...distributionFigures('wait', []), ...rangeFigures('lag', [])]).toEqual([]);
  });
});
