import { describe, expect, test } from 'vitest';
import { faultNodes, runFaults } from '../testing/fault-harness.ts';
import { constant, exponential } from '../engine/distributions.ts';
import { faultNamed, faults } from './registry.ts';

const second = 1_000_000;
const selector = { matchLabels: { app: 'web' }, matchExpressions: [] };

describe('what each fault does, and when', () => {
  test.each<readonly [string, Record<string, unknown>, string[]]>([
    ['nodeCrash', { node: 'a-1' }, ['10 crashNode a-1', '15 restoreNode a-1']],
    ['kubeletStop', { node: 'a-1' }, ['10 stopKubelet a-1', '15 startKubelet a-1']],
    ['nodePartition', { node: 'a-1' }, ['10 partitionNode a-1', '15 healNode a-1']],
    ['zoneOutage', { zone: 'b' }, ['10 crashNode b-0', '10 crashNode b-1', '15 restoreNode b-0', '15 restoreNode b-1']],
    [
      'zoneOutage',
      { zone: 'b', partition: true },
      ['10 partitionNode b-0', '10 partitionNode b-1', '15 healNode b-0', '15 healNode b-1'],
    ],
    ['registryOutage', {}, ['10 setRegistryAvailable false', '15 setRegistryAvailable true']],
    ['registryOutage', { slowdown: 3 }, ['10 beginRegistrySlowdown 3', '15 endRegistrySlowdown 3']],
    ['apiServerOutage', {}, ['10 setApiServerAvailable false', '15 setApiServerAvailable true']],
    ['apiServerOutage', { writesOnly: true }, ['10 setEtcdWritable false', '15 setEtcdWritable true']],
    ['apiServerLatency', { request: 7 }, ['10 addApiServerLatency 7 0', '15 addApiServerLatency -7 0']],
    ['apiServerLatency', { request: 7, watch: 8 }, ['10 addApiServerLatency 7 8', '15 addApiServerLatency -7 -8']],
    ['containerCrash', { selector }, ['10 crashContainers {"app":"web"} - 1 137']],
    [
      'containerCrash',
      { selector, namespace: 'shop', count: 2, exitCode: 1 },
      ['10 crashContainers {"app":"web"} shop 2 1'],
    ],
  ])('%s %j', (fault, args, expected) => {
    const { calls, started } = runFaults([{ fault, args: { at: 10, duration: 5, ...args } }], { horizon: 100 });
    expect(calls).toEqual(expected);
    expect(started.map(({ kind, startsAt }) => [kind, startsAt])).toEqual([[fault, 10]]);
  });

  test('has a row here for every fault of the registry, and each has a name, a description and described parameters', () => {
    const names = faults.map(({ name }) => name);
    expect(names).toEqual([...names].sort((a, b) => (a < b ? -1 : 1)));
    for (const { name, description, parameters } of faults) {
      expect(faultNamed(name)?.name).toBe(name);
      expect(description).not.toBe('');
      for (const parameter of Object.values(parameters)) expect(parameter.description).not.toBe('');
    }
    expect(faultNamed('earthquake')).toBeUndefined();
  });

  test('a fault without duration and repair never ends', () => {
    for (const fault of ['nodeCrash', 'registryOutage', 'apiServerOutage']) {
      const { started, ended } = runFaults([{ fault, args: { at: 10, node: undefined } }], { horizon: 1e9 });
      expect(started.every(({ endsAt }) => endsAt === undefined)).toBe(true);
      expect(ended).toEqual([]);
    }
  });

  test('a fault of nodes hits all nodes, those of a zone, those with labels, or a number of them', () => {
    const nodes = faultNodes({ a: 3, b: 3 });
    const hit = (args: Record<string, unknown>): string[] =>
      runFaults([{ fault: 'nodeCrash', args: { at: 1, ...args } }], { nodes, horizon: 2 }).started.map(
        ({ target }) => target,
      );
    expect(hit({})).toEqual(['a-0', 'a-1', 'a-2', 'b-0', 'b-1', 'b-2']);
    expect(hit({ zone: 'b' })).toEqual(['b-0', 'b-1', 'b-2']);
    expect(hit({ selector: { matchLabels: { place: '2' }, matchExpressions: [] } })).toEqual(['a-2', 'b-2']);
    expect(hit({ zone: 'b', selector: { matchLabels: { place: '2' }, matchExpressions: [] } })).toEqual(['b-2']);
    expect(hit({ count: 2 })).toHaveLength(2);
    expect(hit({ zone: 'a', count: 5 })).toEqual(['a-0', 'a-1', 'a-2']);
  });
});

describe('arguments that contradict each other', () => {
  const world = { nodes: new Set(['a-0']), zones: new Set(['a']) };
  const law = exponential({ mean: second });

  test.each<readonly [string, Record<string, unknown>, string | undefined]>([
    ['nodeCrash', { at: 1 }, undefined],
    ['nodeCrash', { interval: law, repair: law }, undefined],
    ['nodeCrash', {}, 'exactly one'],
    ['nodeCrash', { at: 1, interval: law }, 'exactly one'],
    ['nodeCrash', { interval: law, duration: 5 }, '"repair"'],
    ['nodeCrash', { at: 1, duration: 5, repair: law }, 'not both'],
    ['nodeCrash', { at: 1, node: 'x' }, 'no node "x"'],
    ['kubeletStop', { at: 1, zone: 'x' }, 'no zone "x"'],
    ['nodePartition', { at: 1, count: 0 }, '"count"'],
    ['zoneOutage', { zone: 'a' }, 'exactly one'],
    ['zoneOutage', { zone: 'x', at: 1 }, 'no zone "x"'],
    ['zoneOutage', { zone: 'a', at: 1, duration: 1, repair: law }, 'not both'],
    ['registryOutage', { at: 1, slowdown: 0.5 }, '"slowdown"'],
    ['registryOutage', {}, 'exactly one'],
    ['apiServerOutage', { at: 1, duration: 1, repair: law }, 'not both'],
    ['apiServerLatency', { at: 1 }, '"request" or "watch"'],
    ['apiServerLatency', { at: 1, watch: 1 }, undefined],
    ['containerCrash', { selector }, 'exactly one'],
    ['containerCrash', { selector, interval: constant(1) }, undefined],
  ])('%s %j: %s', (fault, args, expected) => {
    const problem = faultNamed(fault)!.problem?.(args as never, world);
    if (expected === undefined) expect(problem).toBeUndefined();
    else expect(problem).toContain(expected);
  });
});
