import { describe, expect, test } from 'vitest';
import { makePod } from '../testing/builders.ts';
import type { Pod } from './core-v1.ts';
import { podConditions } from './pod-condition-texts.ts';
import type { PodStatus } from './pod-status.ts';
import { packCondition } from './pod-status.ts';

const pod = (status: Partial<PodStatus>): Pod => makePod('p', { status });

describe('the conditions as the API shows them', () => {
  test('of a new pod are none', () => {
    expect(podConditions(pod({}))).toEqual([]);
  });

  test('have upstream order, reasons where False, and those of others', () => {
    const target = {
      type: 'DisruptionTarget',
      status: 'True',
      lastTransitionTime: 7,
      reason: 'DeletionByTaintManager',
      message: '',
    } as const;
    const conditions = podConditions(
      pod({
        otherConditions: [target],
        podScheduled: packCondition(true, 1),
        readyToStartContainers: packCondition(true, 2),
        initialized: packCondition(true, 2),
        ready: packCondition(false, 3),
        containersReady: packCondition(false, 3),
      }),
    );
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
      podScheduled: packCondition(false, 4),
      schedulingMessage: '0/3 nodes are available',
    };
    expect(podConditions(pod(status))).toEqual([
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
