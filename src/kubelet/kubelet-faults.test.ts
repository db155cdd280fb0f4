import { describe, expect, test } from 'vitest';
import { isNodeReady } from '../api/node-conditions.ts';
import { isConditionTrue } from '../api/pod-status.ts';
import { defaultLatency } from '../apiserver/latency.ts';
import { constant } from '../engine/distributions.ts';
import { SECOND } from '../engine/time.ts';
import { makeContainer, makePod } from '../testing/builders.ts';
import { KubeletHarness, makeBehavior } from '../testing/kubelet-harness.ts';

const seconds = (value: number) => constant(value * SECOND);
const job = (name: string) => makePod(name, { spec: { restartPolicy: 'Never' } });

describe('a machine that loses power', () => {
  test('writes nothing; after its boot it starts its pods again, one restart more', () => {
    const harness = new KubeletHarness().install(makePod('p')).start().until(100);
    const { resourceVersion } = harness.pod('p')!.metadata;
    harness.machines.crash('n1');
    harness.until(500);
    expect(harness.pod('p')!.metadata.resourceVersion).toBe(resourceVersion);
    expect(harness.log.filter((line) => line.startsWith('100 '))).toEqual([
      '100 exit p/0 137 ContainerStatusUnknown',
      '100 machine n1 down',
    ]);
    harness.machines.restore('n1');
    harness.until(529.9);
    expect(harness.starts).toEqual([0]);
    harness.until(530);
    expect(harness.starts).toEqual([0, 530]);
    expect(harness.line('p')).toBe('Running running() 1');
    expect(harness.pod('p')!.status.containerStatuses[0]!.lastState).toMatchObject({ exitCode: 137 });
  });

  test('removes after its boot the pods that were deleted meanwhile, and drops those that are gone', () => {
    const harness = new KubeletHarness().install(makePod('a')).install(makePod('b')).start().until(100);
    harness.machines.crash('n1');
    harness.delete('a').delete('b', 0).until(200);
    expect([harness.line('a'), harness.line('b')]).toEqual(['Running running() 0', 'gone']);
    harness.machines.restore('n1');
    harness.until(300);
    expect(harness.line('a')).toBe('gone');
    expect(harness.starts).toHaveLength(2);
  });

  test('fails a pod that must not be restarted, and takes pods that were bound meanwhile', () => {
    const harness = new KubeletHarness().install(job('p')).start().until(100);
    harness.machines.crash('n1');
    harness.create(makePod('q')).until(200);
    expect(harness.line('q')).toBe('Pending');
    harness.machines.restore('n1');
    harness.until(300);
    expect(harness.line('p')).toBe('Failed terminated(ContainerStatusUnknown) 0');
    expect(harness.line('q')).toBe('Running running() 0');
  });

  test('that crashes again while it boots starts nothing until the next boot', () => {
    const harness = new KubeletHarness().install(makePod('p')).start().until(100);
    harness.machines.crash('n1');
    harness.machines.restore('n1');
    harness.until(120);
    harness.machines.crash('n1');
    harness.until(300);
    expect(harness.starts).toEqual([0]);
    harness.machines.restore('n1');
    expect(harness.until(330).starts).toEqual([0, 330]);
  });

  test('has forgotten crash-loop back-offs', () => {
    const crash = makeBehavior({ crash: { interval: seconds(5), exitCode: 1 } });
    const harness = new KubeletHarness({ behaviors: [crash] }).install(makePod('p')).start().until(100);
    harness.machines.crash('n1');
    harness.machines.restore('n1');
    const before = harness.starts.length;
    harness.until(160);
    // After the boot at 130 the first end is answered at once, as at the very beginning.
    const [first, second] = harness.starts.slice(before);
    expect(first).toBe(130);
    expect(second! - first! - 5).toBeLessThan(1.1);
  });
});

describe('a partition', () => {
  test('leaves containers alone; what ended meanwhile is told on heal', () => {
    const harness = new KubeletHarness({ behaviors: [makeBehavior({ runDuration: seconds(50) })] });
    harness.install(job('p')).start().until(10);
    harness.machines.partition('n1');
    harness.until(100);
    expect(harness.log).toContain('50 exit p/0 0 Completed');
    expect(harness.line('p')).toBe('Running running() 0');
    harness.machines.heal('n1');
    harness.until(100);
    expect(harness.line('p')).toBe('Succeeded terminated(Completed) 0');
    expect(harness.pod('p')!.status.containerStatuses[0]!.state.finishedAt).toBe(50);
  });

  test('kills pods that were deleted meanwhile only on heal', () => {
    const harness = new KubeletHarness({ behaviors: [makeBehavior({ stopAfter: seconds(2) })] });
    harness.install(makePod('a')).install(makePod('b')).start().until(10);
    harness.machines.partition('n1');
    harness.delete('a').delete('b', 0).until(100);
    expect(harness.log.some((line) => line.includes('exit'))).toBe(false);
    harness.machines.heal('n1');
    harness.until(103.1);
    expect(harness.log.filter((line) => line.includes('exit')).sort()).toEqual([
      // A forced deletion leaves two seconds, which are not enough for what needs two.
      '102 exit a/0 143 Error',
      '102 exit b/0 137 Error',
    ]);
    expect(harness.line('a')).toBe('gone');
  });

  test('writes nothing on heal about pods that have not changed', () => {
    const harness = new KubeletHarness().install(makePod('p')).start().until(10);
    const { resourceVersion } = harness.pod('p')!.metadata;
    harness.machines.partition('n1');
    harness.until(20);
    harness.machines.heal('n1');
    harness.until(100);
    expect(harness.pod('p')!.metadata.resourceVersion).toBe(resourceVersion);
  });
});

describe('a kubelet that is stopped', () => {
  test('restarts nothing and says nothing until it is started', () => {
    const harness = new KubeletHarness({ behaviors: [makeBehavior({ runDuration: seconds(50) })] });
    harness.install(makePod('p')).install(job('q')).start().until(10);
    harness.machines.stopKubelet('n1');
    harness.until(100);
    expect(harness.log).toContain('50 exit p/0 0 Completed');
    expect(harness.starts).toEqual([0, 0]);
    expect(harness.line('q')).toBe('Running running() 0');
    harness.machines.startKubelet('n1');
    harness.until(100);
    expect(harness.starts).toEqual([0, 0, 100]);
    harness.until(101.1);
    expect(harness.line('q')).toBe('Succeeded terminated(Completed) 0');
  });
});

test('a kubelet that is started again has forgotten crash-loop back-offs', () => {
  const crash = makeBehavior({ crash: { interval: seconds(5), exitCode: 1 } });
  const harness = new KubeletHarness({ behaviors: [crash] }).install(makePod('p')).start();
  while (harness.starts.length < 4) harness.until(harness.seconds + 1);
  harness.until(harness.seconds + 10);
  const { seconds: restartedAt } = harness;
  harness.machines.stopKubelet('n1');
  harness.machines.startKubelet('n1');
  // 40 s of back-off are forgotten: the container starts at once, and after its next end the back-off is that of a first restart.
  harness.until(restartedAt + 30);
  const [first, second] = harness.starts.slice(4);
  expect(first).toBe(restartedAt);
  expect(second! - first! - 5).toBeGreaterThanOrEqual(10);
  expect(second! - first! - 5).toBeLessThan(17.1);
});

describe('an API server outage', () => {
  test('keeps statuses until it is over', () => {
    const harness = new KubeletHarness({ behaviors: [makeBehavior({ runDuration: seconds(50) })] });
    harness.install(job('p')).start().until(10);
    harness.server.condition.available = false;
    harness.machines.setApiServerReachable(false);
    harness.until(100);
    harness.server.condition.available = true;
    harness.machines.setApiServerReachable(true);
    harness.until(100);
    expect(harness.line('p')).toBe('Succeeded terminated(Completed) 0');
    expect(harness.starts).toEqual([0]);
  });

  test('does not lose a last status that was on its way', () => {
    const harness = new KubeletHarness({
      behaviors: [makeBehavior({ runDuration: seconds(50) })],
      latency: defaultLatency,
    });
    harness.install(job('p')).start().until(50.0001);
    harness.server.condition.available = false;
    harness.machines.setApiServerReachable(false);
    harness.until(100);
    expect(harness.line('p')).toBe('Running running() 0');
    harness.server.condition.available = true;
    harness.machines.setApiServerReachable(true);
    harness.until(101);
    expect(harness.line('p')).toBe('Succeeded terminated(Completed) 0');
    expect(harness.starts).toHaveLength(1);
  });
});

describe('heartbeats', () => {
  test('nodes are ready from the start', () => {
    const harness = new KubeletHarness({ nodeNames: ['n1', 'n2'] }).start();
    for (const node of harness.server.state.list('Node')) {
      expect(isNodeReady(node)).toBe(true);
      expect(node.status.conditions.map(({ type }) => type)).toEqual([
        'MemoryPressure',
        'DiskPressure',
        'PIDPressure',
        'Ready',
      ]);
    }
  });

  test('fall silent once and speak again, and overlapping reasons are one silence', () => {
    const harness = new KubeletHarness().start();
    const heard: string[] = [];
    harness.kubelets.onChange((name, isRenewing) => heard.push(`${harness.seconds} ${name} ${isRenewing}`));
    harness.until(100);
    harness.machines.partition('n1');
    harness.until(150);
    const last = harness.kubelets.lastRenewal('n1', harness.engine.now);
    expect(last).toBeGreaterThanOrEqual(90 * SECOND);
    expect(last).toBeLessThan(100 * SECOND);
    harness.machines.stopKubelet('n1');
    harness.until(200);
    harness.machines.heal('n1');
    harness.until(250);
    harness.machines.startKubelet('n1');
    expect(harness.kubelets.lastRenewal('n1', harness.engine.now)).toBe(250 * SECOND);
    expect(heard).toEqual(['100 n1 false', '250 n1 true']);
    // Every 10.0 to 10.4 s, as recorded.
    const renewedAt = harness.kubelets.lastRenewal('n1', 275 * SECOND);
    expect(renewedAt).toBeGreaterThanOrEqual(270 * SECOND);
    expect(renewedAt).toBeLessThan(270.9 * SECOND);
    expect(harness.kubelets.lastRenewal('unknown', 275 * SECOND)).toBe(-1);
  });
});

test('a crashed container is chosen by the fault, ends at once and is restarted with the next list of containers', () => {
  const harness = new KubeletHarness().install(makePod('p')).start().until(10);
  expect(harness.machines.crashContainer(harness.pod('p')!, 9)).toBe(true);
  expect(harness.until(10).log).toContain('10 exit p/0 9 Error');
  harness.until(11.1);
  expect(harness.line('p')).toBe('Running running() 1');
  expect(harness.pod('p')!.status.containerStatuses[0]!.lastState).toMatchObject({ exitCode: 9, reason: 'Error' });
  expect(harness.machines.crashContainer(harness.pod('p')!, 9)).toBe(true);
  expect(harness.machines.crashContainer(harness.pod('p')!, 9)).toBe(false);
});

test('a running pod of the initial state runs on without being started anew', () => {
  const harness = new KubeletHarness({ present: [], behaviors: [makeBehavior({ readyAfter: seconds(60) })] });
  harness
    .install(makePod('p', { status: { phase: 'Running', containerStatuses: [running] } }))
    .start()
    .until(1);
  expect(harness.line('p')).toBe('Running running() 4');
  expect(isConditionTrue(harness.pod('p')!.status.ready)).toBe(true);
});

const running = {
  index: 0,
  state: { phase: 'running', reason: '', message: '', exitCode: 0, startedAt: 0, finishedAt: -1 },
  lastState: undefined,
  restartCount: 4,
  ready: true,
  started: true,
} as const;

test('a pod in the place of another one inherits neither its back-off nor its probes', () => {
  const crash = makeBehavior({ crash: { interval: seconds(5), exitCode: 1 } });
  const harness = new KubeletHarness({ behaviors: [crash] }).create(makePod('a')).start();
  while (harness.starts.length < 4) harness.until(harness.seconds + 1);
  harness.delete('a').until(harness.seconds + 60);
  expect(harness.line('a')).toBe('gone');
  const before = harness.starts.length;
  harness.create(makePod('b')).until(harness.seconds + 7);
  // The first restart comes without a back-off.
  const [first, second] = harness.starts.slice(before);
  expect(second! - first! - 5).toBeLessThan(1.1);
});

test('after a restart of its kubelet a container stays ready until its probe fails', () => {
  const readinessProbe = {
    command: 'ready',
    initialDelaySeconds: 0,
    periodSeconds: 5,
    timeoutSeconds: 1,
    successThreshold: 1,
    failureThreshold: 2,
  };
  const answers = [{ command: 'ready', from: 100 * SECOND, code: 1, took: 0, run: undefined }];
  const script = { name: '*', createDuration: undefined, startDuration: seconds(0), runs: [], answers, memoryBytes: 0 };
  const harness = new KubeletHarness({ behaviors: [makeBehavior({ containers: [script] })] });
  harness
    .create(makePod('p', { spec: { containers: [makeContainer({ readinessProbe })] } }))
    .start()
    .until(50);
  const isReady = (): boolean => isConditionTrue(harness.pod('p')!.status.ready);
  harness.machines.stopKubelet('n1');
  harness.until(60);
  harness.machines.startKubelet('n1');
  expect([harness.until(60).seconds, isReady()]).toEqual([60, true]);
  harness.until(99);
  expect(isReady()).toBe(true);
  harness.until(112);
  expect(isReady()).toBe(false);
});
