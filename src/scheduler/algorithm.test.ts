import { describe, expect, it } from 'vitest';
import { RandomStream } from '../engine/random.ts';
import { SchedulerFixture, testRegistry } from '../testing/scheduler-fixture.ts';
import { SchedulingAlgorithm, bestNodes, feasibleNodesToFind, heapWinner, selectTied } from './algorithm.ts';
import type { AlgorithmOptions } from './algorithm.ts';
import { definePlugin } from './framework/define-plugin.ts';
import { errorStatus, unschedulable } from './framework/status.ts';

const options: AlgorithmOptions = { tieBreak: 'first', percentageOfNodesToScore: 0 };

it.each([
  // nodes, percentage (0 = adaptive), feasible nodes wanted
  [99, 0, 99],
  [100, 0, 100],
  [250, 0, 120],
  [300, 0, 144],
  [1000, 0, 420],
  [2500, 0, 750],
  [5000, 0, 500],
  [6000, 0, 300],
  [1000, 30, 300],
  [1000, 5, 100],
  [1000, 100, 1000],
])('of %i nodes at %i percent, %i feasible ones are enough', (nodes, percentage, wanted) => {
  expect(feasibleNodesToFind(percentage, nodes)).toBe(wanted);
});

describe('the search', () => {
  const fixture = new SchedulerFixture();
  for (let at = 0; at < 250; at++) fixture.node(`n${String(at).padStart(3, '0')}`);
  const algorithm = new SchedulingAlgorithm(fixture.cache, options);

  it('stops when enough nodes are feasible, and the next pod begins where it stopped', () => {
    const first = algorithm.schedulePod(fixture.framework, fixture.pod());
    // 120 are wanted; the 121st feasible one ends the search and is neither kept nor counted.
    expect(first).toMatchObject({ type: 'node', feasibleNodes: 120, evaluatedNodes: 121, ties: 120 });
    expect(algorithm.startNodeIndex).toBe(120);
    const second = algorithm.schedulePod(fixture.framework, fixture.pod());
    expect(second).toMatchObject({ type: 'node', node: { name: 'n120' } });
    expect(algorithm.startNodeIndex).toBe(240);
    algorithm.schedulePod(fixture.framework, fixture.pod());
    expect(algorithm.startNodeIndex).toBe(110);
  });

  it('looks at all nodes when none fits, and comes back to its start', () => {
    const start = algorithm.startNodeIndex;
    const result = algorithm.schedulePod(fixture.framework, fixture.podWithRequests({ cpu: '99' }));
    expect(result).toMatchObject({ type: 'unschedulable', evaluatedNodes: 250, feasibleNodes: 0 });
    expect(algorithm.startNodeIndex).toBe(start);
  });

  it('looks only at the nodes that PreFilter names', () => {
    const result = algorithm.schedulePod(fixture.framework, fixture.pod({ nodeName: 'n200' }));
    expect(result).toMatchObject({ type: 'node', node: { name: 'n200' }, evaluatedNodes: 1, score: 0 });
  });

  it('blames only the plugin that refuses the pod at PreFilter, not one that named nodes before', () => {
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'none' } }];
    const result = algorithm.schedulePod(fixture.framework, fixture.pod({ nodeName: 'n200', volumes }));
    expect(result).toMatchObject({ type: 'unschedulable', evaluatedNodes: 0 });
    const plugins = result.type === 'unschedulable' ? [...result.diagnosis.unschedulablePlugins] : [];
    expect(plugins).toEqual(['VolumeRestrictions']);
  });

  it('takes a nominated node that passes without looking at others', () => {
    const start = algorithm.startNodeIndex;
    const pod = fixture.pod({}, { status: { nominatedNodeName: 'n007' } });
    expect(algorithm.schedulePod(fixture.framework, pod)).toMatchObject({ node: { name: 'n007' }, evaluatedNodes: 1 });
    expect(algorithm.startNodeIndex).toBe(start);
  });

  it('has a result of its own for a cluster without nodes', () => {
    const empty = new SchedulerFixture();
    expect(new SchedulingAlgorithm(empty.cache, options).schedulePod(empty.framework, empty.pod()).type).toBe(
      'no-nodes',
    );
  });
});

describe('plugins that fail', () => {
  const config = (point: string): object => ({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    profiles: [{ plugins: { [point]: { enabled: [{ name: 'Odd' }] } } }],
  });
  const run = (point: string, plugin: object): unknown => {
    const odd = definePlugin({ name: 'Odd', create: () => ({ name: 'Odd', ...plugin }) });
    const fixture = new SchedulerFixture(config(point), testRegistry(odd));
    fixture.node('a');
    fixture.node('b');
    const result = new SchedulingAlgorithm(fixture.cache, options).schedulePod(fixture.framework, fixture.pod());
    if (result.type === 'error') return result.status.message;
    return result.type === 'unschedulable' ? [...result.diagnosis.unschedulablePlugins].join() : result.type;
  };

  it.each<readonly [point: string, plugin: object, text: string]>([
    ['preFilter', { preFilter: () => errorStatus('e') }, 'running PreFilter plugin "Odd": e'],
    ['filter', { filter: () => errorStatus('e') }, 'running "Odd" filter plugin: e'],
    ['preScore', { preScore: () => errorStatus('e'), score: () => 0 }, 'running PreScore plugin "Odd": e'],
    ['score', { score: () => errorStatus('e') }, 'running Score plugins: plugin "Odd" failed with: e'],
    [
      'score',
      { score: () => 101 },
      'applying score defaultWeights on Score plugins: plugin "Odd" returns an invalid score 101, ' +
        'it should in the range of [0, 100] after normalizing',
    ],
    ['filter', { filter: () => unschedulable('no') }, 'Odd'],
    // Unschedulable at PreFilter is remembered while the others run.
    ['preFilter', { preFilter: () => unschedulable('no') }, 'Odd'],
    ['preFilter', { preFilter: () => ({ nodeNames: new Set(['z']) }) }, 'Odd'],
  ])('at %s: %j', (point, plugin, text) => {
    expect(run(point, plugin)).toBe(text);
  });
});

describe('ties', () => {
  const fixture = new SchedulerFixture();
  for (const name of ['c', 'a', 'b', 'd']) fixture.node(name);
  const nodes = fixture.nodes;
  const position = (node: (typeof nodes)[number]): number => fixture.cache.positionOf(node);

  it('are all nodes with the greatest total', () => {
    const { nodes: best, score } = bestNodes(nodes, Float64Array.of(5, 7, 7, 1));
    expect([best.map(({ name }) => name), score]).toEqual([['a', 'b'], 7]);
    // A configuration may give a plugin a negative weight.
    expect(bestNodes(nodes, Float64Array.of(-300, -200, -200, -400)).nodes).toHaveLength(2);
  });

  it('are broken by name, or by order', () => {
    const noRandom = (): RandomStream => new RandomStream('none', 'none');
    expect(selectTied(nodes, 'lowest-name', noRandom, position).name).toBe('a');
    expect(selectTied(nodes, 'first', noRandom, position).name).toBe('c');
  });

  it('are broken by the heap of upstream: among equals a parent keeps its place and a left child goes before a right one', () => {
    const winner = (...totals: number[]): number => heapWinner(Float64Array.from(totals), totals.length);
    // The examples of the reference text.
    expect([winner(5, 7, 7), winner(1, 2, 9, 9)]).toEqual([1, 3]);
    // Recorded of 1.37.2: ten like pods on five like nodes went to n1, n2, n4, n5, n3, and around again.
    const pods = [0, 0, 0, 0, 0];
    const nodes = Array.from({ length: 10 }, () => {
      const node = winner(...pods.map((count) => -count));
      pods[node]!++;
      return node + 1;
    });
    expect(nodes).toEqual([1, 2, 4, 5, 3, 1, 2, 4, 5, 3]);
  });

  it('are broken by one draw for the k-th node in canonical order, wherever the search began', () => {
    const choices = (tied: typeof nodes): string[] => {
      const stream = new RandomStream('ties', 'key');
      const chosen = Array.from({ length: 400 }, () => selectTied(tied, 'uniform', () => stream, position).name);
      expect(stream.drawCount).toBe(400);
      return chosen;
    };
    const straight = choices(nodes);
    const rotated = choices([...nodes.slice(2), ...nodes.slice(0, 2)]);
    expect(rotated).toEqual(straight);
    // Uniform: each of four about 100 times; 5 standard deviations are 43.
    for (const name of ['a', 'b', 'c', 'd']) {
      expect(Math.abs(straight.filter((chosen) => chosen === name).length - 100)).toBeLessThan(44);
    }
  });
});
