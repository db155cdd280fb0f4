import { describe, expect, test } from 'vitest';
import type { Node, Taint } from '../api/core-v1.ts';
import type { ConditionStatus } from '../api/meta-v1.ts';
import { makeNode } from '../testing/builders.ts';
import { notReadyTaint, unreachableTaint, withNoExecuteTaint, withNoScheduleTaints } from './node-taints.ts';

const taint = (key: string, effect: Taint['effect'] = 'NoSchedule'): Taint => ({
  key,
  value: '',
  effect,
  timeAdded: undefined,
});

function nodeWith(
  conditions: Readonly<Record<string, ConditionStatus>>,
  taints: readonly Taint[] = [],
  unschedulable = false,
): Node {
  const list = Object.entries(conditions).map(([type, status]) => ({
    type,
    status,
    lastTransitionTime: 0,
    reason: '',
    message: '',
  }));
  return makeNode('n', { spec: { taints, unschedulable }, status: { conditions: list } });
}

const keys = (taints: readonly Taint[]): string[] =>
  taints.map(({ key, effect }) => `${key.split('/').at(-1)}:${effect}`);

describe('NoSchedule taints', () => {
  test.each<[Readonly<Record<string, ConditionStatus>>, string[]]>([
    [{ Ready: 'True' }, []],
    [{ Ready: 'False' }, ['not-ready:NoSchedule']],
    [{ Ready: 'Unknown' }, ['unreachable:NoSchedule']],
    [
      { Ready: 'True', MemoryPressure: 'True', DiskPressure: 'True' },
      ['memory-pressure:NoSchedule', 'disk-pressure:NoSchedule'],
    ],
    [
      { Ready: 'True', PIDPressure: 'True', NetworkUnavailable: 'True' },
      ['pid-pressure:NoSchedule', 'network-unavailable:NoSchedule'],
    ],
    [{ Ready: 'True', MemoryPressure: 'Unknown' }, []],
  ])('of %j are %j', (conditions, expected) => {
    expect(keys(withNoScheduleTaints(nodeWith(conditions)))).toEqual(expected);
  });

  test('of a cordoned node say so', () => {
    expect(keys(withNoScheduleTaints(nodeWith({ Ready: 'True' }, [], true)))).toEqual(['unschedulable:NoSchedule']);
  });

  test('of others, and other effects, stay', () => {
    const mine = [taint('team'), taint(notReadyTaint, 'NoExecute'), taint('node.kubernetes.io/memory-pressure')];
    expect(keys(withNoScheduleTaints(nodeWith({ Ready: 'True' }, mine)))).toEqual([
      'team:NoSchedule',
      'not-ready:NoExecute',
    ]);
  });

  test('that are right are the same list', () => {
    const taints = [taint(unreachableTaint), taint('team')];
    expect(withNoScheduleTaints(nodeWith({ Ready: 'Unknown' }, taints))).toBe(taints);
  });

  test('of a node that has not been heard of stay as admission left them', () => {
    const taints = [taint(notReadyTaint)];
    expect(withNoScheduleTaints(nodeWith({}, taints))).toBe(taints);
  });
});

describe('the NoExecute taint', () => {
  test('takes the place of the other one, and leaves strangers alone', () => {
    const node = nodeWith({}, [taint(notReadyTaint, 'NoExecute'), taint('team', 'NoExecute'), taint(notReadyTaint)]);
    const swapped = withNoExecuteTaint(node, unreachableTaint, 12);
    expect(keys(swapped)).toEqual(['team:NoExecute', 'not-ready:NoSchedule', 'unreachable:NoExecute']);
    expect(swapped.at(-1)!.timeAdded).toBe(12);
    expect(keys(withNoExecuteTaint(node, undefined, 12))).toEqual(['team:NoExecute', 'not-ready:NoSchedule']);
    expect(withNoExecuteTaint(node, notReadyTaint, 12)).toBe(node.spec.taints);
  });
});
