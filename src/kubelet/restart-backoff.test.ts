import { describe, expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import type { BackoffEntry, BackoffRule } from './restart-backoff.ts';
import { afterRestart, restartAt } from './restart-backoff.ts';

const rule: BackoffRule = { initialUs: 10 * SECOND, maxUs: 300 * SECOND, resetUs: 600 * SECOND };

/** How long a container waits after each of these runs, seconds. */
function waits(runs: readonly number[], limits: BackoffRule = rule): number[] {
  let entry: BackoffEntry | undefined;
  let now = 0;
  return runs.map((run) => {
    const finishedAt = now + run * SECOND;
    now = restartAt(entry, finishedAt, limits);
    entry = afterRestart(entry, now, limits);
    return (now - finishedAt) / SECOND;
  });
}

describe('the back-off of a crashing container', () => {
  test('doubles from 10 s to 300 s; the first restart comes at once', () => {
    expect(waits([1, 1, 1, 1, 1, 1, 1, 1, 1])).toEqual([0, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  test('is forgotten by a run of more than 600 s, as recorded for 640 and 700 s', () => {
    expect(waits([1, 1, 1, 640, 1, 1])).toEqual([0, 10, 20, 0, 10, 20]);
    expect(waits([1, 1, 1, 700, 1, 1])).toEqual([0, 10, 20, 0, 10, 20]);
  });

  test('goes on after a run of 330 s, as recorded', () => {
    expect(waits([1, 1, 1, 330, 1])).toEqual([0, 10, 20, 40, 80]);
  });

  test('is served after a run of 560 s and forgotten with it, as recorded', () => {
    expect(waits([1, 1, 1, 560, 1, 1])).toEqual([0, 10, 20, 40, 10, 20]);
  });

  test('ends a wait that would go on beyond 600 s after the last restart', () => {
    expect(waits([1, 1, 1, 1, 1, 1, 500, 1])).toEqual([0, 10, 20, 40, 80, 160, 100, 10]);
  });

  test('resets after a fixed 600 s, not after twice its cap: with a cap of 30 s a run of 70 s resets nothing', () => {
    const capped = { ...rule, maxUs: 30 * SECOND };
    expect(waits([1, 1, 1, 1, 70, 1], capped)).toEqual([0, 10, 20, 30, 30, 30]);
  });
});
