import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '../../api/core-v1.ts';
import { SchedulerFixture, nodeFrom } from '../../testing/scheduler-fixture.ts';
import type { QueueingHint } from '../framework/cluster-event.ts';
import { normalizeBetweenExtremes } from './inter-pod-affinity-scores.ts';

type Kind = 'podAffinity' | 'podAntiAffinity';
type Labels = Readonly<Record<string, string>>;

const plugin = 'InterPodAffinity';
const web = { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'web' } } };
const noCompany = "UnschedulableAndUnresolvable: node(s) didn't match pod affinity rules";
const refusedByOwn = "Unschedulable: node(s) didn't match pod anti-affinity rules";
const refusedByOthers = "Unschedulable: node(s) didn't satisfy existing pods anti-affinity rules";

const requiring = (kind: Kind, ...terms: readonly object[]): Record<string, unknown> => ({
  affinity: { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
});
const preferring = (kind: Kind, weight: number, podAffinityTerm: object): Record<string, unknown> => ({
  affinity: { [kind]: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm }] } },
});

/** Nodes a1 and a2 in zone a, b1 in zone b, c1 in none. */
function cluster(args: object = {}): SchedulerFixture {
  const fixture = new SchedulerFixture({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    profiles: [{ pluginConfig: [{ name: plugin, args }] }],
  });
  for (const [name, labels] of [
    ['a1', { zone: 'a' }],
    ['a2', { zone: 'a' }],
    ['b1', { zone: 'b' }],
    ['c1', {}],
  ] as const) {
    fixture.node(name, { labels });
  }
  return fixture;
}

/** A pod with these labels, in the namespace `default` unless told. */
function labelled(fixture: SchedulerFixture, labels: Labels, spec: Record<string, unknown> = {}): Pod {
  return fixture.pod(spec, { metadata: { labels } });
}

function verdictsOf(fixture: SchedulerFixture, pod: Pod): Record<string, string> {
  return Object.fromEntries(fixture.verdicts(plugin, pod));
}

describe('required affinity', () => {
  it('wants a matching pod in the domain, and the key on the node', () => {
    const fixture = cluster();
    fixture.bind(labelled(fixture, { app: 'web' }), 'a1');
    const verdicts = verdictsOf(fixture, fixture.pod(requiring('podAffinity', web)));
    expect(verdicts).toEqual({ a1: 'ok', a2: 'ok', b1: noCompany, c1: noCompany });
  });

  it('lets the first pod of a group start on any node with the key, and no other pod', () => {
    const fixture = cluster();
    const first = labelled(fixture, { app: 'web' }, requiring('podAffinity', web));
    expect(verdictsOf(fixture, first)).toEqual({ a1: 'ok', a2: 'ok', b1: 'ok', c1: noCompany });
    const stranger = fixture.pod(requiring('podAffinity', web));
    expect(new Set(fixture.verdicts(plugin, stranger).values())).toEqual(new Set([noCompany]));
  });

  it('counts only a pod that all terms mean, whichever domain each term looks at', () => {
    const fixture = cluster();
    const back = { topologyKey: 'zone', labelSelector: { matchLabels: { tier: 'back' } } };
    fixture.bind(labelled(fixture, { app: 'web' }), 'a1');
    fixture.bind(labelled(fixture, { tier: 'back' }), 'a1');
    const pod = fixture.pod(requiring('podAffinity', web, back));
    expect(verdictsOf(fixture, pod)['a1']).toBe(noCompany);
    fixture.bind(labelled(fixture, { app: 'web', tier: 'back' }), 'a2');
    expect(verdictsOf(fixture, pod)['a1']).toBe('ok');
  });

  it('does not look at matchLabelKeys: the API server has merged them into the selector', () => {
    const fixture = cluster();
    fixture.bind(labelled(fixture, { app: 'web', version: '1' }), 'a1');
    const spec = requiring('podAffinity', { ...web, matchLabelKeys: ['version'], mismatchLabelKeys: ['app'] });
    expect(verdictsOf(fixture, labelled(fixture, { app: 'web', version: '2' }, spec))['a2']).toBe('ok');
  });
});

describe('anti-affinity', () => {
  it('keeps a pod out of the domains of those that it does not want; a node without the key is free', () => {
    const fixture = cluster();
    fixture.bind(labelled(fixture, { app: 'web' }), 'a1');
    const verdicts = verdictsOf(fixture, fixture.pod(requiring('podAntiAffinity', web)));
    expect(verdicts).toEqual({ a1: refusedByOwn, a2: refusedByOwn, b1: 'ok', c1: 'ok' });
  });

  it('is mutual: a running pod keeps out those that it does not want', () => {
    const fixture = cluster();
    fixture.bind(fixture.pod(requiring('podAntiAffinity', web)), 'a1');
    const verdicts = verdictsOf(fixture, labelled(fixture, { app: 'web' }));
    expect(verdicts).toEqual({ a1: refusedByOthers, a2: refusedByOthers, b1: 'ok', c1: 'ok' });
    expect(new Set(fixture.verdicts(plugin, labelled(fixture, { app: 'db' })).values())).toEqual(new Set(['Skip: ']));
  });
});

describe('namespaces of a term', () => {
  const inNamespace = (extra: object, known: readonly string[] = ['other']): string => {
    const fixture = cluster();
    for (const name of known)
      fixture.cluster.install({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { env: 'prod' } } });
    fixture.bind(fixture.pod({}, { metadata: { namespace: 'other', labels: { app: 'web' } } }), 'a1');
    return verdictsOf(fixture, fixture.pod(requiring('podAntiAffinity', { ...web, ...extra })))['a1']!;
  };

  it.each([
    ['neither list nor selector: the pod’s own', {}, 'ok'],
    ['a list', { namespaces: ['other'] }, refusedByOwn],
    ['the empty selector: all', { namespaceSelector: {} }, refusedByOwn],
    ['a selector', { namespaceSelector: { matchLabels: { env: 'prod' } } }, refusedByOwn],
    ['a selector of others', { namespaceSelector: { matchLabels: { env: 'dev' } } }, 'ok'],
  ])('%s', (_name, extra, verdict) => {
    expect(inNamespace(extra)).toBe(verdict);
  });

  it('that is not known: selected by the empty selector only', () => {
    const isNotDev = { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['dev'] }] };
    expect(inNamespace({ namespaceSelector: isNotDev }, [])).toBe('ok');
    expect(inNamespace({ namespaceSelector: {} }, [])).toBe(refusedByOwn);
  });
});

describe('scores', () => {
  it('add the weights of own preferences for each pod in the domain', () => {
    const fixture = cluster();
    fixture.bind(labelled(fixture, { app: 'web' }), 'a1');
    fixture.bind(labelled(fixture, { app: 'web' }), 'b1');
    fixture.bind(labelled(fixture, { app: 'web' }), 'a2');
    const pod = fixture.pod(preferring('podAffinity', 10, web));
    expect(nodeScores(fixture, pod)).toEqual({ a1: 20, a2: 20, b1: 10, c1: 0 });
    expect(nodeScores(fixture, fixture.pod(preferring('podAntiAffinity', 10, web)))).toMatchObject({ a1: -20, c1: 0 });
  });

  it('add what running pods prefer, and require, of the pod that comes', () => {
    const spread = { hardPodAffinityWeight: 5 };
    const fixture = cluster(spread);
    fixture.bind(labelled(fixture, { app: 'web' }, requiring('podAffinity', web)), 'a1');
    fixture.bind(fixture.pod(preferring('podAntiAffinity', 8, web)), 'b1');
    expect(nodeScores(fixture, labelled(fixture, { app: 'web' }))).toEqual({ a1: 5, a2: 5, b1: -8, c1: 0 });
  });

  it('are skipped where nobody has a preference, and where those of running pods are to be ignored', () => {
    const fixture = cluster({ ignorePreferredTermsOfExistingPods: true });
    fixture.bind(fixture.pod(preferring('podAntiAffinity', 8, web)), 'b1');
    const pod = labelled(fixture, { app: 'web' });
    expect(fixture.scores(plugin, pod)).toBeUndefined();
    expect(cluster().scores(plugin, pod)).toBeUndefined();
    // A pod with preferences of its own counts theirs as well.
    const choosy = labelled(fixture, { app: 'web' }, preferring('podAffinity', 1, web));
    expect(nodeScores(fixture, choosy)).toMatchObject({ b1: -8 });
  });

  // Reference section 4: raw -10, 0, 30 gives 0, 25, 100; 100 * (29 / 100) is 28.999... in float64, truncated.
  it.each([
    [
      [-10, 0, 30],
      [0, 25, 100],
    ],
    [
      [5, 5],
      [0, 0],
    ],
    [
      [0, 7, 25],
      [0, 28, 100],
    ],
    [
      [0, 29, 100],
      [0, 28, 100],
    ],
    [[], []],
  ])('%j are spread to %j', (raw, normalized) => {
    const scores = Float64Array.from(raw);
    normalizeBetweenExtremes(scores);
    expect([...scores]).toEqual(normalized);
  });
});

function nodeScores(fixture: SchedulerFixture, pod: Pod): Record<string, number> {
  const raw = fixture.rawScores(plugin, pod);
  return Object.fromEntries(fixture.nodes.map(({ name }, at) => [name, raw[at]!]));
}

describe('queueing hints', () => {
  const fixture = cluster();
  const lover = fixture.pod(requiring('podAffinity', web));
  const hater = fixture.pod(requiring('podAntiAffinity', web, { ...web, labelSelector: { matchLabels: { x: 'y' } } }));
  const on = (labels: Labels, spec: Record<string, unknown> = {}): Pod =>
    labelled(fixture, labels, { nodeName: 'a1', ...spec });
  const hint = (
    resource: string,
    pod: Pod,
    before: Pod | Node | undefined,
    after: Pod | Node | undefined,
  ): QueueingHint =>
    fixture.plugin(plugin).eventsToRegister!().find(({ event }) => event.resource === resource)!.hint!(
      pod,
      before,
      after,
    );

  it('of a pod that comes: queue those that all terms of wait for it', () => {
    expect(hint('AssignedPod', lover, undefined, on({ app: 'web' }))).toBe('Queue');
    expect(hint('AssignedPod', lover, undefined, on({ app: 'db' }))).toBe('Skip');
    expect(hint('AssignedPod', hater, undefined, on({ app: 'web' }))).toBe('Skip');
    expect(hint('AssignedPod', lover, undefined, labelled(fixture, { app: 'web' }))).toBe('Skip');
  });

  it('of a pod that goes: queue those that minded it, one term being enough, and those that it minded', () => {
    expect(hint('AssignedPod', hater, on({ app: 'web' }), undefined)).toBe('Queue');
    expect(hint('AssignedPod', lover, on({ app: 'web' }), undefined)).toBe('Skip');
    const guard = on({}, requiring('podAntiAffinity', web));
    expect(hint('AssignedPod', labelled(fixture, { app: 'web' }), guard, undefined)).toBe('Queue');
    expect(hint('AssignedPod', labelled(fixture, { app: 'db' }), guard, undefined)).toBe('Skip');
  });

  it('of new labels: queue those that they please now', () => {
    expect(hint('AssignedPod', lover, on({}), on({ app: 'web' }))).toBe('Queue');
    expect(hint('AssignedPod', lover, on({ app: 'web' }), on({ app: 'web', x: 'y' }))).toBe('Skip');
    expect(hint('AssignedPod', hater, on({ app: 'web' }), on({}))).toBe('Queue');
    expect(hint('AssignedPod', hater, on({ app: 'web', x: 'y' }), on({ app: 'web' }))).toBe('Skip');
    expect(hint('TargetPod', hater, hater, hater)).toBe('Queue');
  });

  it('of a node: a new key or value', () => {
    const node = (labels: Labels): Node => nodeFrom({ metadata: { name: 'n', labels } });
    const outcomes = (pod: Pod): readonly QueueingHint[] => [
      hint('Node', pod, undefined, node({})),
      hint('Node', pod, undefined, node({ zone: 'a' })),
      hint('Node', pod, node({}), node({ zone: 'a' })),
      hint('Node', pod, node({ zone: 'a' }), node({ zone: 'b' })),
      hint('Node', pod, node({ zone: 'a' }), node({})),
      hint('Node', pod, node({ zone: 'a' }), node({ zone: 'a', rack: 'x' })),
    ];
    expect(outcomes(lover)).toEqual(['Skip', 'Queue', 'Queue', 'Queue', 'Skip', 'Skip']);
    expect(outcomes(hater)).toEqual(['Queue', 'Queue', 'Skip', 'Queue', 'Queue', 'Skip']);
  });
});
