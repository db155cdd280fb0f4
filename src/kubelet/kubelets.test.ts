import { describe, expect, test } from 'vitest';
import { constant } from '../engine/distributions.ts';
import { SECOND } from '../engine/time.ts';
import { makePod } from '../testing/builders.ts';
import { KubeletHarness, makeBehavior } from '../testing/kubelet-harness.ts';

function startsOf(run: number, until: number): readonly number[] {
  const crash = makeBehavior({ crash: { interval: constant(run * SECOND), exitCode: 1 } });
  const harness = new KubeletHarness({ behaviors: [crash] }).install(makePod('p')).start();
  return harness.until(until).starts;
}

describe('crash loops', () => {
  // From the end of one run to the start of the next: the back-off, the queue's jitter on what is left of it (half of at most a
  // minute), and a second for each list of containers and each look at the queue.
  test.each([
    [5, [0, 10, 20, 40, 80, 160, 300, 300]],
    [60, [0, 10, 20, 40, 80, 160, 300, 300]],
    [601, [0, 0, 0, 0]],
  ])('a container that runs %i s waits as long as the back-off says, and not much longer', (run, backOffs) => {
    const starts = startsOf(run, 4000);
    for (const [index, backOff] of backOffs.entries()) {
      const waited = starts[index + 1]! - starts[index]! - run;
      expect(waited).toBeGreaterThanOrEqual(backOff - 1e-6);
      expect(waited).toBeLessThan(backOff + Math.min(backOff, 60) / 2 + 2.1);
    }
  });

  // Row R2 of the reliability reference has the exact delays; the jitter takes some of the starts.
  test.each([
    [0, 293],
    [5, 289],
    [30, 267],
    [60, 245],
    [601, 144],
  ])('a container that runs %i s starts about %i times in a day', (run, count) => {
    const { length } = startsOf(run, 86_400 - 1e-6);
    expect(length).toBeLessThanOrEqual(count);
    expect(length).toBeGreaterThan(count * 0.94);
  });
});
