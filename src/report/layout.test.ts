import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatClock, formatDuration, formatNumber, formatPercent } from './format.ts';
import { layLanes, spread } from './label-layout.ts';
import { quantileOf, thinSeries } from './series.ts';
import { fitText, textWidth } from './text-width.ts';
import { timeStep, timeX } from './time-axis.ts';

describe('labels beside lines', () => {
  test('stay where they want to be if there is room', () => {
    expect(spread([10, 50, 90], 14, 100)).toEqual([10, 50, 90]);
  });

  test('are apart, in order and inside, if they fit at all', () => {
    const wanted = fc.array(fc.double({ min: -20, max: 320, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(wanted, (positions) => {
        const placed = spread(positions, 14, 300).map((y, index) => ({ y, index }));
        placed.sort((a, b) => a.y - b.y);
        expect(placed[0]!.y).toBeGreaterThanOrEqual(-1e-9);
        expect(placed.at(-1)!.y).toBeLessThanOrEqual(300 + 1e-9);
        for (let i = 1; i < placed.length; i += 1) {
          expect(placed[i]!.y - placed[i - 1]!.y).toBeGreaterThanOrEqual(14 - 1e-9);
          expect(positions[placed[i]!.index]!).toBeGreaterThanOrEqual(positions[placed[i - 1]!.index]!);
        }
      }),
    );
  });
});

describe('labels above a plot', () => {
  test('of one row never overlap', () => {
    const label = fc.record({ text: fc.string({ maxLength: 20 }), x: fc.integer({ min: 0, max: 720 }) });
    fc.assert(
      fc.property(fc.array(label, { maxLength: 30 }), (wanted) => {
        const spans = layLanes(wanted, 720).map(({ text, x, lane, align }) => {
          const from = align === 'left' ? x : x - textWidth(text, 11);
          return { lane, from, to: from + textWidth(text, 11) };
        });
        for (const a of spans) {
          for (const b of spans) {
            if (a !== b && a.lane === b.lane) expect(a.to <= b.from || b.to <= a.from).toBe(true);
          }
        }
      }),
    );
  });

  test('grow to the left at the right edge', () => {
    expect(layLanes([{ text: 'registryOutage', x: 710 }], 720)[0]).toMatchObject({ align: 'right', lane: 0 });
  });

  test('too long a text is cut so that it fits', () => {
    expect(fitText('general-b-3', 200, 11)).toBe('general-b-3');
    const cut = fitText('a-very-long-name-of-a-workload', 80, 11);
    expect(cut.endsWith('…')).toBe(true);
    expect(textWidth(cut, 11)).toBeLessThanOrEqual(80);
    expect(textWidth(`${cut.slice(0, -1)}ww…`, 11)).toBeGreaterThan(80);
  });
});

describe('series', () => {
  const point = fc.record({ step: fc.integer({ min: 1, max: 100 }), value: fc.integer({ min: 0, max: 1000 }) });

  test('thinning keeps the integral, the start and the limit', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (raw, max) => {
        let t = 0;
        const points = raw.map(({ step, value }) => ({ t: (t += step) - step, step, value }));
        const thin = thinSeries(points, max);
        const integral = (all: typeof points): number => all.reduce((sum, p) => sum + p.step * p.value, 0);
        expect(thin.length).toBeLessThanOrEqual(max);
        expect(thin[0]!.t).toBe(0);
        expect(integral(thin)).toBeCloseTo(integral(points), 6);
      }),
    );
  });

  test('a quantile is the value of the nearest rank', () => {
    expect([0, 0.5, 0.51, 0.9, 1].map((share) => quantileOf([1, 2, 3, 4], share))).toEqual([1, 2, 3, 4, 4]);
    expect(quantileOf([], 0.5)).toBeUndefined();
  });
});

describe('the time axis', () => {
  test.each([
    [7200, 12, 600],
    [600, 12, 60],
    [3600 * 24 * 14, 12, 172_800],
    [1e9, 12, 2_592_000],
  ])('over %d s with at most %d marks counts in steps of %d s', (length, ticks, step) =>
    expect(timeStep(length, ticks)).toBe(step),
  );

  test('covers the run from its start to its end, marked at whole steps', () => {
    const x = timeX({ horizonUs: 5_400_000_000, isLabelled: true }) as { scale: unknown; axis: { values: unknown } };
    expect(x.scale).toEqual({ domain: [0, 5400], nice: false });
    expect(x.axis.values).toEqual([0, 600, 1200, 1800, 2400, 3000, 3600, 4200, 4800, 5400]);
  });
});

describe('figures for people', () => {
  test.each([
    [0, '0 s'],
    [250, '250 µs'],
    [1_500, '1.5 ms'],
    [12_000, '12 ms'],
    [999_400, '999 ms'],
    [999_600, '1 s'],
    [47_300_000, '47.3 s'],
    [59_960_000, '1m00s'],
    [368_000_000, '6m08s'],
    [3_599_600_000, '1h00m'],
    [7_200_000_000, '2h00m'],
    [86_399_000_000, '1d00h'],
    [273_600_000_000, '3d04h'],
  ])('%d µs last %s', (us, text) => expect(formatDuration(us)).toBe(text));

  test.each([
    [0, '00:00:00'],
    [720_000_000, '00:12:00'],
    [192_004_000, '00:03:12.004'],
    [273_600_000_000, '3d 04:00:00'],
  ])('%d µs is %s on the clock', (us, text) => expect(formatClock(us)).toBe(text));

  test.each([
    [1, '100 %'],
    [0, '0.00 %'],
    [0.974, '97.40 %'],
    [0.999999, '>99.99 %'],
  ])('the share %d is %s', (ratio, text) => expect(formatPercent(ratio)).toBe(text));

  test.each([
    [1234567, '1,234,567'],
    [-1234.5, '−1,234.5'],
    [100, '100'],
    [0.126, '0.13'],
  ])('%d prints as %s', (value, text) => expect(formatNumber(value)).toBe(text));
});
