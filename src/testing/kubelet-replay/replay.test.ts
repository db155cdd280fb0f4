import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { agrees } from './compare.ts';
import { kubeletFamilies, readKubeletCases } from './recording.ts';
import { replayKubeletCase } from './replay.ts';

const folder = join(import.meta.dirname, '../../../conformance/kubelet');

/** Cases, tracks and times that were recorded. */
const recorded = {
  crash: [27, 429],
  start: [8, 133],
  init: [10, 228],
  pull: [20, 496],
  term: [24, 404],
  probe: [18, 302],
  admit: [12, 234],
  evict: [2, 120],
} as const;

describe.each(kubeletFamilies)('the recorded cases of %s', (family) => {
  test('are those of the simulator: all sequences, and 98 of 100 times', () => {
    const results = readKubeletCases(folder, family).map((each) => replayKubeletCase(each));
    const failed = results.filter((result) => !agrees(result));
    expect(failed.map(({ id, trackMisses, timeMisses }) => [id, ...trackMisses, ...timeMisses])).toEqual([]);
    const sum = (of: (result: (typeof results)[number]) => number): number =>
      results.reduce((total, result) => total + of(result), 0);
    expect([results.length, sum(({ tracks }) => tracks)]).toEqual(recorded[family]);
    expect(sum(({ timeMisses }) => timeMisses.length)).toBeLessThanOrEqual(0.02 * sum(({ times }) => times));
  });
});
