import { describe, expect, test } from 'vitest';
import {
  absentCondition,
  conditionSince,
  isConditionTrue,
  newPodStatus,
  observeCondition,
  packCondition,
  podConditions,
} from './pod-status.ts';

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

describe('the conditions as the API shows them', () => {
  test('of a new pod are none', () => {
    expect(podConditions(newPodStatus)).toEqual([]);
  });

  test('have upstream order, reasons where False, and those of others', () => {
    const target = {
      type: 'DisruptionTarget',
      status: 'True',
      lastTransitionTime: 7,
      reason: 'DeletionByTaintManager',
      message: '',
    } as const;
    const conditions = podConditions({
      ...newPodStatus,
      otherConditions: [target],
      podScheduled: packCondition(true, 1),
      readyToStartContainers: packCondition(true, 2),
      initialized: packCondition(true, 2),
      ready: packCondition(false, 3),
      containersReady: packCondition(false, 3),
    });
    expect(conditions.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ['DisruptionTarget', 'True', 'DeletionByTaintManager'],
      ['PodReadyToStartContainers', 'True', ''],
      ['Initialized', 'True', ''],
      ['Ready', 'False', 'ContainersNotReady'],
      ['ContainersReady', 'False', 'ContainersNotReady'],
      ['PodScheduled', 'True', ''],
    ]);
  });

  test('tell why the scheduler found no node', () => {
    const status = {
      ...newPodStatus,
      podScheduled: packCondition(false, 4),
      schedulingMessage: '0/3 nodes are available',
    };
    expect(podConditions(status)).toEqual([
      {
        type: 'PodScheduled',
        status: 'False',
        lastTransitionTime: 4,
        reason: 'Unschedulable',
        message: '0/3 nodes are available',
      },
    ]);
  });
});
