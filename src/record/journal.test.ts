import type { Node, Pod } from '../api/core-v1.ts';
import { packCondition } from '../api/pod-status.ts';
import { makeNode, makePod } from '../testing/builders.ts';
import { expect, test } from 'vitest';
import { Journal, journalLine } from './journal.ts';

test('a line begins with the clock of virtual time', () => {
  expect(journalLine(192_004_000, 'Pod shop/batch-17 bound to general-c-2')).toBe(
    '00:03:12.004 Pod shop/batch-17 bound to general-c-2',
  );
});

test('faults, users and machines are told at the present time', () => {
  const lines: string[] = [];
  const journal = new Journal(
    () => 5_000_000,
    (time, text) => void lines.push(journalLine(time, text)),
  );
  const fault = { id: 0, kind: 'nodeCrash', target: 'n1', startsAt: 0, endsAt: undefined, nodes: ['n1'] };
  journal.faultStarted(fault);
  journal.machineChanged('n1', 'down');
  journal.faultEnded(fault);
  expect(lines).toEqual([
    '00:00:05 fault nodeCrash n1 begins',
    '00:00:05 machine of n1 is down',
    '00:00:05 fault nodeCrash n1 ends',
  ]);
});

function told(kind: 'Pod' | 'Node', before: Pod | Node | undefined, after: Pod | Node | undefined): string[] {
  const lines: string[] = [];
  const journal = new Journal(
    () => 0,
    (_time, text) => void lines.push(text),
  );
  journal.committed(kind, 0, before as never, after as never);
  return lines;
}

test('a pod is created, bound, ready, deleted and removed', () => {
  const fresh = makePod('web-1');
  const bound = makePod('web-1', { spec: { nodeName: 'n1' } });
  const status = { phase: 'Running', ready: packCondition(true, 4) } as const;
  const ready = makePod('web-1', { spec: { nodeName: 'n1' }, status });
  const metadata = { deletionTimestamp: 40, deletionGracePeriodSeconds: 30 };
  const leaving = makePod('web-1', { spec: { nodeName: 'n1' }, status, metadata });
  expect(told('Pod', undefined, fresh)).toEqual(['Pod default/web-1 created']);
  expect(told('Pod', fresh, bound)).toEqual(['Pod default/web-1 bound to n1']);
  expect(told('Pod', bound, ready)).toEqual(['Pod default/web-1 is Running', 'Pod default/web-1 is ready']);
  expect(told('Pod', ready, leaving)).toEqual(['Pod default/web-1 is being deleted (grace 30 s)']);
  expect(told('Pod', leaving, undefined)).toEqual(['Pod default/web-1 removed']);
});

test('the conditions, taints and cordon of a node are told when they change', () => {
  const before = makeNode('n1');
  const taint = { key: 'node.kubernetes.io/unreachable', value: '', effect: 'NoExecute', timeAdded: 50 } as const;
  const after = makeNode('n1', { spec: { taints: [taint], unschedulable: true } });
  expect(told('Node', before, after)).toEqual([
    'Node n1 cordoned',
    'Node n1 tainted node.kubernetes.io/unreachable:NoExecute',
  ]);
  expect(told('Node', after, before)).toEqual([
    'Node n1 uncordoned',
    'Node n1 no longer tainted node.kubernetes.io/unreachable:NoExecute',
  ]);
  expect(told('Node', before, makeNode('n1'))).toEqual(['Node n1 updated']);
});
