// The rules of upstream's hints; the recorded steps of the queue judge them too.
import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '../../api/core-v1.ts';
import { SchedulerFixture, nodeFrom, podFrom } from '../../testing/scheduler-fixture.ts';

type Parts = Readonly<Record<string, unknown>>;

const fixture = new SchedulerFixture();
const [onPod, onItself, onNode] = fixture.plugin('PodTopologySpread').eventsToRegister!();
const constraint = {
  maxSkew: 1,
  topologyKey: 'zone',
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: { app: 'web' } },
};
const waitingSpec = {
  topologySpreadConstraints: [constraint, { ...constraint, topologyKey: 'rack', nodeTaintsPolicy: 'Honor' }],
};
const waiting = pod(1, { app: 'web' }, waitingSpec);

function pod(uid: number, labels: Parts, spec: Parts = {}, more: { metadata?: Parts; status?: Parts } = {}): Pod {
  const containers = [{ name: 'c', image: 'app:1' }];
  const metadata = { name: `p${uid}`, namespace: 'default', labels, ...more.metadata };
  return podFrom({ metadata, spec: { containers, ...spec }, status: more.status ?? {} }, uid);
}

function node(labels: Parts, spec: Parts = {}): Node {
  return nodeFrom({ metadata: { name: 'n', labels }, spec });
}

describe('a pod with a node', () => {
  const bound = { nodeName: 'n' };
  const web = pod(2, { app: 'web' }, bound);
  const db = pod(2, { app: 'db' }, bound);

  it.each<[string, Pod | undefined, Pod | undefined, string]>([
    ['comes and matches', undefined, web, 'Queue'],
    ['comes and does not match', undefined, db, 'Skip'],
    ['goes and matched', web, undefined, 'Queue'],
    ['goes and did not match', db, undefined, 'Skip'],
    ['begins to match', db, web, 'Queue'],
    ['no longer matches', web, db, 'Queue'],
    ['changes a label that nobody asks for', web, pod(2, { app: 'web', tier: 'x' }, bound), 'Skip'],
    ['stays as it is', web, web, 'Skip'],
    ['is of another namespace', undefined, pod(2, { app: 'web' }, bound, { metadata: { namespace: 'other' } }), 'Skip'],
    ['has none after all', undefined, pod(2, { app: 'web' }), 'Skip'],
    ['is only nominated', pod(2, { app: 'web' }, {}, { status: { nominatedNodeName: 'n' } }), undefined, 'Queue'],
  ])('%s', (_what, before, after, expected) => {
    expect(onPod!.hint!(waiting, before, after)).toBe(expected);
  });
});

describe('the waiting pod itself', () => {
  const tolerant = { tolerations: [{ key: 'k', operator: 'Exists' }] };

  it.each<[string, Pod, string]>([
    ['gets a toleration, and taints are honoured', pod(1, { app: 'web' }, { ...waitingSpec, ...tolerant }), 'Queue'],
    ['no longer matches itself', pod(1, { app: 'db' }, waitingSpec), 'Queue'],
    ['changes another label', pod(1, { app: 'web', tier: 'x' }, waitingSpec), 'Skip'],
  ])('%s', (_what, after, expected) => {
    expect(onItself!.hint!(after, waiting, after)).toBe(expected);
  });

  it('gets a toleration that no constraint cares for', () => {
    const spec = { topologySpreadConstraints: [constraint] };
    const after = pod(1, { app: 'web' }, { ...spec, ...tolerant });
    expect(onItself!.hint!(after, pod(1, { app: 'web' }, spec), after)).toBe('Skip');
  });
});

describe('a node', () => {
  const whole = node({ zone: 'a', rack: 'x' });
  const part = node({ zone: 'a' });

  it.each<[string, Node | undefined, Node | undefined, string]>([
    ['comes with all keys', undefined, whole, 'Queue'],
    ['comes without one', undefined, part, 'Skip'],
    ['goes with all keys', whole, undefined, 'Queue'],
    ['goes without one', part, undefined, 'Skip'],
    ['gets the last key', part, whole, 'Queue'],
    ['loses a key', whole, part, 'Queue'],
    ['moves to another domain', whole, node({ zone: 'b', rack: 'x' }), 'Queue'],
    ['changes another label', whole, node({ zone: 'a', rack: 'x', disk: 'ssd' }), 'Skip'],
    ['moves, but lacks a key', part, node({ zone: 'b' }), 'Skip'],
    ['gets a taint', whole, node({ zone: 'a', rack: 'x' }, { taints: [{ key: 'k', effect: 'NoSchedule' }] }), 'Queue'],
  ])('%s', (_what, before, after, expected) => {
    expect(onNode!.hint!(waiting, before, after)).toBe(expected);
  });
});

it('registers the events of upstream', () => {
  expect([onPod, onItself, onNode].map((entry) => [entry!.event.resource, entry!.event.actions])).toEqual([
    // Add, Delete, UpdatePodLabel.
    ['AssignedPod', 1 + 2 + 512],
    // UpdatePodLabel, UpdatePodToleration.
    ['TargetPod', 512 + 4096],
    // Add, Delete, UpdateNodeLabel, UpdateNodeTaint.
    ['Node', 1 + 2 + 8 + 16],
  ]);
});
