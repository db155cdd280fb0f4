import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { agrees } from './compare.ts';
import { kubeletFamilies, readKubeletCases } from './recording.ts';
import { replayKubeletCase } from './replay.ts';

const folder = join(import.meta.dirname, '../../../conformance/kubelet');

describe.each(kubeletFamilies)('the recorded family %s', (family) => {
  test('agrees', () => {
    const results = readKubeletCases(folder, family).map((recorded) => replayKubeletCase(recorded));
    const failed = results.filter((result) => !agrees(result));
    expect(failed.map(({ id, trackMisses }) => `${id}: ${trackMisses.length} tracks`)).toEqual([]);
  });
});
