import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR, SECOND } from '../engine/time.ts';
import type { UsageAmount, UsageCurve } from './usage-curve.ts';
import { highest, meanShare, meanUsage, nextChange, sineOfTurns, usageAt } from './usage-curve.ts';

const exactly = (value: number): UsageAmount => ({ value, isShare: false });
const steps = (entries: readonly (readonly [number, number])[], period?: number): UsageCurve => ({
  type: 'steps',
  steps: entries.map(([seconds, value]) => ({ from: seconds * SECOND, amount: exactly(value) })),
  period: period === undefined ? undefined : period * SECOND,
});
const mean = (curve: UsageCurve, from: number, to: number, request = 0): number =>
  meanUsage(curve, request, from * SECOND, to * SECOND);

describe('the mean of a curve over a window', () => {
  test('weighs each step by its time', () => {
    const curve = steps([
      [0, 100],
      [60, 400],
    ]);
    expect(mean(curve, 0, 30)).toBe(100);
    // 10 s of 100 and 20 s of 400.
    expect(mean(curve, 50, 80)).toBe(300);
    expect(mean(curve, 1000, 1030)).toBe(400);
  });

  test('begins again after the period', () => {
    const curve = steps(
      [
        [0, 100],
        [60, 400],
      ],
      100,
    );
    // 10 s at 400, then 20 s at 100.
    expect(mean(curve, 290, 320)).toBe(200);
    expect(mean(curve, 0, 1000)).toBeCloseTo(220, 9);
  });

  test('of a share is a share of the request', () => {
    const curve: UsageCurve = {
      type: 'steps',
      steps: [{ from: 0, amount: { value: 0.6, isShare: true } }],
      period: undefined,
    };
    expect(mean(curve, 0, 15, 500)).toBe(300);
  });

  test('of a sine is its integral: low at the trough, high at the peak, half way over a whole period', () => {
    const curve: UsageCurve = { type: 'sine', low: exactly(100), high: exactly(500), period: HOUR, peak: HOUR / 2 };
    expect(mean(curve, 0, 3600)).toBeCloseTo(300, 9);
    expect(mean(curve, 0, 1)).toBeCloseTo(100, 3);
    expect(mean(curve, 1800, 1801)).toBeCloseTo(500, 3);
    // A naive sum over small pieces.
    let sum = 0;
    for (let piece = 0; piece < 3000; piece++)
      sum += 300 - 200 * Math.cos((2 * Math.PI * (600 + (piece + 0.5) / 100)) / 3600);
    expect(mean(curve, 600, 630)).toBeCloseTo(sum / 3000, 6);
  });
});

test('the sine agrees with that of the engine', () => {
  fc.assert(
    fc.property(fc.double({ min: -1000, max: 1000, noNaN: true }), (x) => {
      expect(Math.abs(sineOfTurns(x) - Math.sin(2 * Math.PI * (x - Math.floor(x))))).toBeLessThan(2e-15);
    }),
  );
});

describe('a load that ready pods share', () => {
  const load = steps([[0, 1200]]);
  const share = (since: number, readySince: readonly number[], from: number, to: number): number =>
    meanShare(
      load,
      since * SECOND,
      readySince.map((seconds) => seconds * SECOND),
      from * SECOND,
      to * SECOND,
    );

  test('is parted equally, from the moment on at which each is ready', () => {
    expect(share(0, [0, 0], 30, 60)).toBe(600);
    // 10 s for one pod, 20 s for three.
    expect(share(0, [0, 40, 40], 30, 60)).toBeCloseTo((10 * 1200 + 20 * 400) / 30, 9);
    expect(share(40, [0, 40, 40], 30, 60)).toBeCloseTo((20 * 400) / 30, 9);
    expect(share(70, [0, 70], 30, 60)).toBe(0);
  });

  test('is used up as long as one pod is ready', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 8 }), (late) => {
        const readySince = [0, ...late].sort((a, b) => a - b);
        const sum = readySince.reduce((total, since) => total + share(since, readySince, 30, 60), 0);
        expect(sum).toBeCloseTo(1200, 6);
      }),
    );
  });
});

describe('the value at a time', () => {
  const curves: readonly UsageCurve[] = [
    steps([
      [0, 100],
      [60, 400],
      [90, 50],
    ]),
    steps(
      [
        [0, 100],
        [60, 400],
      ],
      100,
    ),
    { type: 'sine', low: exactly(10), high: exactly(50), period: 80 * SECOND, peak: 20 * SECOND },
  ];

  test('is the mean over the next microsecond, at most the highest, and holds until the next change', () => {
    fc.assert(
      fc.property(fc.constantFrom(...curves), fc.nat(1_000_000_000), (curve, at) => {
        const value = usageAt(curve, 0, at);
        expect(value).toBeCloseTo(meanUsage(curve, 0, at, at + 1), 3);
        expect(value).toBeLessThanOrEqual(highest(curve, 0) + 1e-9);
        const next = nextChange(curve, at);
        if (next === Infinity) return;
        expect(next).toBeGreaterThan(at);
        expect(usageAt(curve, 0, next - 1)).toBe(value);
        expect(usageAt(curve, 0, next)).not.toBe(value);
      }),
    );
  });

  test('of a wave is highest at its peak', () => {
    expect(usageAt(curves[2]!, 0, 20 * SECOND)).toBeCloseTo(50, 9);
    expect(usageAt(curves[2]!, 0, 60 * SECOND)).toBeCloseTo(10, 9);
  });
});
