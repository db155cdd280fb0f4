import { expect, it } from 'vitest';
import { SchedulerFixture, testRegistry } from '../testing/scheduler-fixture.ts';
import { SchedulingAlgorithm } from './algorithm.ts';
import type { PluginDefinition, PluginRegistry } from './framework/define-plugin.ts';
import type { Plugin } from './framework/interface.ts';
import { isSkip } from './framework/status.ts';
import { Status } from './framework/status.ts';

/** Plugins that are asked about each node for each pod, and write down each call that upstream counts. */
function countingRegistry(calls: Map<string, number>): PluginRegistry {
  const note = (point: string, name: string): void => {
    const key = `${point} ${name}`;
    calls.set(key, (calls.get(key) ?? 0) + 1);
  };
  const counting = (plugin: Plugin): Plugin => {
    const { preFilter, filter, preScore, score } = plugin;
    const { name } = plugin;
    const own: Partial<Plugin> = {};
    if (preFilter !== undefined) {
      own.preFilter = (...args) => {
        const answer = preFilter.apply(plugin, args);
        if (!(answer instanceof Status && isSkip(answer))) note('preFilter', name);
        return answer;
      };
    }
    if (filter !== undefined) own.filter = (...args) => (note('filter', name), filter.apply(plugin, args));
    if (score !== undefined) own.score = (...args) => (note('score', name), score.apply(plugin, args));
    if (preScore !== undefined) {
      own.preScore = (...args) => {
        const answer = preScore.apply(plugin, args);
        if (!isSkip(answer)) note('preScore', name);
        return answer;
      };
    }
    const hidden = { isNodeLocal: { value: undefined }, scoreNodes: { value: undefined } };
    return Object.defineProperties(Object.assign(plugin, own), hidden);
  };
  const wrapped = (definition: PluginDefinition): PluginDefinition => ({
    ...definition,
    create: (args, handle) => counting(definition.create(args, handle)),
  });
  return new Map([...testRegistry()].map(([name, definition]) => [name, wrapped(definition)]));
}

function runCycles(fixture: SchedulerFixture): void {
  for (const name of ['a', 'b', 'c']) fixture.node(name);
  fixture.node('tainted', { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } });
  fixture.node('small', { status: { allocatable: { cpu: '100m', memory: '1Gi', pods: '10' } } });
  fixture.node('closed', { spec: { unschedulable: true }, labels: { disk: 'ssd' } });
  const algorithm = new SchedulingAlgorithm(fixture.cache, { tieBreak: 'first', percentageOfNodesToScore: 100 });
  const pods = [
    fixture.podWithRequests({ cpu: '1' }),
    fixture.podWithRequests({ cpu: '1' }),
    fixture.podWithRequests({ cpu: '64' }),
    fixture.podWithRequests({}, { nodeSelector: { disk: 'ssd' } }),
    fixture.podWithRequests({}, { nodeName: '', tolerations: [{ operator: 'Exists' }] }),
  ];
  for (const pod of pods) algorithm.schedulePod(fixture.framework, pod);
}

it('adds up to the calls that plugins would get if nothing were remembered', () => {
  const calls = new Map<string, number>();
  runCycles(new SchedulerFixture(undefined, countingRegistry(calls)));
  const fixture = new SchedulerFixture();
  runCycles(fixture);
  const counted = fixture.framework.evaluations
    .entries()
    .map(({ point, plugin, count }) => [`${point} ${plugin}`, count]);
  expect(new Map(counted as [string, number][])).toEqual(calls);
  expect(calls.get('filter NodeResourcesFit')).toBeGreaterThan(0);
  expect(calls.get('score NodeResourcesFit')).toBeGreaterThan(0);
});
