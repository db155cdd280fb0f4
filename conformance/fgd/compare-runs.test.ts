import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CampaignRun } from './campaign-run.ts';
import { curveNames } from './campaign-run.ts';
import { compareRuns } from './compare-runs.ts';
import { readExpected } from './expected-curves.ts';
import { writeCurves } from './write-curves.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'curves-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const curve = (change = 0, at = 60): number[] => Array.from({ length: 131 }, (_, load) => load / 2 + (load === at ? change : 0));

function run(policy: string, seed: number, change = 0, at = 60): CampaignRun {
  const curves = { alloc_pct: curve(change, at), frag_pct: curve(), frag_ratio_pct: curve() };
  return { trace: 'default', policy, seed, curves, offers: 10, failed: seed, decisions: '', cpuSeconds: 1, peakMb: 1 };
}

function compare(published: readonly CampaignRun[], own: readonly CampaignRun[]) {
  writeCurves(published, folder);
  return compareRuns(own, readExpected(folder));
}

describe('curves of a campaign', () => {
  it('agree with themselves, as they are written and read again', () => {
    const [comparison] = compare([run('FGD', 42), run('FGD', 43)], [run('FGD', 42), run('FGD', 43)]);
    expect(comparison).toMatchObject({ runs: 2, points: 2 * 3 * 131, largestDifference: 0, failedPods: 42.5, isWrong: false });
  });

  it('are refused where a point is none, with the line, and where a file is cut', () => {
    writeCurves([run('FGD', 42)], folder);
    const path = join(folder, 'expected_curves_frag_pct.csv.gz');
    const text = gunzipSync(readFileSync(path)).toString();
    writeFileSync(path, text.replace(',0.5,', ',half,'));
    expect(() => readExpected(folder)).toThrow(`${path}:2 is no curve as published: half`);
    writeFileSync(path, text.replace(',0.5,', ','));
    expect(() => readExpected(folder)).toThrow(`${path}:2 is no curve as published: 133 of 134 cells`);
    writeFileSync(path, gzipSync(text).subarray(0, 50));
    expect(() => readExpected(folder)).toThrow(`${path}: it is not a whole gzip file`);
  });

  it('may differ by the last digit of a mean, and by no more', () => {
    expect(compare([run('FGD', 42)], [run('FGD', 42, 0.01)])[0]!.isWrong).toBe(false);
    expect(compare([run('FGD', 42)], [run('FGD', 42, 0.02)])[0]).toMatchObject({ isWrong: true });
  });

  it('are wrong where a point is missing', () => {
    const own = run('FGD', 42);
    const curves = { ...own.curves, frag_pct: own.curves.frag_pct.map((value, load) => (load === 3 ? undefined : value)) };
    expect(compare([own], [{ ...own, curves }])[0]).toMatchObject({ largestDifference: Infinity, isWrong: true });
  });

  it('of Random are judged by the band of their mean at full load, never point by point', () => {
    const published = [0, 1, 2].map((at) => run('Random', 42 + at, at, 100));
    const [comparison] = compare(published, [run('Random', 42, 1, 100), run('Random', 43, 1, 100), run('Random', 44, 1, 100)]);
    // Published: 50, 51, 52, a standard deviation of 1; 3 * sqrt(1/3 + 1/3) = 2.449.
    expect(comparison!.band!.own).toBe(51);
    expect(comparison!.band!.published).toBe(51);
    expect(comparison!.band!.halfWidth).toBeCloseTo(2.449, 3);
    expect(comparison!.isWrong).toBe(false);
  });

  it('count as not compared where none was published', () => {
    expect(compare([run('FGD', 42)], [run('FGD', 50)])[0]).toMatchObject({ points: 0, comparedRuns: 0, isWrong: false });
  });

  it('must all be there', () => {
    expect(() => readExpected(folder)).toThrow(`has no expected_curves_${curveNames[0]}.csv.gz`);
    writeFileSync(join(folder, 'expected_curves_alloc_pct.csv'), 'a,b\n');
    expect(() => readExpected(folder)).toThrow('begins with other columns');
  });
});
