import { describe, expect, test } from 'vitest';
import { faultNodes, runFaults } from '../testing/fault-harness.ts';
import { constant, exponential } from '../engine/distributions.ts';
import { faultNamed, faults } from './registry.ts';

const second = 1_000_000;
const selector = {
  labels: { matchLabels: { app: 'web' }, matchExpressions: [] },
  namespaces: [],
  nodes: [],
  pods: undefined,
};

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
    ['containerCrash', { selector }, ['10 crashContainers {"app":"web"} - - one 0 137 ']],
    [
      'containerCrash',
      { selector, namespace: 'shop', count: 2, exitCode: 1 },
      ['10 crashContainers {"app":"web"} shop - fixed 2 1 '],
    ],
    ['oomKill', { selector, container: 'main' }, ['10 crashContainers {"app":"web"} - main one 0 137 OOMKilled']],
    [
      'containerHang',
      { selector, mode: 'fixed-percent', value: 50 },
      ['10 hangContainers 0 {"app":"web"} - - fixed-percent 50', '15 releaseContainers 0'],
    ],
    ['nodeReboot', { node: 'a-1' }, ['10 shutDownNode a-1', '15 restoreNode a-1']],
    ['nodeSlow', { node: 'a-1', factor: 4 }, ['10 beginNodeSlowdown a-1 4', '15 endNodeSlowdown a-1 4']],
    ['clockSkew', { node: 'a-1', ahead: 7 }, ['10 shiftClock a-1 7', '15 shiftClock a-1 -7']],
    ['clockSkew', { node: 'a-1', behind: 7 }, ['10 shiftClock a-1 -7', '15 shiftClock a-1 7']],
    ['memoryPressure', { node: 'a-1', size: 9 }, ['10 addOtherMemory a-1 9 1', '15 addOtherMemory a-1 9 -1']],
    ['diskFull', { node: 'a-1', percent: 95 }, ['10 addOtherDisk a-1 95% 1', '15 addOtherDisk a-1 95% -1']],
    ['pidPressure', { node: 'a-1', processes: 8 }, ['10 addOtherProcesses a-1 8 1', '15 addOtherProcesses a-1 8 -1']],
    ['spotReclaim', { node: 'a-1' }, ['10 reclaimNode a-1 120000000', '15 replaceNode a-1']],
    ['spotReclaim', { node: 'a-1', notice: 3 }, ['10 reclaimNode a-1 3', '15 replaceNode a-1']],
    ['etcdLeaderLoss', {}, ['10 setEtcdWritable false', '15 setEtcdWritable true']],
    [
      'componentDown',
      { component: 'kube-scheduler', replicas: 3 },
      ['10 stopComponent kube-scheduler 3 true', '15 startComponent kube-scheduler 3 true'],
    ],
    [
      'domainOutage',
      { key: 'place', value: '1' },
      ['10 crashNode a-1', '10 crashNode b-1', '15 restoreNode a-1', '15 restoreNode b-1'],
    ],
    ['zonePartition', { zone: 'a', from: 'b' }, []],
    [
      'zonePartition',
      { zone: 'a', from: 'b', controlPlane: 'b' },
      ['10 partitionNode a-0', '10 partitionNode a-1', '15 healNode a-0', '15 healNode a-1'],
    ],
    [
      'zonePartition',
      { zone: 'a', from: 'b', controlPlane: 'a' },
      ['10 partitionNode b-0', '10 partitionNode b-1', '15 healNode b-0', '15 healNode b-1'],
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
  const world = {
    nodes: new Set(['a-0']),
    zones: new Set(['a', 'b']),
    labelValues: (key: string) => new Set(key === 'rack' ? ['r1'] : []),
  };
  const law = exponential({ mean: second });

  test.each<readonly [string, Record<string, unknown>, string | undefined]>([
    ['nodeCrash', { at: 1 }, undefined],
    ['nodeCrash', { interval: law, repair: law }, undefined],
    ['nodeCrash', {}, 'exactly one'],
    ['nodeCrash', { at: 1, interval: law }, 'exactly one'],
    ['nodeCrash', { interval: law, duration: 5 }, undefined],
    ['nodeCrash', { at: 1, trace: [] }, 'exactly one'],
    ['nodeCrash', { trace: [], node: 'a-0' }, 'the trace names the nodes'],
    ['nodeCrash', { trace: [], duration: 1 }, 'the trace says how long'],
    ['nodeCrash', { at: 1, mode: 'fixed' }, 'mode fixed needs "value"'],
    ['nodeCrash', { at: 1, mode: 'one', value: 2 }, '"value" goes with'],
    ['nodeCrash', { at: 1, mode: 'fixed-percent', value: 101 }, 'at most 100'],
    ['nodeCrash', { at: 1, mode: 'one', count: 2 }, '"count" or "mode"'],
    ['nodeSlow', { at: 1, factor: 0.5 }, '"factor"'],
    ['clockSkew', { at: 1 }, '"ahead" and "behind"'],
    ['memoryPressure', { at: 1 }, '"size" and "percent"'],
    ['diskFull', { at: 1, percent: 101 }, '"percent"'],
    ['pidPressure', { at: 1, processes: 1, percent: 1 }, '"processes" and "percent"'],
    ['domainOutage', { at: 1, key: 'rock' }, 'no node has a label "rock"'],
    ['domainOutage', { at: 1, key: 'rack', value: 'r2' }, 'values: r1'],
    ['domainOutage', { at: 1, key: 'rack', probability: 0 }, '"probability"'],
    ['zonePartition', { at: 1, zone: 'a', from: 'a' }, 'the same zone'],
    ['zonePartition', { at: 1, zone: 'a', from: 'c' }, 'no zone "c"'],
    ['componentDown', { at: 1, component: 'kube-scheduler', replicas: 0 }, '"replicas"'],
    ['componentDown', { at: 1, component: 'kube-scheduler', replicas: 2, leaderElect: false }, 'leader election'],
    ['containerHang', { at: 1, selector: { ...selector, namespaces: ['x'] }, namespace: 'y' }, 'not both'],
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
