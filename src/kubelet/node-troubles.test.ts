// What single nodes suffer short of a crash: slow machines, wrong clocks, full disks, shutdowns, containers that hang.
import { describe, expect, test } from 'vitest';
import { isNodeReady, nodeCondition } from '../api/node-conditions.ts';
import { conditionSince, isConditionTrue, packCondition } from '../api/pod-status.ts';
import { constant } from '../engine/distributions.ts';
import { HOUR, MINUTE, SECOND } from '../engine/time.ts';
import { makeContainer, makePod } from '../testing/builders.ts';
import { KubeletHarness, makeBehavior } from '../testing/kubelet-harness.ts';
import type { Behavior, ContainerRun, ContainerScript } from './behavior.ts';
import { storageExcess } from './local-storage.ts';

const seconds = (value: number) => constant(value * SECOND);
const mib = 1024 * 1024;
const gib = 1024 * mib;

const script = (parts: Partial<ContainerScript>): ContainerScript => ({
  name: '*',
  createDuration: undefined,
  startDuration: seconds(0),
  runs: [],
  answers: [],
  memoryBytes: 0,
  ...parts,
});
const plainRun: ContainerRun = {
  exitAfter: undefined,
  exitCode: 0,
  reason: '',
  startError: '',
  stopAfter: undefined,
  stopExitCode: 0,
  ignoresSigterm: false,
};
const using = (name: string, diskBytes: number): Behavior =>
  makeBehavior({ name, containers: [script({ diskBytes })] });

function eventsOf(harness: KubeletHarness, reason: string): readonly string[] {
  return harness.log.filter((line) => line.includes(` ${reason}:`)).map((line) => line.split(' ')[2]!);
}

describe('a slow node', () => {
  const options = {
    present: [],
    images: [{ name: 'app:1', sizeBytes: 10 * mib }],
    registry: { bandwidth: mib, latency: seconds(2) },
    behaviors: [makeBehavior({ startDuration: seconds(1) })],
    kubelet: { sandboxDuration: seconds(3) },
  };

  test.each([1, 4])('takes %i times as long for sandbox, pull and start: 3 s, 2 s + 10 s, 1 s', (factor) => {
    const harness = new KubeletHarness(options).start();
    harness.machines.setSlowdown('n1', factor);
    harness.create(makePod('p')).until(200);
    expect(harness.starts).toEqual([factor * (3 + 2 + 10 + 1)]);
  });

  test('slows a pull for the rest of its way, and is as fast as before afterwards', () => {
    const harness = new KubeletHarness(options).start().create(makePod('p'));
    // The sandbox is ready at 3 s; at 9 s half of the pull is done, 6 s are left, which take 30.
    harness.until(9).machines.setSlowdown('n1', 5);
    harness.until(19).machines.setSlowdown('n1', 1);
    // After 10 s a third of them is done: 4 s are left, and the start takes 1 s.
    harness.until(100);
    expect(harness.starts).toEqual([24]);
  });

  // Sandbox 3 s and start 1 s of an image that is there. Work is counted in seconds of a node that is not slow.
  test.each([
    // At 1 s 2 s of the sandbox are left: 8 s, then the start 4 s.
    ['in the sandbox, for ever', [[1, 4]], 13],
    // At 1 s 2 s are left; by 5 s 4 / 4 = 1 s of them is done; 1 s is left, and the start.
    [
      'in the sandbox, until then',
      [
        [1, 4],
        [5, 1],
      ],
      7,
    ],
    // By 3.5 s half of the start is done; the other half takes 5 s.
    ['in the start', [[3.5, 10]], 8.5],
    // 2.5 s left at 0.5 s; by 1.5 s 1/3, by 3.5 s 2/5 more: 53/30 s left, and the start.
    [
      'twice over, with thirds',
      [
        [0.5, 3],
        [1.5, 5],
        [3.5, 1],
      ],
      3.5 + 53 / 30 + 1,
    ],
  ] as const)('slows what is under way: %s', (_when, changes, startedAt) => {
    const harness = new KubeletHarness({ ...options, present: ['app:1'] }).start().create(makePod('p'));
    for (const [at, factor] of changes) harness.until(at).machines.setSlowdown('n1', factor);
    harness.until(100);
    expect(harness.starts).toHaveLength(1);
    expect(harness.starts[0]).toBeCloseTo(startedAt, 5);
  });

  test('slows a sandbox and a start that are one event as it does two', () => {
    const behaviors = [makeBehavior({ startDuration: constant(200_000) })];
    const harness = new KubeletHarness({ ...options, behaviors, present: ['app:1'] }).start().create(makePod('p'));
    // 3.2 s of work, 2.2 s of it left at 1 s.
    harness.until(1).machines.setSlowdown('n1', 10);
    harness.until(100);
    expect(harness.starts).toEqual([23]);
    expect(harness.pod('p')!.status.readyToStartContainers).toBe(packCondition(true, 21));
  });
});

describe('a node with a wrong clock', () => {
  test('writes times that are off, and nothing happens at another time than before', () => {
    const behaviors = [makeBehavior({ runDuration: seconds(50), exitCode: 0 })];
    const run = (offset: number) => {
      const harness = new KubeletHarness({ behaviors }).start();
      harness.machines.setClockOffset('n1', offset);
      harness.until(10).create(makePod('p', { spec: { restartPolicy: 'Never', activeDeadlineSeconds: 500 } }));
      harness.until(300);
      return harness;
    };
    const right = run(0);
    const wrong = run(HOUR);
    expect(wrong.log).toEqual(right.log);
    const { status } = wrong.pod('p')!;
    expect(status.startTime).toBe(3610);
    expect(status.containerStatuses[0]!.state).toMatchObject({ startedAt: 3610, finishedAt: 3660, exitCode: 0 });
    expect(conditionSince(status.ready)).toBe(conditionSince(right.pod('p')!.status.ready) + 3600);
  });

  test('ends a pod at its deadline all the same', () => {
    const harness = new KubeletHarness().start();
    harness.machines.setClockOffset('n1', 10 * MINUTE);
    harness.create(makePod('p', { spec: { activeDeadlineSeconds: 30 } })).until(29.9);
    expect(harness.line('p')).toBe('Running running() 0');
    harness.until(40);
    expect(harness.line('p')).toContain('Failed/DeadlineExceeded');
  });
});

describe('a container that hangs', () => {
  const probe = (command: string) => ({
    command,
    initialDelaySeconds: 0,
    periodSeconds: 10,
    timeoutSeconds: 2,
    successThreshold: 1,
    failureThreshold: 3,
  });
  const { command: _command, ...overNetwork } = probe('alive');
  const probed = (names: Partial<Record<'livenessProbe' | 'readinessProbe', ReturnType<typeof probe>>>) =>
    makePod('p', { spec: { containers: [makeContainer(names)], terminationGracePeriodSeconds: 20 } });

  test('is killed after three probes that time out and its whole grace, and is well again', () => {
    const harness = new KubeletHarness({ behaviors: [makeBehavior({ stopAfter: seconds(1) })] });
    harness
      .create(probed({ livenessProbe: probe('alive') }))
      .start()
      .until(100);
    expect(harness.machines.hangContainer(harness.pod('p')!)).toBe('c');
    harness.until(400);
    const exits = harness.log.filter((line) => line.includes('exit'));
    expect(exits).toHaveLength(1);
    expect(exits[0]).toContain('exit p/0 137');
    // The third time-out comes 20 to 30 s after 100 s, and 2 s later; then 20 s of grace, since SIGTERM is not heard.
    const at = Number(exits[0]!.split(' ')[0]);
    expect(at).toBeGreaterThanOrEqual(100 + 20 + 2 + 20);
    expect(at).toBeLessThanOrEqual(100 + 30 + 2 + 20 + 1.1);
    expect(harness.line('p')).toBe('Running running() 1');
  });

  test('is not ready until it goes on, where nobody kills it', () => {
    const harness = new KubeletHarness()
      .create(probed({ readinessProbe: probe('ready') }))
      .start()
      .until(100);
    const isReady = (): boolean => isConditionTrue(harness.pod('p')!.status.ready);
    expect(isReady()).toBe(true);
    harness.machines.hangContainer(harness.pod('p')!);
    harness.until(120);
    expect(isReady()).toBe(true);
    harness.until(134);
    expect(isReady()).toBe(false);
    harness.until(600);
    expect([isReady(), harness.line('p')]).toEqual([false, 'Running running() 0']);
    harness.machines.releaseContainer(harness.pod('p')!, 'c');
    harness.until(611);
    expect(isReady()).toBe(true);
  });

  test('is told in the words of its probe: only a command is timed out by the runtime', () => {
    for (const [livenessProbe, text] of [
      [overNetwork, 'Liveness probe failed: context deadline exceeded'],
      [probe('alive'), 'Liveness probe failed: command timed out: "alive" timed out after 2s'],
    ] as const) {
      const harness = new KubeletHarness();
      harness
        .create(makePod('p', { spec: { containers: [makeContainer({ livenessProbe })] } }))
        .start()
        .until(100);
      harness.machines.hangContainer(harness.pod('p')!);
      harness.until(115);
      expect(
        harness.log.filter((line) => line.includes('Unhealthy')).map((line) => line.split('Unhealthy: ')[1]),
      ).toEqual([text]);
    }
  });

  test.each([
    ['over the network', overNetwork, 'Readiness probe failed: connect: connection refused'],
    ['by a command', probe('ready'), 'Readiness probe failed: bad'],
  ])('a container that does not listen yet is told of, asked %s', (_, readinessProbe, text) => {
    const harness = new KubeletHarness({ behaviors: [makeBehavior({ readyAfter: seconds(50) })] });
    harness
      .create(makePod('p', { spec: { containers: [makeContainer({ readinessProbe })] } }))
      .start()
      .until(20);
    const told = harness.log.filter((line) => line.includes('Unhealthy')).map((line) => line.split('Unhealthy: ')[1]);
    expect(new Set(told)).toEqual(new Set([text]));
  });

  test('works on from where it stood: a run of 50 s that hangs from 30 s to 130 s ends at 150 s', () => {
    const harness = new KubeletHarness({ behaviors: [makeBehavior({ runDuration: seconds(50) })] });
    harness
      .create(makePod('p', { spec: { restartPolicy: 'Never' } }))
      .start()
      .until(30);
    harness.machines.hangContainer(harness.pod('p')!);
    expect(harness.machines.hangContainer(harness.pod('p')!)).toBeUndefined();
    harness.until(130).machines.releaseContainer(harness.pod('p')!, 'c');
    harness.until(300);
    expect(harness.log).toContain('150 exit p/0 0 Completed');
  });

  test('that is named may be another one than the first', () => {
    const containers = [makeContainer({ name: 'main' }), makeContainer({ name: 'proxy' })];
    const harness = new KubeletHarness()
      .create(makePod('p', { spec: { containers } }))
      .start()
      .until(10);
    expect(harness.machines.hangContainer(harness.pod('p')!, 'proxy')).toBe('proxy');
    expect(harness.machines.crashContainer(harness.pod('p')!, 137, 'OOMKilled', 'proxy')).toBe(true);
    expect(harness.machines.crashContainer(harness.pod('p')!, 137, '', 'other')).toBe(false);
    expect(harness.until(10).log).toContain('10 exit p/1 137 OOMKilled');
  });
});

test.each(['stopKubelet', 'crash'] as const)('memory that is short is seen after %s, and not before', (how) => {
  const harness = new KubeletHarness().create(makePod('p')).start().until(5);
  harness.machines.setOtherMemory('n1', 15 * gib);
  harness.until(6).machines[how]('n1');
  harness.machines.setOtherMemory('n1', 16 * gib);
  harness.until(100);
  expect(eventsOf(harness, 'Evicted')).toEqual([]);
  if (how === 'crash') harness.machines.restore('n1');
  else harness.machines.startKubelet('n1');
  // Up to 10 s to the next pass, after 30 s of boot.
  harness.until(how === 'crash' ? 142 : 112);
  expect(eventsOf(harness, 'Evicted')).toEqual(['p']);
});

describe('a disk that fills up', () => {
  const image = (name: string, sizeBytes: number) => ({ name, sizeBytes });

  test('loses its unused images first, and no pod where that is enough', () => {
    const harness = new KubeletHarness({
      present: ['app:1', 'old:1', 'older:1'],
      images: [image('app:1', gib), image('old*', 12 * gib)],
    });
    harness.create(makePod('p')).start().until(5);
    // 100 GiB: 25 of images and 65 beside leave 10, less than the 15 % of imagefs; without the old images there are 34.
    harness.machines.setOtherDisk('n1', 65 * gib);
    harness.until(30);
    const node = harness.server.state.get('Node', '', 'n1')!;
    expect(eventsOf(harness, 'EvictionThresholdMet')).toEqual(['n1']);
    expect(node.status.images.flatMap(({ names }) => names)).toEqual(['app:1']);
    expect(nodeCondition(node, 'DiskPressure')).toMatchObject({ status: 'True', reason: 'KubeletHasDiskPressure' });
    expect(harness.line('p')).toBe('Running running() 0');
    // Five minutes after the last pass that found a threshold met the condition goes.
    harness.until(300);
    expect(nodeCondition(harness.server.state.get('Node', '', 'n1')!, 'DiskPressure')!.status).toBe('True');
    harness.until(345);
    expect(nodeCondition(harness.server.state.get('Node', '', 'n1')!, 'DiskPressure')!.status).toBe('False');
    expect(eventsOf(harness, 'NodeHasDiskPressure').length + eventsOf(harness, 'NodeHasNoDiskPressure').length).toBe(2);
  });

  test('evicts the less important, and of these the larger one first, one by one, and takes no new pods', () => {
    const behaviors = [using('a', 10 * gib), using('b', 4 * gib), using('c', 6 * gib)];
    const harness = new KubeletHarness({ behaviors, images: [image('app:1', 0)] }).start();
    harness.create(makePod('a', { spec: { priority: 5 } }));
    harness.create(makePod('b')).create(makePod('c')).until(5);
    // 20 GiB of pods and 72 beside leave 8; without c there are 14, without b too 18, which is more than 15.
    harness.machines.setOtherDisk('n1', 72 * gib);
    harness.until(60);
    expect(eventsOf(harness, 'Evicted')).toEqual(['c', 'b']);
    expect(harness.pod('c')!.status.message).toBe(
      'The node was low on resource: ephemeral-storage. Threshold quantity: 10Gi, available: 8Gi. ' +
        'Container c was using 6Gi, request is 0, has larger consumption of ephemeral-storage. ',
    );
    expect(harness.line('a')).toBe('Running running() 0');
    harness.create(makePod('d')).until(65);
    expect(harness.line('d')).toBe('Failed/Evicted');
    expect(harness.pod('d')!.status.message).toBe('Pod was rejected: The node had condition: [DiskPressure]. ');
  });
});

describe('limits of ephemeral-storage', () => {
  const withLimit = (name: string, limit: number) =>
    makePod(name, {
      spec: {
        containers: [
          makeContainer({ resources: { requests: new Map(), limits: new Map([['ephemeral-storage', limit]]) } }),
        ],
      },
    });

  test('cost a pod that writes more, within ten seconds and without a disruption, and no other', () => {
    const behaviors = [using('a', 3 * gib), using('b', 2 * gib)];
    const harness = new KubeletHarness({ behaviors }).create(withLimit('a', 2 * gib)).create(withLimit('b', 2 * gib));
    harness.start().until(13);
    const { status } = harness.pod('a')!;
    expect(status).toMatchObject({ phase: 'Failed', reason: 'Evicted', otherConditions: [] });
    expect(status.message).toBe('Pod ephemeral local storage usage exceeds the total limit of containers 2Gi. ');
    expect(harness.line('b')).toBe('Running running() 0');
  });

  test('cost one pod after the other where several write more', () => {
    const run = { ...plainRun, ignoresSigterm: true };
    const behaviors = ['a', 'b'].map((name) =>
      makeBehavior({ name, containers: [script({ diskBytes: 3 * gib, runs: [run] })] }),
    );
    const harness = new KubeletHarness({ behaviors }).create(withLimit('a', 2 * gib)).create(withLimit('b', 2 * gib));
    harness.start().until(30);
    const at = harness.log.filter((line) => line.includes(' Evicted:')).map((line) => Number(line.split(' ')[0]));
    expect(at[1]! - at[0]!).toBe(2);
  });

  test('say nothing of a pod that ends well', () => {
    const container = script({ diskBytes: 3 * gib, runs: [plainRun] });
    const harness = new KubeletHarness({ behaviors: [makeBehavior({ name: 'a', containers: [container] })] });
    harness
      .create(withLimit('a', 2 * gib))
      .start()
      .until(20);
    expect(eventsOf(harness, 'Evicted')).toEqual(['a']);
    expect(harness.line('a')).toBe('Succeeded terminated(Completed) 0');
  });

  test('are those of each container, and of all together where each has one', () => {
    const container = (name: string, limit: number | undefined) =>
      makeContainer({
        name,
        resources: { requests: new Map(), limits: new Map(limit === undefined ? [] : [['ephemeral-storage', limit]]) },
      });
    const excess = (...containers: (readonly [number | undefined, number])[]) =>
      storageExcess(containers.map(([limit, usage], at) => ({ container: container(`c${at}`, limit), usage })));
    expect(excess([2 * gib, gib], [2 * gib, 3 * gib])).toBe(
      'Container c1 exceeded its local ephemeral storage limit "2Gi". ',
    );
    expect(excess([2 * gib, 4 * gib], [gib, 0])).toContain('total limit of containers 3Gi');
    expect(excess([undefined, 100 * gib], [gib, gib])).toBeUndefined();
    expect(excess([undefined, 0], [gib, 2 * gib])).toContain('Container c1');
  });
});

test('process ids that run short cost the pod with the lowest priority, where there is a threshold', () => {
  const evictionHard = [{ signal: 'pid.available', amount: 1000, percent: undefined, graceUs: 0 }] as const;
  const harness = new KubeletHarness({ kubelet: { evictionHard } }).start();
  harness
    .create(makePod('high', { spec: { priority: 10 } }))
    .create(makePod('low'))
    .until(5);
  // Two containers and 4,193,303 others leave 999 of 4,194,304.
  harness.machines.setOtherProcesses('n1', 4_193_303);
  harness.until(40);
  expect(eventsOf(harness, 'Evicted')).toEqual(['low']);
  expect(harness.pod('low')!.status.message).toMatch(
    /^The node was low on resource: pids\. Threshold quantity: 1k, available: 999\. $/,
  );
  // One process less is enough.
  expect(harness.line('high')).toBe('Running running() 0');
});

describe('a graceful shutdown by priority', () => {
  const groups = [
    { priority: 1000, seconds: 7 },
    { priority: 0, seconds: 20 },
    { priority: 2000, seconds: 3 },
  ];
  const endsOf = (
    ...pods: readonly (readonly [name: string, priority: number, grace: number])[]
  ): readonly string[] => {
    const behaviors = [makeBehavior({ stopAfter: seconds(1000) })];
    const kubelet = { shutdownGracePeriodByPodPriority: groups };
    const harness = new KubeletHarness({ behaviors, kubelet });
    for (const [name, priority, terminationGracePeriodSeconds] of pods)
      harness.create(makePod(name, { spec: { priority, terminationGracePeriodSeconds } }));
    harness.start().until(100);
    harness.machines.shutDown('n1');
    harness.until(200);
    const exits = harness.log.filter((line) => / exit /.test(line)).map((line) => line.split(' '));
    return exits.map(([at, , container]) => `${Math.round(Number(at))} ${container}`);
  };

  test('ends the lowest first, each group within its time and its pods within their grace', () => {
    const ends = endsOf(['high', 5000, 60], ['middle', 1999, 60], ['low', -5, 60], ['quick', 999, 4]);
    // Below the lowest group is in it: 4 s and 20 s, then 7 s, then 3 s.
    expect(ends).toEqual(['104 quick/0', '120 low/0', '127 middle/0', '130 high/0']);
  });

  test('leaves out groups without pods', () => {
    expect(endsOf(['high', 5000, 60], ['low', 0, 5])).toEqual(['105 low/0', '108 high/0']);
  });
});

describe('a graceful shutdown', () => {
  const critical = { priority: 2_000_000_000, terminationGracePeriodSeconds: 100 };
  const kubelet = { shutdownGracePeriod: 30 * SECOND, shutdownGracePeriodCriticalPods: 10 * SECOND };
  const slow = makeBehavior({ stopAfter: seconds(1000) });

  test('ends plain pods within 20 s, then critical ones within 10 s, then power', () => {
    const harness = new KubeletHarness({ behaviors: [slow], kubelet });
    harness.create(makePod('short', { spec: { terminationGracePeriodSeconds: 5 } }));
    harness.create(makePod('long', { spec: { terminationGracePeriodSeconds: 100 } }));
    harness
      .create(makePod('critical', { spec: critical }))
      .start()
      .until(100);
    harness.machines.shutDown('n1');
    harness.until(101);
    const node = harness.server.state.get('Node', '', 'n1')!;
    expect(isNodeReady(node)).toBe(false);
    expect(nodeCondition(node, 'Ready')).toMatchObject({ reason: 'KubeletNotReady', message: 'node is shutting down' });
    harness.create(makePod('late')).until(102);
    expect(harness.pod('late')!.status).toMatchObject({
      phase: 'Failed',
      reason: 'NodeShutdown',
      message: 'Pod was rejected: Pod was rejected as the node is shutting down.',
    });
    harness.until(200);
    const [low, high, last, off] = harness.log
      .filter((line) => /^[\d.]+ (exit|machine)/.test(line))
      .map((line) => line.split(' '));
    expect(low!.slice(1, 4)).toEqual(['exit', 'short/0', '137']);
    expect(high!.slice(1, 4)).toEqual(['exit', 'long/0', '137']);
    expect(last!.slice(1, 4)).toEqual(['exit', 'critical/0', '137']);
    // The next list of containers begins a sync: up to 1.03 s from the shutdown to SIGTERM.
    const [a, b, c, d] = [low, high, last, off].map((line) => Number(line![0]) - 100);
    expect(a).toBeGreaterThanOrEqual(5);
    expect(a).toBeLessThan(6.1);
    expect(b).toBeGreaterThanOrEqual(20);
    expect(b).toBeLessThan(21.1);
    expect(c! - 20).toBeGreaterThanOrEqual(10);
    expect(d! - c!).toBeLessThan(3.1);
    for (const name of ['short', 'long', 'critical']) {
      const { status } = harness.pod(name)!;
      expect(status).toMatchObject({ phase: 'Failed', reason: 'Terminated' });
      expect(status.otherConditions).toMatchObject([{ type: 'DisruptionTarget', reason: 'TerminationByKubelet' }]);
    }
    harness.machines.restore('n1');
    harness.until(240);
    expect(isNodeReady(harness.server.state.get('Node', '', 'n1')!)).toBe(true);
  });

  test('is over as soon as the pods are, and the boot waits for it', () => {
    const behaviors = [makeBehavior({ stopAfter: seconds(3) })];
    const harness = new KubeletHarness({ behaviors, kubelet }).create(makePod('p')).start().until(100);
    harness.machines.shutDown('n1');
    harness.machines.restore('n1');
    harness.until(400);
    const machine = harness.log.filter((line) => / machine n1/.test(line)).map((line) => line.split(' '));
    expect(machine.map(([, , , state]) => state)).toEqual(['down', 'up']);
    const [down, up] = machine.map(([at]) => Number(at) - 100);
    // 3 s to stop, at most 1.03 s to the sync, 2 s of the system; then 30 s of boot.
    expect(down).toBeGreaterThanOrEqual(5);
    expect(down).toBeLessThan(6.1);
    expect(up! - down!).toBeCloseTo(30, 6);
  });

  test('is not asked for by default: power goes at once', () => {
    const harness = new KubeletHarness().create(makePod('p')).start().until(100);
    harness.machines.shutDown('n1');
    expect(harness.until(100).log).toContain('100 machine n1 down');
    expect(harness.line('p')).toBe('Running running() 0');
  });
});
