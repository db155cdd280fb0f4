import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '../../api/core-v1.ts';
import { NaivePodAffinity } from '../../testing/naive-pod-affinity.ts';
import type { NaivePod, NaivePreference, NaiveSelector, NaiveTerm } from '../../testing/naive-pod-affinity.ts';
import { SchedulerFixture, verdictText } from '../../testing/scheduler-fixture.ts';
import { CycleState } from '../framework/cycle-state.ts';
import { isSkip } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';

const plugin = 'InterPodAffinity';
const hardPodAffinityWeight = 7;
const namespaces = new Map([
  ['default', { env: 'prod' }],
  ['team-a', { env: 'dev' }],
]);

const selectors: readonly (NaiveSelector | undefined)[] = [
  undefined,
  {},
  { matchLabels: { app: 'web' } },
  { matchLabels: { app: 'db' } },
  { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] },
  { matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'db'] }] },
  { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
  { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
];
const namespaceSelectors: readonly (NaiveSelector | undefined)[] = [
  undefined,
  undefined,
  {},
  { matchLabels: { env: 'prod' } },
  { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['prod'] }] },
];
const topologyKeys = ['host', 'zone', 'rack'];
const namespaceLists = [[], [], ['default'], ['team-a', 'nowhere']];
const terms: readonly NaiveTerm[] = topologyKeys.flatMap((topologyKey) =>
  selectors.flatMap((labelSelector) =>
    namespaceLists.flatMap((list) =>
      namespaceSelectors.map((namespaceSelector) => ({
        topologyKey,
        labelSelector,
        namespaces: list,
        namespaceSelector,
      })),
    ),
  ),
);
const term = fc.constantFrom(...terms);
const preference: fc.Arbitrary<NaivePreference> = fc.record({
  weight: fc.integer({ min: 1, max: 100 }),
  podAffinityTerm: term,
});
const podOf = (maxTerms: number, maxPreferences: number): fc.Arbitrary<NaivePod> =>
  fc.record({
    // No manifest tells of the namespace "nowhere".
    namespace: fc.constantFrom('default', 'default', 'team-a', 'nowhere'),
    labels: fc.constantFrom({}, { app: 'web' }, { app: 'db' }, { app: 'web', tier: 'front' }),
    affinity: fc.array(term, { maxLength: maxTerms }),
    antiAffinity: fc.array(term, { maxLength: maxTerms }),
    likes: fc.array(preference, { maxLength: maxPreferences }),
    dislikes: fc.array(preference, { maxLength: maxPreferences }),
  });
const node = fc.constantFrom<Readonly<Record<string, string>>>(
  {},
  { zone: 'a' },
  { zone: 'b' },
  { zone: 'a', rack: 'x' },
  { zone: 'b', rack: 'x' },
  { rack: 'y' },
);
const worldOf = (maxTerms: number, maxPreferences: number): fc.Arbitrary<World> =>
  fc.record({
    nodes: fc.array(node, { minLength: 1, maxLength: 4 }),
    placed: fc.array(fc.record({ pod: podOf(1, maxPreferences), at: fc.nat(3) }), { maxLength: 4 }),
    pod: podOf(maxTerms, maxPreferences),
  });

interface World {
  readonly nodes: readonly Readonly<Record<string, string>>[];
  readonly placed: readonly { readonly pod: NaivePod; readonly at: number }[];
  readonly pod: NaivePod;
}

/** One real cache and framework for all worlds: each is built in it and taken down again. */
class Stage {
  readonly fixture = new SchedulerFixture({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    profiles: [{ pluginConfig: [{ name: plugin, args: { hardPodAffinityWeight } }] }],
  });

  constructor() {
    for (const [name, labels] of namespaces)
      this.fixture.cluster.install({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  }

  /** @param skipLast leaves the last placed pod out of the cluster; it is built all the same. */
  play(
    world: World,
    look: (naive: NaivePodAffinity, pod: Pod, placed: readonly Pod[]) => void,
    skipLast = false,
  ): void {
    const { cache } = this.fixture;
    const labels = world.nodes.map((own, at) => ({ ...own, host: `n${at}` }));
    const nodes: Node[] = labels.map((own, at) => this.fixture.node(`n${at}`, { labels: own }));
    const homes = world.placed.map(({ at }) => at % nodes.length);
    const placed = world.placed.map(({ pod }, at) => {
      const made = this.makePod(pod, `n${homes[at]}`);
      if (!skipLast || at < world.placed.length - 1) cache.addPod(made);
      return made;
    });
    const naive = new NaivePodAffinity(
      world.placed.map(({ pod }, at) => ({ ...pod, node: labels[homes[at]!]! })),
      namespaces,
    );
    try {
      look(naive, this.makePod(world.pod, ''), placed);
    } finally {
      for (const pod of placed) cache.removePod(pod);
      for (const node of nodes) cache.removeNode(node);
    }
  }

  private makePod({ namespace, labels, affinity, antiAffinity, likes, dislikes }: NaivePod, nodeName: string): Pod {
    const rules = (required: readonly NaiveTerm[], preferred: readonly NaivePreference[]): object => ({
      requiredDuringSchedulingIgnoredDuringExecution: required,
      preferredDuringSchedulingIgnoredDuringExecution: preferred,
    });
    const affinities = { podAffinity: rules(affinity, likes), podAntiAffinity: rules(antiAffinity, dislikes) };
    return this.fixture.pod({ affinity: affinities, nodeName }, { metadata: { namespace, labels } });
  }
}

describe('InterPodAffinity and a naive implementation as sets', () => {
  const stage = new Stage();
  const { fixture } = stage;
  const labelsOf = (name: string): Readonly<Record<string, string>> => fixture.cache.get(name)!.node!.metadata.labels;

  it('refuse the same nodes of 10,000 clusters with the same words', () => {
    const seen = new Map<string, number>();
    const property = fc.property(worldOf(2, 0), (world) => {
      stage.play(world, (naive, pod) => {
        const found = [...fixture.verdicts(plugin, pod)].map(
          ([name, text]) => `${name} ${text.replace('Skip: ', 'ok')}`,
        );
        const expected = fixture.nodes.map(({ name }) => `${name} ${naive.verdict(world.pod, labelsOf(name))}`);
        if (found.join() !== expected.join()) expect(found).toEqual(expected);
        for (const line of expected) seen.set(line.slice(3), (seen.get(line.slice(3)) ?? 0) + 1);
      });
    });
    fc.assert(property, { numRuns: 10_000 });
    // Every verdict occurs often enough for the agreement to mean something.
    expect(Math.min(...seen.values())).toBeGreaterThan(500);
    expect(seen.size).toBe(4);
  }, 120_000);

  it('give the same scores in 1,000 clusters', () => {
    const property = fc.property(worldOf(0, 2), (world) => {
      stage.play(world, (naive, pod) => {
        const scores = fixture.scores(plugin, pod) as { readonly raw: readonly number[] } | undefined;
        const expected = fixture.nodes.map(({ name }) => naive.score(world.pod, labelsOf(name), hardPodAffinityWeight));
        expect(scores?.raw ?? expected.map(() => 0)).toEqual(expected);
      });
    });
    fc.assert(property, { numRuns: 1000 });
  }, 120_000);

  it('agree after a what-if has added a pod, and after it has removed it again', () => {
    const property = fc.property(worldOf(2, 0), (world) => {
      if (world.placed.length === 0) return;
      const lines: string[][] = [];
      const whole = (state: CycleState, pod: Pod): string[] =>
        fixture.nodes.map((entry) => verdictText(fixture.plugin(plugin).filter!(state, pod, entry)));
      stage.play(world, (naive) => {
        lines.push(fixture.nodes.map(({ name }) => naive.verdict(world.pod, labelsOf(name))));
      });
      const without = { ...world, placed: world.placed.slice(0, -1) };
      stage.play(without, (naive) => {
        lines.push(fixture.nodes.map(({ name }) => naive.verdict(world.pod, labelsOf(name))));
      });
      const look = (_naive: NaivePodAffinity, pod: Pod, placed: readonly Pod[]): void => {
        const entry = fixture.plugin(plugin);
        const state = new CycleState();
        if (isSkip(entry.preFilter!(state, pod, fixture.nodes) as Status | undefined)) return;
        const guest = fixture.podInfos.podInfo(placed.at(-1)!);
        const home = fixture.cache.get(guest.pod.spec.nodeName)!;
        const copy = state.clone();
        entry.addPod!(copy, pod, guest, home);
        expect(whole(copy, pod)).toEqual(lines[0]);
        expect(whole(state, pod)).toEqual(lines[1]);
        entry.removePod!(copy, pod, guest, home);
        expect(whole(copy, pod)).toEqual(lines[1]);
      };
      stage.play(world, look, true);
    });
    fc.assert(property, { numRuns: 1000 });
  }, 120_000);
});
