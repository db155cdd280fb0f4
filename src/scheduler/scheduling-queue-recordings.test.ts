import { describe, expect, it } from 'vitest';
import { replayQueue } from '../testing/queue-replay.ts';
import { readQueueRecordings } from '../testing/scheduler-recordings.ts';

describe('the scheduling queue of the real kube-scheduler 1.37', () => {
  it('puts every pod where ours does, step by step, until a plugin refuses a pod that is not here', () => {
    const results = readQueueRecordings().map(replayQueue);
    const differences = results.flatMap(({ difference }) => (difference === undefined ? [] : [difference]));
    expect(differences.slice(0, 5)).toEqual([]);
    const steps = results.reduce((sum, result) => sum + result.steps, 0);
    const complete = results.filter(({ isComplete }) => isComplete).length;
    expect({ steps, complete }).toEqual({ steps: 20594, complete: 400 });
  }, 120_000);
});
