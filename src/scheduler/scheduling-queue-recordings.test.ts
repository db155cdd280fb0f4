import { describe, expect, it } from 'vitest';
import { replayQueue } from '../testing/queue-replay.ts';
import { readQueueRecordings } from '../testing/scheduler-recordings.ts';

describe('the scheduling queue of the real kube-scheduler 1.37', () => {
  it('puts every pod where ours does, step by step', () => {
    const results = readQueueRecordings().map(replayQueue);
    expect(results.flatMap(({ difference }) => difference ?? []).slice(0, 5)).toEqual([]);
    expect(results.reduce((sum, { steps }) => sum + steps, 0)).toBe(20594);
  }, 120_000);
});
