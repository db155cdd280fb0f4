import assert from 'node:assert';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindSpec, podWith } from '../apiserver/pod-object.ts';
import type { Pod } from '../api/core-v1.ts';
import { SchedulerFixture, nodeFrom, testRegistry } from '../testing/scheduler-fixture.ts';
import { SchedulingAlgorithm } from './algorithm.ts';
import type { TieBreak } from './select-host.ts';
import type { PluginDefinition, PluginRegistry } from './framework/define-plugin.ts';
import { fitErrorMessage } from './framework/fit-error.ts';

/** The same plugins, each asked anew about every node for every pod. */
function forgetfulRegistry(): PluginRegistry {
  const forget = (definition: PluginDefinition): PluginDefinition => ({
    ...definition,
    create: (args, handle) =>
      Object.defineProperty(definition.create(args, handle), 'isNodeLocal', { value: undefined }),
  });
  return new Map([...testRegistry()].map(([name, definition]) => [name, forget(definition)]));
}

type Step =
  | { readonly type: 'schedule'; readonly template: number }
  | { readonly type: 'remove'; readonly pod: number }
  | { readonly type: 'nominate'; readonly template: number; readonly node: number }
  | { readonly type: 'change'; readonly node: number; readonly cpu: number; readonly look: number };

const looks = [
  { spec: {} },
  { spec: { unschedulable: true } },
  { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } },
  { spec: { taints: [{ key: 'a', effect: 'PreferNoSchedule' }] } },
  { labels: { disk: 'ssd' } },
];

const templates = [
  { requests: { cpu: '1', memory: '1Gi' }, spec: {} },
  { requests: { cpu: '2' }, spec: { tolerations: [{ key: 'a', operator: 'Exists' }] } },
  { requests: {}, spec: { nodeSelector: { disk: 'ssd' } } },
  { requests: { memory: '3Gi' }, spec: { priority: 5 } },
];

/** A cluster, and what comes of each step on it. */
class World {
  private readonly fixture: SchedulerFixture;
  private readonly algorithm: SchedulingAlgorithm;
  private readonly templates: readonly Pod[];
  private readonly placed: Pod[] = [];
  private readonly nodes = new Map<number, ReturnType<typeof nodeFrom>>();
  private lastUid = 1000;

  constructor(registry: PluginRegistry, config: unknown, tieBreak: TieBreak) {
    this.fixture = new SchedulerFixture(config, registry);
    assert.equal(this.fixture.problems.length, 0);
    this.algorithm = new SchedulingAlgorithm(this.fixture.cache, { tieBreak, percentageOfNodesToScore: 0 });
    this.templates = templates.map(({ requests, spec }) => this.fixture.podWithRequests(requests, spec));
    for (let at = 0; at < 5; at++) this.change(at, 4, 0);
  }

  run(step: Step): string {
    if (step.type === 'schedule') return this.schedule(step.template);
    if (step.type === 'change') return this.change(step.node, step.cpu, step.look);
    if (step.type === 'nominate') {
      const info = this.fixture.podInfos.podInfo(this.newPod(step.template));
      this.fixture.nominator.set(info, `node-${step.node}`);
      return '';
    }
    const [pod] = this.placed.splice(step.pod % Math.max(1, this.placed.length), 1);
    if (pod !== undefined) this.fixture.cache.removePod(pod);
    return '';
  }

  private newPod(template: number): Pod {
    const { metadata, spec, status } = this.templates[template]!;
    const uid = ++this.lastUid;
    return { ...this.templates[template]!, metadata: { ...metadata, uid, name: `pod-${uid}` }, spec, status };
  }

  private schedule(template: number): string {
    const pod = this.newPod(template);
    const result = this.algorithm.schedulePod(this.fixture.framework, pod);
    if (result.type !== 'node') {
      return result.type === 'unschedulable'
        ? fitErrorMessage(this.fixture.cache.nodes, result.diagnosis, '')
        : result.type;
    }
    const bound = podWith(pod, { spec: bindSpec(pod.spec, result.node.name) });
    this.placed.push(bound);
    this.fixture.cache.assumePod(this.fixture.podInfos.podInfo(bound));
    return `${result.node.name} ${result.score} ${result.ties}`;
  }

  private change(at: number, cpu: number, look: number): string {
    const { spec = {}, labels = {} } = looks[look]!;
    const status = { allocatable: { cpu: String(cpu), memory: '8Gi', pods: '6' } };
    const node = nodeFrom({ metadata: { name: `node-${at}`, labels }, spec, status });
    const before = this.nodes.get(at);
    if (before === undefined) this.fixture.cache.addNode(node);
    else this.fixture.cache.updateNode(before, node);
    this.nodes.set(at, node);
    return '';
  }
}

const below = (max: number): fc.Arbitrary<number> => fc.nat({ max: max - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('schedule' as const), template: below(templates.length) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('remove' as const), pod: below(100) }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('nominate' as const), template: below(templates.length), node: below(5) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('change' as const),
      node: below(5),
      cpu: below(8),
      look: below(looks.length),
    }),
  },
);

/** Every score is a node's own and is not normalized. */
const plainProfile = {
  apiVersion: 'kubescheduler.config.k8s.io/v1',
  kind: 'KubeSchedulerConfiguration',
  profiles: [
    {
      plugins: {
        multiPoint: {
          disabled: [{ name: '*' }],
          enabled: ['PrioritySort', 'NodeResourcesFit', 'NodeUnschedulable', 'DefaultBinder'].map((name) => ({ name })),
        },
        filter: { enabled: [{ name: 'NodeAffinity' }, { name: 'TaintToleration' }] },
        preFilter: { enabled: [{ name: 'NodeAffinity' }] },
      },
    },
  ],
};

describe('what is remembered of nodes', () => {
  it.each([
    ['the default profile', undefined, 'lowest-name'],
    ['a profile of plain scores, ties by name', plainProfile, 'lowest-name'],
    ['a profile of plain scores, the first of the best', plainProfile, 'first'],
    ['a profile of plain scores, one of the best', plainProfile, 'uniform'],
    ['a profile of plain scores, that on top of the heap', plainProfile, 'heap'],
  ] as const)('decides as if every plugin were asked about every node for every pod: %s', (_name, config, tieBreak) => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
        const quick = new World(testRegistry(), config, tieBreak);
        const slow = new World(forgetfulRegistry(), config, tieBreak);
        for (const each of steps) expect(quick.run(each)).toBe(slow.run(each));
      }),
      { numRuns: 100 },
    );
  });

  it('is asked for once while the account of a node stays as it is', () => {
    const fixture = new SchedulerFixture();
    fixture.node('a');
    fixture.node('b');
    const fit = fixture.plugin('NodeResourcesFit');
    const asked: string[] = [];
    const filter = fit.filter!.bind(fit);
    fit.filter = (state, pod, node) => {
      asked.push(node.name);
      return filter(state, pod, node);
    };
    const algorithm = new SchedulingAlgorithm(fixture.cache, {
      tieBreak: 'lowest-name',
      percentageOfNodesToScore: 100,
    });
    const pod = fixture.podWithRequests({ cpu: '1' });
    algorithm.schedulePod(fixture.framework, pod);
    algorithm.schedulePod(fixture.framework, pod);
    fixture.bind(fixture.podWithRequests({ cpu: '1' }), 'b');
    algorithm.schedulePod(fixture.framework, pod);
    expect(asked).toEqual(['a', 'b', 'b']);
  });
});
