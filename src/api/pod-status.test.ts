import { describe, expect, test } from 'vitest';
import { absentCondition, conditionSince, isConditionTrue, observeCondition, packCondition } from './pod-status.ts';

describe('a packed condition', () => {
  test.each([
    [true, 0],
    [false, 0],
    [true, 1],
    [false, 4_000_000_000],
    [true, 4_000_000_000],
  ])('keeps its status %s and its time %d', (isTrue, since) => {
    const packed = packCondition(isTrue, since);
    expect([isConditionTrue(packed), conditionSince(packed)]).toEqual([isTrue, since]);
  });

  test('moves its time only when the status changes', () => {
    const first = observeCondition(absentCondition, false, 5);
    expect(conditionSince(first)).toBe(5);
    expect(observeCondition(first, false, 9)).toBe(first);
    const turned = observeCondition(first, true, 9);
    expect([isConditionTrue(turned), conditionSince(turned)]).toEqual([true, 9]);
  });

  test('that is absent is neither true nor of any time', () => {
    expect([isConditionTrue(absentCondition), conditionSince(absentCondition)]).toEqual([false, -1]);
  });
});
