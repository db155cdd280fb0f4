import { describe, expect, test } from 'vitest';
import type { Node, Taint } from '../api/core-v1.ts';
import type { ConditionStatus } from '../api/meta-v1.ts';
import { makeNode } from '../testing/builders.ts';
import {
  notReadyTaint,
  unreachableTaint,
  withNoExecuteTaint,
  withNoScheduleAdded,
  withNoScheduleRemoved,
  withoutNoExecuteTaints,
} from './node-taints.ts';

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

/** What is missing is added, what is too much removed. */
function withNoScheduleTaints(node: Node): readonly Taint[] {
  const added = { ...node, spec: { ...node.spec, taints: withNoScheduleAdded(node) } };
  return withNoScheduleRemoved(added);
}

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
  test('is added, the other one removed, and strangers stay', () => {
    const node = nodeWith({}, [taint(notReadyTaint, 'NoExecute'), taint('team', 'NoExecute'), taint(notReadyTaint)]);
    const added = withNoExecuteTaint(node, unreachableTaint, 12);
    expect(keys(added).at(-1)).toBe('unreachable:NoExecute');
    expect(added.slice(0, -1)).toEqual(node.spec.taints);
    expect(added.at(-1)!.timeAdded).toBe(12);
    const swapped = withoutNoExecuteTaints({ ...node, spec: { ...node.spec, taints: added } }, unreachableTaint);
    expect(keys(swapped)).toEqual(['team:NoExecute', 'not-ready:NoSchedule', 'unreachable:NoExecute']);
    expect(keys(withoutNoExecuteTaints(node, undefined))).toEqual(['team:NoExecute', 'not-ready:NoSchedule']);
  });

  test('that is there, and none too many, is the same list', () => {
    const node = nodeWith({}, [taint(notReadyTaint, 'NoExecute')]);
    expect(withNoExecuteTaint(node, notReadyTaint, 12)).toBe(node.spec.taints);
    expect(withoutNoExecuteTaints(node, notReadyTaint)).toBe(node.spec.taints);
  });
});
