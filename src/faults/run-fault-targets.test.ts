import { describe, expect, test } from 'vitest';
import { podWith } from '../apiserver/pod-object.ts';
import { makeApi } from '../testing/api-harness.ts';
import { makePod } from '../testing/builders.ts';
import type { ContainerChoice, ModeChoice } from './fault.ts';
import { SECOND } from '../engine/time.ts';
import type { Machines } from './machines.ts';
import { RunFaultTargets } from './run-fault-targets.ts';
import { statusWith } from '../api/pod-status.ts';

/** Targets over an API server with running pods, and machines that write down what they are told. */
function setUp(pods: readonly (readonly [name: string, app: string])[] = [], seed = '42') {
  const { server } = makeApi({ seed });
  for (const [name, app] of pods) {
    const pod = makePod(name, { labels: { app } });
    server.install(
      'Pod',
      podWith(pod, { status: statusWith(pod.status, { phase: app === 'idle' ? 'Pending' : 'Running' }) }),
    );
  }
  const calls: string[] = [];
  const write =
    (name: string) =>
    (...args: unknown[]): void =>
      void calls.push([name, ...args].join(' '));
  const machines: Machines = {
    crash: write('crash'),
    restore: write('restore'),
    partition: write('partition'),
    heal: write('heal'),
    stopKubelet: write('stopKubelet'),
    startKubelet: write('startKubelet'),
    crashContainer: ({ metadata: { name } }, exitCode) => {
      if (name.startsWith('none')) return false;
      calls.push(`crashContainer ${name} ${exitCode}`);
      return true;
    },
    beginShutdown: write('beginShutdown'),
    shutDown: write('shutDown'),
    replace: write('replace'),
    setSlowdown: write('setSlowdown'),
    setOtherMemory: write('setOtherMemory'),
    setOtherDisk: write('setOtherDisk'),
    setOtherProcesses: write('setOtherProcesses'),
    capacityOf: () => 1000,
    setClockOffset: write('setClockOffset'),
    hangContainer: ({ metadata: { name } }, container = 'main') => {
      if (name.startsWith('none')) return undefined;
      calls.push(`hangContainer ${name} ${container}`);
      return container;
    },
    releaseContainer: ({ metadata: { name } }, container) => void calls.push(`releaseContainer ${name} ${container}`),
    setRegistryAvailable: write('setRegistryAvailable'),
    setRegistrySlowdown: write('setRegistrySlowdown'),
    setApiServerReachable: write('setApiServerReachable'),
    setLeasesRenewed: write('setLeasesRenewed'),
  };
  const process = (name: string) => ({ stop: write(`stop ${name}`), start: write(`start ${name}`) });
  const processes = { 'kube-scheduler': process('scheduler'), 'kube-controller-manager': process('controllers') };
  return { targets: new RunFaultTargets(machines, server, processes), server, calls };
}

describe('overlapping faults of one node', () => {
  test.each([
    ['crashNode', 'restoreNode', 'crash', 'restore'],
    ['partitionNode', 'healNode', 'partition', 'heal'],
    ['stopKubelet', 'startKubelet', 'stopKubelet', 'startKubelet'],
  ] as const)('%s: the first one begins, the last %s ends', (begin, end, first, last) => {
    const { targets, calls } = setUp();
    targets[begin]('n');
    targets[begin]('n');
    targets[begin]('other');
    targets[end]('n');
    expect(calls).toEqual([`${first} n`, `${first} other`]);
    targets[end]('n');
    targets[begin]('n');
    expect(calls.slice(2)).toEqual([`${last} n`, `${first} n`]);
  });

  test('different kinds do not count for each other', () => {
    const { targets, calls } = setUp();
    targets.crashNode('n');
    targets.partitionNode('n');
    targets.restoreNode('n');
    targets.healNode('n');
    expect(calls).toEqual(['crash n', 'partition n', 'restore n', 'heal n']);
  });
});

describe('overlapping faults of the control plane', () => {
  const lost = ['setLeasesRenewed false', 'setApiServerReachable false'];
  const back = ['setLeasesRenewed true', 'setApiServerReachable true'];

  test('the API server is there again after the last outage', () => {
    const { targets, server, calls } = setUp();
    targets.setApiServerAvailable(false);
    targets.setApiServerAvailable(false);
    targets.setApiServerAvailable(true);
    expect(server.condition.available).toBe(false);
    targets.setApiServerAvailable(true);
    expect(server.condition.available).toBe(true);
    expect(calls).toEqual([...lost, ...back]);
  });

  test('answers that take ten seconds come too late for kubelets, five for leaders', () => {
    const { targets, server, calls } = setUp();
    targets.addApiServerLatency(4 * SECOND, 0);
    server.engine.run({ until: 30 * SECOND });
    expect(calls).toEqual([]);
    targets.addApiServerLatency(SECOND, 0);
    server.engine.run({ until: 60 * SECOND });
    expect(calls).toEqual(['stop scheduler', 'stop controllers']);
    targets.addApiServerLatency(5 * SECOND, 0);
    targets.addApiServerLatency(-5 * SECOND, 0);
    targets.addApiServerLatency(-5 * SECOND, 0);
    server.engine.run({ until: 120 * SECOND });
    expect(calls.slice(2, 4)).toEqual(['setLeasesRenewed false', 'setLeasesRenewed true']);
    expect(calls.slice(4).sort()).toEqual(['start controllers', 'start scheduler']);
  });

  test('kubelets reach it again only when it answers and can write', () => {
    const { targets, server, calls } = setUp();
    targets.setApiServerAvailable(false);
    targets.setEtcdWritable(false);
    targets.setApiServerAvailable(true);
    expect(server.condition).toMatchObject({ available: true, writable: false });
    expect(calls).toEqual(lost);
    targets.setEtcdWritable(true);
    expect(server.condition).toMatchObject({ available: true, writable: true });
    expect(calls).toEqual([...lost, ...back]);
  });

  test('latencies add up, and nothing is left of them', () => {
    const { targets, server } = setUp();
    targets.addApiServerLatency(5, 0);
    targets.addApiServerLatency(7, 3);
    expect(server.condition).toMatchObject({ extraLatencyUs: 12, extraWatchLatencyUs: 3 });
    targets.addApiServerLatency(-5, -0);
    expect(server.condition).toMatchObject({ extraLatencyUs: 7, extraWatchLatencyUs: 3 });
    targets.addApiServerLatency(-7, -3);
    expect(server.condition).toMatchObject({ extraLatencyUs: 0, extraWatchLatencyUs: 0 });
  });

  test('of several slowdowns of the registry the greatest holds', () => {
    const { targets, calls } = setUp();
    targets.beginRegistrySlowdown(2);
    targets.beginRegistrySlowdown(5);
    targets.beginRegistrySlowdown(2);
    targets.endRegistrySlowdown(5);
    targets.endRegistrySlowdown(2);
    targets.endRegistrySlowdown(2);
    expect(calls.map((call) => call.split(' ')[1])).toEqual(['2', '5', '5', '2', '2', '1']);
  });

  test('the registry is there again after the last outage', () => {
    const { targets, calls } = setUp();
    targets.setRegistryAvailable(false);
    targets.setRegistryAvailable(false);
    targets.setRegistryAvailable(true);
    targets.setRegistryAvailable(true);
    expect(calls).toEqual(['setRegistryAvailable false', 'setRegistryAvailable true']);
  });
});

describe('container crashes', () => {
  const anyPod = { matchLabels: {}, matchExpressions: [] };
  const web = { matchLabels: { app: 'web' }, matchExpressions: [] };
  const choice = (
    labels: typeof anyPod | typeof web,
    namespace: string | undefined,
    mode: ModeChoice,
  ): ContainerChoice => ({
    pods: { labels, namespaces: namespace === undefined ? [] : [namespace], nodes: [], pods: undefined },
    container: undefined,
    mode,
  });
  const crash = (
    targets: RunFaultTargets,
    labels: typeof anyPod,
    namespace: string | undefined,
    count: number,
    code: number,
  ) => targets.crashContainers(choice(labels, namespace, { mode: 'fixed', value: count }), code, '');

  test('hit running pods that match, as many as asked for, each once', () => {
    const { targets, calls } = setUp([
      ['w-1', 'web'],
      ['w-2', 'web'],
      ['w-3', 'web'],
      ['db', 'db'],
      ['w-4', 'idle'],
    ]);
    expect(crash(targets, web, undefined, 2, 1)).toBe(2);
    expect(new Set(calls).size).toBe(2);
    expect(calls.every((call) => /^crashContainer w-[123] 1$/.test(call))).toBe(true);
    expect(crash(targets, web, undefined, 10, 1)).toBe(3);
    expect(crash(targets, web, 'elsewhere', 10, 1)).toBe(0);
    expect(crash(targets, anyPod, 'default', 10, 1)).toBe(4);
  });

  test('go on to another pod where no container runs', () => {
    const { targets, calls } = setUp([
      ['none-1', 'web'],
      ['none-2', 'web'],
      ['w', 'web'],
    ]);
    expect(crash(targets, web, undefined, 1, 137)).toBe(1);
    expect(calls).toEqual(['crashContainer w 137']);
  });

  test('choose by the seed, whatever the order in which pods were stored', () => {
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => [name, 'web'] as const);
    const victims = (pods: typeof names, seed: string): string[] => {
      const { targets, calls } = setUp(pods, seed);
      for (let i = 0; i < 10; i++) crash(targets, web, undefined, 1, 1);
      return calls;
    };
    expect(victims([...names].reverse(), '1')).toEqual(victims(names, '1'));
    expect(victims(names, '2')).not.toEqual(victims(names, '1'));
  });
});
