import { expect, test } from 'vitest';
import { makePod } from '../testing/builders.ts';
import { isChargedPod } from './quota.ts';

test('a pod is charged until it has ended or has outlived twice its grace', () => {
  const leaving = makePod('p', { metadata: { deletionTimestamp: 130, deletionGracePeriodSeconds: 30 } });
  expect([100, 160, 161].map((now) => isChargedPod(leaving, now))).toEqual([true, true, false]);
  expect(isChargedPod(makePod('p', { status: { phase: 'Succeeded' } }), 0)).toBe(false);
});
