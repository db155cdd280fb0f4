import { describe, expect, it } from 'vitest';
import { SchedulerFixture, testRegistry } from '../testing/scheduler-fixture.ts';
import { SchedulingAlgorithm, feasibleNodesToFind } from './algorithm.ts';
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
