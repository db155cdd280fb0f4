// What pods use of memory over time, and what it does to their node: 16 GiB, looked at every 10 s, evictions below 100 MiB.
import { describe, expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import { makeContainer, makePod } from '../testing/builders.ts';
import { KubeletHarness, makeBehavior } from '../testing/kubelet-harness.ts';
import type { Behavior } from './behavior.ts';
import { oomScoreAdjust } from './memory-use.ts';
import type { UsageCurve } from './usage-curve.ts';

const mib = 1024 * 1024;
const gib = 1024 * mib;
const exactly = (value: number) => ({ value, isShare: false });

const steps = (...entries: readonly (readonly [seconds: number, gibibytes: number])[]): UsageCurve => ({
  type: 'steps',
  steps: entries.map(([at, value]) => ({ from: at * SECOND, amount: exactly(value * gib) })),
  period: undefined,
});
const using = (name: string, curve: UsageCurve, isShared = false): Behavior =>
  makeBehavior({
    name,
    usage: { cpu: undefined, memory: { curve, isShared }, containers: new Map(), metrics: new Map() },
  });

/** `seconds pod` of each line with such a text. */
function told(harness: KubeletHarness, text: string): readonly string[] {
  return harness.log.filter((line) => line.includes(text)).map((line) => line.split(' ').slice(0, 3).join(' '));
}

describe('pods whose memory grows', () => {
  test('are evicted in the order of what they are above their requests, at a pass of the loop', () => {
    const behaviors = [using('a', steps([0, 1], [100, 9])), using('b', steps([0, 6.95]))];
    const harness = new KubeletHarness({ behaviors }).start();
    harness.create(makePod('a', { requests: { memory: 8 * gib } }));
    harness.create(makePod('b', { requests: { memory: 6 * gib } })).until(99);
    expect(told(harness, 'Evicted')).toEqual([]);
    harness.until(200);
    // 15.95 GiB are in use from 100 s on, 51 MiB are left. a is 1 GiB above its request, b 0.95.
    const [line, ...others] = told(harness, 'Evicted:');
    expect(others).toEqual([]);
    expect(line).toContain('a');
    expect(Number(line!.split(' ')[0])).toBeGreaterThanOrEqual(100);
    expect(Number(line!.split(' ')[0])).toBeLessThanOrEqual(110);
    expect(harness.pod('a')!.status.message).toContain('Container c was using 9Gi, request is 8Gi');
    expect(harness.line('b')).toBe('Running running() 0');
  });

  test('beyond the node meet the kernel first: the highest score goes, with 137, and begins again', () => {
    // At 105 s 17 GiB. Scores: best effort 1000 + 1000 * 4/16 = 1250; burstable (1000 - 500) + 1000 * 13/16 = 1312.
    const behaviors = [using('best', steps([0, 4])), using('burst', steps([0, 2], [105, 13], [105.01, 2]))];
    const harness = new KubeletHarness({ behaviors }).start();
    harness.create(makePod('best'));
    harness.create(makePod('burst', { requests: { memory: 8 * gib } })).until(400);
    expect(harness.log.filter((line) => line.includes('137 OOMKilled'))).toEqual(['105 exit burst/0 137 OOMKilled']);
    expect(harness.log.some((line) => line.includes('SystemOOM'))).toBe(true);
    expect(harness.line('burst')).toContain('Running running()');
    expect(harness.line('best')).toBe('Running running() 0');
  });

  test('beyond its own limit: that container alone', () => {
    const resources = { requests: new Map(), limits: new Map([['memory', gib]]) };
    const harness = new KubeletHarness({ behaviors: [using('p', steps([0, 0.5], [60, 2], [60.01, 0.5]))] });
    harness.create(makePod('p', { spec: { containers: [makeContainer({ resources })] } })).start();
    harness.until(300);
    expect(harness.log.filter((line) => line.includes('OOMKilled'))).toEqual(['60 exit p/0 137 OOMKilled']);
    expect(harness.log.some((line) => line.includes('SystemOOM'))).toBe(false);
  });

  test('in waves are looked at only where the waves are high enough to matter', () => {
    const wave = (high: number): UsageCurve => ({
      type: 'sine',
      low: exactly(0),
      high: exactly(high * gib),
      period: 100 * SECOND,
      peak: 50 * SECOND,
    });
    const run = (high: number): readonly string[] => {
      const handlers: string[] = [];
      const harness = new KubeletHarness({ behaviors: [using('p', wave(high))] }).start();
      harness.engine.onEvent = (_index, _time, _phase, name) => void handlers.push(name);
      harness.create(makePod('p')).until(300);
      return handlers.filter((name) => name === 'kubelet/memory' || name === 'kubelet/eviction');
    };
    expect(run(15)).toEqual([]);
    expect(run(17).length).toBeGreaterThan(5);
  });

  test('by a load that the workload shares press on no node', () => {
    const harness = new KubeletHarness({ behaviors: [using('p', steps([0, 100]), true)] }).start();
    harness.create(makePod('p')).until(100);
    expect(harness.line('p')).toBe('Running running() 0');
  });
});

test('one event for each change of the use, and none between them', () => {
  const times: number[] = [];
  const harness = new KubeletHarness({ behaviors: [using('p', steps([0, 1], [100, 2], [1000, 3]))] }).start();
  harness.engine.onEvent = (_index, time, _phase, name) => {
    if (name === 'kubelet/memory' || name === 'kubelet/eviction') times.push(time / SECOND);
  };
  harness.create(makePod('p')).until(5000);
  expect(times).toEqual([100, 1000]);
});

// oom_score_adj as upstream's policy_test.go has it, for a node of 4000.
test.each([
  [2, false, 1000, -997],
  [0, false, 0, 1000],
  [1, true, 0, -997],
  [1, false, 0, 999],
  [1, false, 1, 999],
  [1, false, 2000, 500],
  [1, false, 3999, 3],
  [1, false, 4000, 3],
] as const)('class %i, critical %s, request %i of 4000: %i', (rank, isCritical, request, score) => {
  expect(oomScoreAdjust(rank, isCritical, request, 4000)).toBe(score);
});
