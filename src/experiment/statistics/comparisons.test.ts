import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { meanInterval } from './mean-interval.ts';
import { comparePairs } from './paired-comparison.ts';
import { twoSidedPoint } from './student-t.ts';
import { worseningP } from './worsening.ts';

// Student, "The probable error of a mean", Biometrika 6 (1908): hours of sleep gained by ten patients under two drugs. The
// figures below are those that R prints for its data set `sleep` (t.test, paired and not).
const sleepA = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
const sleepB = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

test('the t interval of ten observations in Law, example 4.26, is 1.34 +- 0.24 at 90 %', () => {
  const { mean, standardDeviation, halfWidth } = meanInterval(
    [1.2, 1.5, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.5, 1.09],
    0.9,
  );
  expect(mean).toBeCloseTo(1.34, 2);
  expect(standardDeviation ** 2).toBeCloseTo(0.17, 2);
  expect(halfWidth).toBeCloseTo(0.24, 2);
});

describe('a paired comparison', () => {
  test("gives Student's sleep figures", () => {
    const { t, degrees, pValue, difference, effect } = comparePairs(sleepA, sleepB, 0.95);
    expect([t, degrees]).toEqual([expect.closeTo(4.0621, 4), 9]);
    expect(pValue).toBeCloseTo(0.002833, 6);
    expect(difference.mean).toBeCloseTo(1.58, 12);
    expect([difference.low, difference.high]).toEqual([expect.closeTo(0.7001142, 7), expect.closeTo(2.4598858, 7)]);
    // d = t / sqrt(n); the exact correction of Hedges for 9 degrees is 0.9139.
    expect(effect!.cohenD).toBeCloseTo(4.0621 / Math.sqrt(10), 4);
    expect(effect!.hedgesG / effect!.cohenD).toBeCloseTo(0.9139, 2);
  });

  test('says what common random numbers were worth', () => {
    const { correlation, varianceRatio } = comparePairs(sleepA, sleepB, 0.95);
    // R: cor(extra) = 0.7951702; variances 3.200556, 4.009, of differences 1.512889.
    expect(correlation).toBeCloseTo(0.7951702, 6);
    expect(varianceRatio).toBeCloseTo((3.200556 + 4.009) / 1.512889, 4);
  });

  const pairs = fc.array(
    fc.tuple(fc.double({ min: 1, max: 9, noNaN: true }), fc.double({ min: 1, max: 9, noNaN: true })),
    {
      minLength: 3,
      maxLength: 20,
    },
  );

  test("each bound of the relative change is a ratio that a t test just cannot tell (Fieller's definition)", () => {
    fc.assert(
      fc.property(pairs, (list) => {
        const [a, b] = [list.map(([value]) => value), list.map(([, value]) => value)];
        const { change } = comparePairs(a, b, 0.95);
        if (change === undefined) return;
        const point = twoSidedPoint(0.05, a.length - 1);
        for (const bound of [change.low, change.high]) {
          const excess = meanInterval(
            a.map((value, i) => b[i]! - (1 + bound) * value),
            0.95,
          );
          const t = Math.abs(excess.mean) / (excess.standardDeviation / Math.sqrt(a.length));
          if (excess.standardDeviation > 1e-6) expect(t / point).toBeCloseTo(1, 4);
        }
      }),
    );
  });

  test('the relative change excludes 0 exactly when the difference does', () => {
    fc.assert(
      fc.property(pairs, (list) => {
        const [a, b] = [list.map(([value]) => value), list.map(([, value]) => value)];
        const { change, difference, pValue } = comparePairs(a, b, 0.95);
        if (change === undefined || Math.abs(pValue - 0.05) < 1e-9) return;
        const excludes = ({ low, high }: { low: number; high: number }): boolean => low > 0 || high < 0;
        expect(excludes(change)).toBe(excludes(difference));
        expect(excludes(change)).toBe(pValue < 0.05);
      }),
    );
  });

  test('equal pairs do not differ, and a constant difference is certain', () => {
    expect(comparePairs([1, 2, 3], [1, 2, 3], 0.95)).toMatchObject({ t: 0, pValue: 1, effect: undefined });
    expect(comparePairs([1, 2, 3], [2, 3, 4], 0.95)).toMatchObject({
      t: Infinity,
      pValue: 0,
      varianceRatio: undefined,
    });
    expect(comparePairs([0, 0, 0], [1, 2, 1], 0.95).change).toBeUndefined();
  });
});

describe('a regression', () => {
  const base = [100, 110, 90, 105, 95, 102, 98, 101];
  const by = (share: number): number[] => base.map((value, i) => value * (1 + share) + (i % 2 === 0 ? 0.1 : -0.1));

  test.each([
    { share: 0.05, better: 'less', tolerated: 0.02, isWorse: true },
    { share: 0.01, better: 'less', tolerated: 0.02, isWorse: false },
    { share: -0.05, better: 'less', tolerated: 0.02, isWorse: false },
    { share: -0.05, better: 'more', tolerated: 0.02, isWorse: true },
    { share: -0.01, better: 'more', tolerated: 0.02, isWorse: false },
    { share: 0.05, better: 'more', tolerated: 0.02, isWorse: false },
  ] as const)('$share where $better is better: $isWorse', ({ share, better, tolerated, isWorse }) => {
    expect(worseningP(base, by(share), { tolerated, better }) < 0.01).toBe(isWorse);
  });

  test('without tolerance it is half of the two-sided p-value', () => {
    const changed = by(0.001);
    const { pValue, difference } = comparePairs(base, changed, 0.95);
    expect(difference.mean).toBeGreaterThan(0);
    expect(worseningP(base, changed, { tolerated: 0, better: 'less' })).toBeCloseTo(pValue / 2, 12);
  });

  test('what does not vary is worse or it is not', () => {
    expect(worseningP([1, 1], [2, 2], { tolerated: 0.02, better: 'less' })).toBe(0);
    expect(worseningP([1, 1], [1, 1], { tolerated: 0.02, better: 'less' })).toBe(1);
  });
});
