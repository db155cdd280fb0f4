import { beforeEach, describe, expect, it } from 'vitest';
import type { Pod } from '../../api/core-v1.ts';
import { metadataWith } from '../../api/meta-v1.ts';
import { podWith } from '../../apiserver/pod-object.ts';
import { SchedulerFixture, podFrom } from '../../testing/scheduler-fixture.ts';
import { CycleState } from '../framework/cycle-state.ts';
import type { Status } from '../framework/status.ts';
import { codeNames } from '../framework/status.ts';

const name = 'PodTopologySpread';
const tooSkewed = "Unschedulable: node(s) didn't match pod topology spread constraints";
const lacksKey =
  "UnschedulableAndUnresolvable: node(s) didn't match pod topology spread constraints (missing required label)";
const web = { app: 'web' };
const selector = { matchLabels: web };

type Parts = Readonly<Record<string, unknown>>;

let fixture: SchedulerFixture;

function addObject(kind: string, name: string, spec: Parts): void {
  const apiVersion = kind === 'Service' || kind === 'ReplicationController' ? 'v1' : 'apps/v1';
  fixture.cluster.install({ apiVersion, kind, metadata: { name, namespace: 'default' }, spec });
}

/** Nodes by name with their labels; the hostname is the name. */
function nodes(labels: Readonly<Record<string, Record<string, string>>>): void {
  for (const [node, own] of Object.entries(labels)) {
    fixture.node(node, { labels: { 'kubernetes.io/hostname': node, ...own } });
  }
}

/** Matching pods on nodes. */
function podsOn(...names: readonly string[]): void {
  for (const node of names) fixture.bind(fixture.pod({}, { metadata: { labels: web } }), node);
}

function waiting(constraints: readonly Parts[], spec: Parts = {}, metadata: Parts = { labels: web }): Pod {
  const topologySpreadConstraints = constraints.map((constraint) => ({
    maxSkew: 1,
    topologyKey: 'zone',
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: selector,
    ...constraint,
  }));
  return fixture.pod({ topologySpreadConstraints, ...spec }, { metadata });
}

function verdicts(pod: Pod): Readonly<Record<string, string>> {
  return Object.fromEntries(fixture.verdicts(name, pod));
}

/** Code of PreFilter. */
function preFilter(pod: Pod): string {
  const status = fixture.plugin(name).preFilter!(new CycleState(), pod, fixture.nodes) as Status | undefined;
  return status === undefined ? 'Success' : codeNames[status.code];
}

beforeEach(() => {
  fixture = new SchedulerFixture();
});

describe('a hard constraint', () => {
  beforeEach(() => {
    nodes({ a1: { zone: 'A' }, a2: { zone: 'A' }, b1: { zone: 'B' } });
    podsOn('a1', 'a1', 'b1');
  });

  it('counts the pod itself and measures from the least domain', () => {
    expect(verdicts(waiting([{}]))).toEqual({ a1: tooSkewed, a2: tooSkewed, b1: 'ok' });
    expect(verdicts(waiting([{ maxSkew: 2 }]))).toEqual({ a1: 'ok', a2: 'ok', b1: 'ok' });
  });

  it('measures from an empty domain once there is one', () => {
    nodes({ c1: { zone: 'C' } });
    expect(verdicts(waiting([{}]))).toEqual({ a1: tooSkewed, a2: tooSkewed, b1: tooSkewed, c1: 'ok' });
  });

  it('does not count a pod that its own selector misses', () => {
    expect(verdicts(waiting([{}], {}, { labels: { app: 'db' } }))).toEqual({ a1: 'ok', a2: 'ok', b1: 'ok' });
  });

  it('takes the least count for 0 where there are fewer domains than minDomains', () => {
    const all = { a1: tooSkewed, a2: tooSkewed, b1: tooSkewed };
    expect(verdicts(waiting([{ minDomains: 3 }]))).toEqual(all);
    expect(verdicts(waiting([{ minDomains: 2 }]))).toEqual({ ...all, b1: 'ok' });
  });

  it('refuses a node without the label for good, and such a node makes no domain for other keys either', () => {
    nodes({ c1: { zone: 'C' } });
    nodes({ b2: { zone: 'B', rack: 'x' }, a3: { zone: 'A', rack: 'x' } });
    const found = verdicts(waiting([{}, { topologyKey: 'rack', maxSkew: 9 }]));
    // Of the zones only a3 and b2 count: both are empty.
    expect(found).toEqual({ a1: lacksKey, a2: lacksKey, b1: lacksKey, c1: lacksKey, a3: 'ok', b2: 'ok' });
  });

  it('counts neither pods that are being deleted nor those of other namespaces', () => {
    const leaving = { labels: web, deletionTimestamp: '2024-01-01T00:00:00Z' };
    fixture.bind(fixture.pod({}, { metadata: leaving }), 'b1');
    fixture.bind(fixture.pod({}, { metadata: { labels: web, namespace: 'other' } }), 'b1');
    expect(verdicts(waiting([{}]))['b1']).toBe('ok');
  });

  it('matches nothing without a selector, and counts nothing with an empty one', () => {
    const all = { a1: 'ok', a2: 'ok', b1: 'ok' };
    expect(verdicts(waiting([{ labelSelector: undefined }]))).toEqual(all);
    expect(verdicts(waiting([{ labelSelector: {} }]))).toEqual(all);
    // Though the pod counts itself.
    expect(verdicts(waiting([{ labelSelector: {}, minDomains: 3 }]))).toEqual(all);
    expect(preFilter(waiting([{ labelSelector: {} }]))).toBe('Success');
  });

  it('compares the values of matchLabelKeys that the pod has', () => {
    fixture.bind(fixture.pod({}, { metadata: { labels: { ...web, revision: '2' } } }), 'b1');
    const constraint = { matchLabelKeys: ['revision', 'missing'] };
    const second = waiting([constraint], {}, { labels: { ...web, revision: '2' } });
    expect(verdicts(second)).toEqual({ a1: 'ok', a2: 'ok', b1: tooSkewed });
    const third = waiting([constraint], {}, { labels: { ...web, revision: '3' } });
    expect(verdicts(third)).toEqual({ a1: 'ok', a2: 'ok', b1: 'ok' });
  });

  it('knows the labels of each pod of a template', () => {
    const constraint = { matchLabelKeys: ['revision'] };
    const first = waiting([constraint], {}, { labels: { ...web, revision: '1' } });
    const labels = { ...web, revision: '2' };
    const second = podWith(first, { metadata: metadataWith(first.metadata, { labels }) });
    fixture.bind(fixture.pod({}, { metadata: { labels } }), 'b1');
    expect(verdicts(first)['b1']).toBe('ok');
    expect(verdicts(second)['b1']).toBe(tooSkewed);
  });

  it('leaves out nodes of the wrong affinity, but judges them by the domain that they are in', () => {
    nodes({ c1: { zone: 'C', disk: 'hdd' }, d1: { zone: 'D', disk: 'ssd' } });
    podsOn('d1');
    const spec = { nodeSelector: { disk: 'ssd' } };
    // D alone counts, and has one pod: the others have none that counts.
    expect(verdicts(waiting([{}], spec))).toEqual({ a1: 'ok', a2: 'ok', b1: 'ok', c1: 'ok', d1: 'ok' });
    const ignoring = verdicts(waiting([{ nodeAffinityPolicy: 'Ignore' }], spec));
    expect(ignoring).toEqual({ a1: tooSkewed, a2: tooSkewed, b1: tooSkewed, c1: 'ok', d1: tooSkewed });
  });

  it('leaves out tainted nodes only where it is told to', () => {
    const taints = [{ key: 'k', effect: 'NoSchedule' }];
    fixture.node('c1', { labels: { zone: 'C' }, spec: { taints } });
    const tolerant = { tolerations: [{ key: 'k', operator: 'Exists' }] };
    expect(verdicts(waiting([{}]))['b1']).toBe(tooSkewed);
    expect(verdicts(waiting([{ nodeTaintsPolicy: 'Honor' }]))['b1']).toBe('ok');
    expect(verdicts(waiting([{ nodeTaintsPolicy: 'Honor' }], tolerant))['b1']).toBe(tooSkewed);
  });

  it('sees the pods that came since the last cycle', () => {
    const pod = waiting([{}]);
    expect(verdicts(pod)['b1']).toBe('ok');
    podsOn('b1', 'b1');
    expect(verdicts(pod)).toEqual({ a1: 'ok', a2: 'ok', b1: tooSkewed });
  });

  it('follows what-ifs, in which pods that are being deleted count too', () => {
    const plugin = fixture.plugin(name);
    const pod = waiting([{}]);
    const state = new CycleState();
    plugin.preFilter!(state, pod, fixture.nodes);
    const [a1, , b1] = fixture.nodes;
    const isOk = (node = a1!): boolean => plugin.filter!(state, pod, node) === undefined;
    const guest = podFrom(
      { metadata: { name: 'g', namespace: 'default', labels: web, deletionTimestamp: '2024-01-01T00:00:00Z' } },
      900,
    );
    const info = fixture.podInfos.podInfo(guest);
    expect([isOk(a1), isOk(b1)]).toEqual([false, true]);
    const copy = state.clone();
    plugin.addPod!(state, pod, info, b1!);
    expect([isOk(a1), isOk(b1)]).toEqual([true, true]);
    plugin.removePod!(state, pod, info, a1!);
    plugin.removePod!(state, pod, info, a1!);
    expect([isOk(a1), isOk(b1)]).toEqual([true, false]);
    expect(plugin.filter!(copy, pod, a1!)).toBeDefined();
  });

  it('is all that there is to filter: without one the plugin skips', () => {
    expect(preFilter(fixture.pod())).toBe('Skip');
    expect(preFilter(waiting([{ whenUnsatisfiable: 'ScheduleAnyway' }]))).toBe('Skip');
    expect(preFilter(waiting([{}]))).toBe('Success');
  });
});

describe('a soft constraint', () => {
  const soft = { whenUnsatisfiable: 'ScheduleAnyway' };

  it('prefers the emptier domain in proportion', () => {
    nodes({ a1: { zone: 'A' }, a2: { zone: 'A' }, b1: { zone: 'B' } });
    podsOn('a1', 'a1', 'b1');
    // Two zones: a pod costs ln 4; 2.77, 2.77 and 1.39 are rounded.
    expect(fixture.scores(name, waiting([soft]))).toEqual({ raw: [3, 3, 1], normalized: [33, 33, 100] });
  });

  it('adds maxSkew - 1 per constraint, and counts hosts by the feasible nodes', () => {
    nodes({ a: {}, b: {} });
    podsOn('a', 'a', 'a');
    const constraint = { ...soft, topologyKey: 'kubernetes.io/hostname', maxSkew: 4 };
    // 3 ln 4 + 3 = 7.16 and 3.
    expect(fixture.scores(name, waiting([constraint]))).toEqual({ raw: [7, 3], normalized: [42, 100] });
  });

  it('counts the domains of feasible nodes, and the pods of all nodes that the pod may go to', () => {
    nodes({ a: { zone: 'A', disk: 'ssd' }, a2: { zone: 'A', disk: 'ssd' }, a3: { zone: 'A' }, b: { zone: 'B' } });
    podsOn('a', 'a2', 'a2', 'a3', 'a3', 'a3', 'a3');
    const zone = waiting([soft], { nodeSelector: { disk: 'ssd' } });
    const host = waiting([{ ...soft, topologyKey: 'kubernetes.io/hostname' }]);
    const [a] = fixture.nodes;
    const rawOf = (pod: Pod): number => {
      const state = new CycleState();
      fixture.plugin(name).preScore!(state, pod, [a!]);
      return fixture.plugin(name).score!(state, pod, a!) as number;
    };
    // 3 ln 3 = 3.3: zone A alone, with the pods of a2, though it is full, and without those of a3.
    expect(rawOf(zone)).toBe(3);
    podsOn('a', 'a', 'a', 'a');
    // 5 ln 3 = 5.5; of four hosts it were 9.
    expect(rawOf(host)).toBe(5);
  });

  it('gives nodes without the label nothing, and leaves them out of the comparison', () => {
    nodes({ a: { zone: 'A' }, b: { zone: 'B' }, x: {} });
    podsOn('a', 'a', 'b', 'x', 'x', 'x', 'x');
    expect(fixture.scores(name, waiting([soft]))).toEqual({ raw: [3, 1, 0], normalized: [33, 100, 0] });
  });

  it('gives everybody 100 where nothing is spread', () => {
    nodes({ a: { zone: 'A' }, b: { zone: 'B' }, x: {} });
    expect(fixture.normalizedScores(name, waiting([soft]))).toEqual([100, 100, 0]);
  });

  it('is skipped where the pod names hard ones only', () => {
    nodes({ a: { zone: 'A' } });
    const owned = { labels: web, ownerReferences: [owner('apps/v1', 'ReplicaSet')] };
    addObject('ReplicaSet', 'owner', { selector });
    expect(fixture.scores(name, waiting([{}], {}, owned))).toBeUndefined();
    expect(fixture.scores(name, waiting([], {}, owned))).toBeDefined();
  });
});

function owner(apiVersion: string, kind: string): Parts {
  return { apiVersion, kind, name: 'owner', uid: 'u', controller: true };
}

describe('the constraints of the system', () => {
  const zone = 'topology.kubernetes.io/zone';
  const pod = (ownerReferences: readonly Parts[] = [], labels: Parts = web): Pod =>
    fixture.pod({}, { metadata: { labels, ownerReferences } });
  const add = (kind: string, spec: Parts): void => addObject(kind, 'owner', spec);

  beforeEach(() => {
    nodes({ a: { [zone]: 'A' }, b: { [zone]: 'B' }, x: {} });
    podsOn('a', 'a', 'a', 'a');
  });

  it('spread the pods of a Service over hosts and zones; a missing zone is one more of them', () => {
    add('Service', { selector: web });
    // Hosts: 4 ln 5 + 2 or 2. Zones: 4 ln 5 + 4, 4, or nothing for the node without a zone.
    expect(fixture.scores(name, pod())).toEqual({ raw: [19, 6, 2], normalized: [10, 78, 100] });
  });

  it('do not look at Services of other pods', () => {
    add('Service', { selector: { app: 'db' } });
    expect(fixture.scores(name, pod())).toBeUndefined();
  });

  it.each([
    ['apps/v1', 'ReplicaSet', { selector }],
    ['apps/v1', 'StatefulSet', { selector }],
    ['v1', 'ReplicationController', { selector: web }],
  ])('spread the pods of a %s %s', (apiVersion, kind, spec) => {
    const owned = pod([owner(apiVersion, kind)]);
    expect(fixture.scores(name, owned)).toBeUndefined();
    add(kind, spec);
    expect(fixture.rawScores(name, owned)).toEqual([19, 6, 2]);
  });

  it('spread neither bare pods nor those of other controllers', () => {
    add('ReplicaSet', { selector });
    expect(fixture.scores(name, pod())).toBeUndefined();
    expect(fixture.scores(name, pod([owner('batch/v1', 'Job')]))).toBeUndefined();
    expect(fixture.scores(name, pod([owner('extensions/v1beta1', 'ReplicaSet')]))).toBeUndefined();
    expect(fixture.scores(name, pod([{ ...owner('apps/v1', 'ReplicaSet'), controller: false }]))).toBeUndefined();
  });

  it('ask for what the Service and what the owner asks for', () => {
    add('Service', { selector: web });
    add('ReplicaSet', { selector: { ...selector, matchExpressions: [{ key: 'tier', operator: 'Exists' }] } });
    expect(fixture.rawScores(name, pod([owner('apps/v1', 'ReplicaSet')], { ...web, tier: 'front' }))).toEqual([
      6, 6, 2,
    ]);
  });
});

describe('the constraints of a configuration', () => {
  const configured = (args: Parts): SchedulerFixture =>
    new SchedulerFixture({
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      profiles: [{ pluginConfig: [{ name, args: { defaultingType: 'List', ...args } }] }],
    });
  const constraint = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };

  it('may be hard, and count for pods that name none', () => {
    fixture = configured({ defaultConstraints: [constraint] });
    expect(fixture.problems).toEqual([]);
    nodes({ a: { zone: 'A' }, b: { zone: 'B' } });
    podsOn('a');
    const pod = fixture.pod({}, { metadata: { labels: web } });
    expect(preFilter(pod)).toBe('Skip');
    addObject('Service', 's', { selector: web });
    expect(verdicts(pod)).toEqual({ a: tooSkewed, b: 'ok' });
    expect(preFilter(waiting([{ whenUnsatisfiable: 'ScheduleAnyway' }]))).toBe('Skip');
  });

  it('ignore nodes without the key, unlike those of the system', () => {
    fixture = configured({ defaultConstraints: [{ ...constraint, whenUnsatisfiable: 'ScheduleAnyway' }] });
    nodes({ a: { zone: 'A' }, b: { zone: 'B' }, x: {} });
    podsOn('a');
    addObject('Service', 's', { selector: web });
    const pod = fixture.pod({}, { metadata: { labels: web } });
    expect(fixture.scores(name, pod)).toEqual({ raw: [1, 0, 0], normalized: [0, 100, 0] });
  });

  it('are none with an empty list', () => {
    fixture = configured({});
    addObject('Service', 's', { selector: web });
    nodes({ a: { zone: 'A' } });
    expect(fixture.scores(name, fixture.pod({}, { metadata: { labels: web } }))).toBeUndefined();
  });

  it.each([
    [
      { defaultingType: 'System', defaultConstraints: [constraint] },
      ['defaultingType: Invalid value: "System": when .defaultConstraints are not empty'],
    ],
    [{ defaultingType: 'Some' }, ['defaultingType: Unsupported value: "Some": supported values: "System", "List"']],
    [
      { defaultConstraints: [{ ...constraint, maxSkew: 0 }] },
      ['defaultConstraints[0].maxSkew: Invalid value: 0: not in valid range (0, inf)'],
    ],
    [
      { defaultConstraints: [{ maxSkew: 1 }] },
      [
        'defaultConstraints[0].topologyKey: Required value: can not be empty',
        'defaultConstraints[0].whenUnsatisfiable: Required value: can not be empty',
      ],
    ],
    [
      { defaultConstraints: [{ ...constraint, whenUnsatisfiable: 'Never' }] },
      [
        'defaultConstraints[0].whenUnsatisfiable: Unsupported value: "Never": supported values: "DoNotSchedule", ' +
          '"ScheduleAnyway"',
      ],
    ],
    [
      { defaultConstraints: [{ ...constraint, labelSelector: {} }] },
      [
        'defaultConstraints[0].labelSelector: Forbidden: constraint must not define a selector, as they deduced for ' +
          'each pod',
      ],
    ],
    [
      { defaultConstraints: [constraint, { ...constraint, maxSkew: 2 }] },
      ['defaultConstraints[1]: Duplicate value: "{zone, DoNotSchedule}"'],
    ],
    [{ defaultConstraints: [constraint, { ...constraint, whenUnsatisfiable: 'ScheduleAnyway' }] }, []],
    [{ defaultConstraint: [] }, ['defaultConstraint: unknown field']],
  ])('are checked: %j', (args, expected) => {
    const messages = configured(args).problems.map(({ message }) =>
      message.replace('profiles[0].pluginConfig[0].args.', ''),
    );
    expect(messages).toHaveLength(expected.length);
    for (const [at, text] of expected.entries()) expect(messages[at]).toContain(text);
  });
});
