import { expect, test } from 'vitest';
import type { ExplainedDecision, NodeVerdict } from '../../scheduler/explained-decision.ts';
import { pendingText } from './pending-text.ts';
import type { PodOfRun } from './pods-of-run.ts';

const pod: PodOfRun = {
  ...{ namespace: 'shop', name: 'big', uid: 3, workload: '', node: '', phase: 'Pending', reason: 'Unschedulable' },
  ...{
    createdAt: 1_000_000,
    boundAt: undefined,
    finishedAt: undefined,
    deletedAt: undefined,
    restarts: 0,
    namesakes: 1,
  },
};

/** A node with so many milliCPU, of which so many are taken; the pod asks for 2000. */
const node = (name: string, allocatable: number, requested: number, ...plugins: string[]): NodeVerdict => {
  const refusals = plugins.map((plugin) => ({ plugin, code: 'Unschedulable', reasons: [`no by ${plugin}`] }));
  const cpu = { name: 'cpu', asked: 2000, requested, allocatable };
  return { node: name, isLookedAt: true, refusal: refusals[0], refusals, resources: [cpu] };
};

const decisionWith = (nodes: readonly NodeVerdict[]): ExplainedDecision => ({
  ...{ namespace: 'shop', pod: 'big', attempt: 2, decidedAt: 5_000_000, profile: 'default-scheduler' },
  outcome: { type: 'unschedulable', message: '0/3 nodes are available: ...' },
  ...{ evaluatedNodes: 3, feasibleNodes: 0, wantedNodes: 3, scores: undefined, scoresOfAll: undefined },
  filters: ['Taint', 'Fit'].map((plugin) => ({
    ...{ plugin, stage: 'Filter', isSkipped: false, refusedOfLookedAt: 0, refusedAlone: 0 },
    refused: nodes.filter(({ refusal }) => refusal?.plugin === plugin).length,
    reasons: new Map([[`no by ${plugin}`, 1]]),
  })),
  nodes,
});

const textOf = (...nodes: NodeVerdict[]): string =>
  pendingText({ pod, endsAt: 61_000_000, decision: decisionWith(nodes), faults: [] });

test('a node that has just what is asked for does not lack it', () => {
  expect(textOf(node('a', 4000, 2000, 'Taint'))).not.toContain('It asks for');
  expect(textOf(node('a', 4000, 2001, 'Fit'))).toContain(
    'It asks for 2 cpu, which no node has free (the most is 1999m, on a).',
  );
});

test('nodes that are too small for ever are told from those that are full', () => {
  expect(textOf(node('a', 1000, 0, 'Fit'))).toContain('the largest has 1 in all, so that it can never take it');
  expect(textOf(node('a', 1000, 0, 'Fit'), node('b', 4000, 3000, 'Fit'))).not.toContain('never');
});

test('nodes that one filter alone refuses are named by it', () => {
  const text = textOf(node('a', 1000, 0, 'Taint', 'Fit'), node('b', 1000, 0, 'Fit'), node('c', 9000, 0, 'Taint'));
  expect(text).toContain('Taint refuses 2 (no by Taint), Fit refuses 1 (no by Fit).');
  expect(text).toContain('Refused by one filter only: 1 by Fit alone (b), 1 by Taint alone (c).');
  expect(textOf(node('a', 1000, 0, 'Taint', 'Fit'))).toContain('Every node is refused by more than one filter.');
});

test('how long it waited is said, and how it ended', () => {
  expect(textOf(node('a', 1000, 0, 'Fit'))).toMatch(/^shop\/big has been pending for 1m00s, from 00:00:01 to the end/);
  const bound = { ...pod, node: 'a', boundAt: 31_000_000 };
  const given = { endsAt: 61_000_000, decision: decisionWith([node('a', 1000, 0, 'Fit')]), faults: [] };
  expect(pendingText({ ...given, pod: bound })).toMatch(/was pending for 30s, until it was bound to a at 00:00:31\./);
  expect(pendingText({ ...given, pod: { ...pod, deletedAt: 2_000_000 } })).toMatch(/for 1s, until it was gone/);
});
