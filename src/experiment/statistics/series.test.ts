import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStreams } from '../../engine/random.ts';
import { normalQuantile } from '../../engine/special-functions.ts';
import { nodeSha256 } from '../../testing/sha256.ts';
import { areCorrelated, batchMeansOf, independentBatches, lag1Correlation } from './batch-means.ts';
import { mser5 } from './warm-up.ts';

const normals = (name: string, count: number): number[] => {
  const stream = new RandomStreams(nodeSha256, { seed: '1', replication: 0 }).get(name);
  return Array.from({ length: count }, () => normalQuantile(Math.max(1e-12, stream.double())));
};

describe('MSER-5', () => {
  /** The rule as its authors write it: the variance of what stays by its number, for every place. */
  const errorsOf = (means: readonly number[]): number[] =>
    means.slice(0, -4).map((_, cut) => {
      const rest = means.slice(cut);
      const mean = rest.reduce((sum, value) => sum + value, 0) / rest.length;
      return rest.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rest.length ** 2;
    });

  test('cuts where the rule of its authors is smallest, or at the half', () => {
    const series = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 50, maxLength: 200 });
    fc.assert(
      fc.property(series, (values) => {
        const errors = errorsOf(batchMeansOf(values, 5));
        const half = Math.floor(batchMeansOf(values, 5).length / 2);
        const least = Math.min(...errors) + 1e-9;
        const { cut, isTooShort } = mser5(values);
        const first = errors.findIndex((error) => error <= least);
        expect(isTooShort).toBe(first > half);
        expect(cut).toBe(5 * Math.min(first, half));
      }),
    );
  });

  test('finds the end of a climb, and nothing to cut in noise', () => {
    const noise = normals('noise', 1000);
    const climb = noise.map((value, i) => value + (i < 200 ? (200 - i) / 10 : 0));
    expect(mser5(noise).cut).toBeLessThan(300);
    expect(mser5(climb).cut).toBeGreaterThan(150);
    expect(mser5(climb).cut).toBeLessThan(300);
  });

  test('says when a run never became steady', () => {
    expect(mser5(Array.from({ length: 400 }, (_, i) => i * i)).isTooShort).toBe(true);
    expect(mser5(Array.from({ length: 100 }, () => 3))).toEqual({ cut: 0, isTooShort: false });
  });
});

describe('batch means', () => {
  test('of independent values are 30', () => {
    const values = normals('independent', 3000);
    const [means] = independentBatches([values]) as [number[]];
    expect(means).toHaveLength(30);
    expect(means[0]).toBeCloseTo(values.slice(0, 100).reduce((sum, value) => sum + value, 0) / 100, 12);
  });

  test('grow longer while successive ones hang together, and it is said where ten still do', () => {
    let value = 0;
    const noise = normals('walk', 3000);
    const regressive = noise.map((step) => (value = 0.97 * value + step));
    expect(independentBatches([regressive])[0]!.length).toBeLessThan(31);
    const line = independentBatches([Array.from({ length: 3000 }, (_, i) => i)]);
    expect([line[0]!.length, areCorrelated(line)]).toEqual([10, true]);
  });

  test('of two series are those of their difference: what both have in common counts for nothing', () => {
    const line = Array.from({ length: 300 }, (_, i) => i);
    const noise = normals('difference', 300);
    const batches = independentBatches([line, line.map((value, i) => value + noise[i]!)]);
    expect([batches[0]!.length, areCorrelated(batches)]).toEqual([30, false]);
  });

  test('the lag-1 correlation of a series that swings is negative', () => {
    expect(lag1Correlation([1, -1, 1, -1, 1, -1])).toBeLessThan(-0.8);
    expect(lag1Correlation([2, 2, 2])).toBe(0);
  });
});
