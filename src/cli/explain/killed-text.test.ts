import { expect, test } from 'vitest';
import { killedText } from './killed-text.ts';
import type { PodOfRun } from './pods-of-run.ts';

const pod: PodOfRun = {
  ...{ namespace: 'shop', name: 'db-1', uid: 4, workload: 'StatefulSet db', node: 'a', phase: 'Running', reason: '' },
  ...{ createdAt: 0, boundAt: 1, finishedAt: undefined, deletedAt: undefined, restarts: 0, namesakes: 1 },
};

test('a pod that runs is told as such, with how many pods had its name', () => {
  const alive = 'shop/db-1 was not killed: it is Running at the end of the run.';
  const textOf = (namesakes: number): string =>
    killedText({ pod: { ...pod, namesakes }, chain: [], restarts: 0, isFull: false });
  expect(textOf(1)).toBe(alive);
  expect(textOf(16)).toBe(`${alive} One of 16 pods that had this name; --at chooses another.`);
});
