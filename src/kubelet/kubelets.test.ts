import { describe, expect, test } from 'vitest';
import { constant } from '../engine/distributions.ts';
import { SECOND } from '../engine/time.ts';
import { makePod } from '../testing/builders.ts';
import { KubeletHarness, makeBehavior } from '../testing/kubelet-harness.ts';

describe('crash loops', () => {
  test.each([
    [5, [0, 5, 20, 45, 90, 175, 340, 645, 950]],
    [60, [0, 60, 130, 210, 310, 450, 670, 1030, 1390]],
    [601, [0, 601, 1202, 1803, 2404]],
  ])('a container that runs %i s starts at the times of row R1', (run, times) => {
    const crash = makeBehavior({ crash: { interval: constant(run * SECOND), exitCode: 1 } });
    const harness = new KubeletHarness({ behaviors: [crash] }).install(makePod('p')).start();
    harness.until(times.at(-1)!);
    expect(harness.starts).toEqual(times);
  });

  test.each([
    [0, 293],
    [5, 289],
    [30, 267],
    [60, 245],
    [601, 144],
  ])('a container that runs %i s starts %i times in a day, row R2', (run, count) => {
    const crash = makeBehavior({ crash: { interval: constant(run * SECOND), exitCode: 1 } });
    const harness = new KubeletHarness({ behaviors: [crash] }).install(makePod('p')).start();
    harness.until(86_400 - 1e-6);
    expect(harness.starts).toHaveLength(count);
  });
});
