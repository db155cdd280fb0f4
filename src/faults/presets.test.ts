import { describe, expect, test } from 'vitest';
import type { Distribution, InvertibleDistribution } from '../engine/distributions.ts';
import { DAY, HOUR } from '../engine/time.ts';
import { faultNodes, runFaults } from '../testing/fault-harness.ts';
import { presetNamed, presets } from './presets.ts';

const median = (law: Distribution): number => (law as InvertibleDistribution).quantile(0.5);

describe('presets', () => {
  test('have names in order, and say what they are and who measured it', () => {
    const names = presets.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)].sort((a, b) => (a < b ? -1 : 1)));
    for (const { name, description, source } of presets) {
      expect(presetNamed(name)?.description).toBe(description);
      expect(source.length).toBeGreaterThan(20);
    }
    expect(presetNamed('lanl06-weibull')).toBeUndefined();
    expect(names.filter((name) => /-(exponential|weibull|lognormal|gamma)$/.test(name))).toHaveLength(9 * 4);
  });

  // Medians by hand: m ln 2; scale (ln 2)^(1/shape); exp(mu). For the gamma the mean, shape times scale.
  test.each([
    ['lanl05-exponential', 1779.99 * Math.LN2, 5.92 * Math.LN2],
    ['lanl05-weibull', 816.6 * Math.exp(Math.log(Math.LN2) / 0.48), 2.18 * Math.exp(Math.log(Math.LN2) / 0.58)],
    ['lanl05-lognormal', Math.exp(5.56), Math.exp(0.05)],
  ])('%s has the medians %f h and %f h', (name, up, down) => {
    const { interval, repair } = presetNamed(name)!;
    expect(median(interval) / HOUR).toBeCloseTo(up, 6);
    expect(median(repair!) / HOUR).toBeCloseTo(down, 6);
  });

  test('mean what the studies counted', () => {
    const days = (name: string): number => presetNamed(name)!.interval.mean / DAY;
    expect(presetNamed('g5k06-gamma')!.interval.mean / HOUR).toBeCloseTo(0.34 * 94.35, 6);
    expect(1000 / days('meta-rsc1-node')).toBeCloseTo(6.5, 6);
    expect((1900 * 365) / days('google-2008-node')).toBeCloseTo(1000, 6);
    // Of machines with this mean, 5 % are interrupted within 30 days.
    expect(1 - Math.exp(-30 / days('aws-spot-5'))).toBeCloseTo(0.05, 9);
  });

  test('give both laws of a fault, and "repair" goes before theirs', () => {
    const run = (args: Record<string, unknown>) =>
      runFaults([{ fault: 'nodeCrash', args: { preset: presetNamed('pl05-exponential'), ...args } }], {
        nodes: faultNodes({ a: 50 }),
        horizon: 10_000 * HOUR,
      }).started;
    const down = (records: ReturnType<typeof run>): number =>
      records.reduce((sum, { startsAt, endsAt }) => sum + endsAt! - startsAt, 0) / records.length / HOUR;
    const drawn = run({});
    // About 2,400 spans with a mean of 49.61 h; 4 standard deviations.
    expect(drawn.length).toBeGreaterThan(2000);
    expect(Math.abs(down(drawn) - 49.61)).toBeLessThan((4 * 49.61) / Math.sqrt(drawn.length));
    expect(down(run({ duration: 2 * HOUR }))).toBe(2);
  });
});
