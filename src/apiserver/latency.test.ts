import { describe, expect, test } from 'vitest';
import { RandomStreams } from '../engine/random.ts';
import { MILLISECOND } from '../engine/time.ts';
import { nodeSha256 } from '../testing/sha256.ts';
import type { LatencyProfile } from './latency.ts';
import { defaultLatency, instantLatency, latencyProfiles } from './latency.ts';

const hops = [
  'request',
  'admission',
  'etcdCommit',
  'response',
  'watch',
] as const satisfies readonly (keyof LatencyProfile)[];

test('profiles are found by the names that a scenario gives', () => {
  expect([...latencyProfiles.keys()]).toEqual(['instant', 'default']);
});

test('instant takes no time and limits nobody', () => {
  expect(hops.map((hop) => instantLatency[hop].mean)).toEqual([0, 0, 0, 0, 0]);
  expect(instantLatency.clientLimits).toBe(false);
});

describe('default', () => {
  test('a write takes 6 ms and its event 5 ms on average', () => {
    const { request, admission, etcdCommit, response, watch } = defaultLatency;
    const write = request.mean + admission.mean + etcdCommit.mean + response.mean;
    expect(write).toBeCloseTo(6 * MILLISECOND);
    expect(watch.mean).toBeCloseTo(5 * MILLISECOND);
  });

  test('from a write to its event: within the 2 to 30 ms that were recorded, but for a few in ten thousand', () => {
    const random = new RandomStreams(nodeSha256, { seed: '42', replication: 0 }).get('latency');
    const { etcdCommit, watch } = defaultLatency;
    const spans = Array.from(
      { length: 20_000 },
      () => (etcdCommit.sample(random) + watch.sample(random)) / MILLISECOND,
    );
    expect(spans.filter((ms) => ms < 2 || ms > 30).length).toBeLessThan(40);
  });
});
