import { describe, expect, test } from 'vitest';
import { podWith, specWith } from '../apiserver/pod-object.ts';
import { patchRequest, patchStatusRequest } from '../apiserver/requests.ts';
import type { Pod } from '../api/core-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import { conditionSince, isConditionTrue, statusWith } from '../api/pod-status.ts';
import { constant } from '../engine/distributions.ts';
import { SECOND } from '../engine/time.ts';
import { makeContainer, makePod } from '../testing/builders.ts';
import { KubeletHarness, makeBehavior } from '../testing/kubelet-harness.ts';

const seconds = (value: number) => constant(value * SECOND);
const runs = (value: number, exitCode = 0) => makeBehavior({ runDuration: seconds(value), exitCode });

describe('a pod that starts', () => {
  test('is Pending while its sandbox is made and Running with Ready when its container has started', () => {
    const harness = new KubeletHarness({
      behaviors: [makeBehavior({ startDuration: seconds(2) })],
      kubelet: { sandboxDuration: seconds(3) },
    }).install(makePod('p'));
    harness.start().until(4);
    expect(harness.line('p')).toBe('Pending waiting(ContainerCreating) 0');
    // The start takes long enough for a status of the sandbox alone.
    expect(isConditionTrue(harness.pod('p')!.status.readyToStartContainers)).toBe(true);
    harness.until(5);
    expect(harness.line('p')).toBe('Running running() 0');
    const { status } = harness.pod('p')!;
    expect(status.startTime).toBe(0);
    expect(conditionSince(status.readyToStartContainers)).toBe(3);
    expect([status.initialized, status.containersReady, status.ready].map(isConditionTrue)).toEqual([true, true, true]);
    expect(conditionSince(status.ready)).toBe(5);
  });

  test('tells its hops at their own times, also those inside a merged event', () => {
    const hops: string[] = [];
    const harness = new KubeletHarness({
      behaviors: [makeBehavior({ startDuration: seconds(2), readyAfter: seconds(7) })],
      kubelet: { sandboxDuration: seconds(3) },
      observer: { podHop: (_uid, hop, time) => void hops.push(`${hop} ${time / SECOND}`) },
    }).install(makePod('p'));
    harness.start().until(20);
    expect(hops).toEqual(['seen_by_kubelet 0', 'sandbox_ready 3', 'started 5', 'ready 12']);
  });

  test('costs the kubelet four events from binding to its end, beside its status writes', () => {
    const handlers: string[] = [];
    const harness = new KubeletHarness({
      behaviors: [makeBehavior({ startDuration: seconds(0.2), runDuration: seconds(10) })],
      kubelet: { sandboxDuration: seconds(3) },
    });
    harness.engine.onEvent = (_index, _time, _phase, name) => void handlers.push(name);
    harness.start();
    harness.create(makePod('p', { spec: { restartPolicy: 'Never' } })).until(60);
    expect(harness.line('p')).toBe('Succeeded terminated(Completed) 0');
    const own = handlers.filter((name) => name !== 'kubelet/watch/Node');
    expect(own).toEqual([
      'kubelet/watch/Pod',
      'kubelet/request',
      // The container runs.
      'kubelet/pod',
      'kubelet/request',
      // It ends; the next list of containers shows it; the list after that shows that nothing runs any more.
      'kubelet/pod',
      'kubelet/pod',
      'kubelet/request',
      'kubelet/pod',
      'kubelet/request',
    ]);
  });

  test('waits 0.3 s for volumes that a container mounts', () => {
    const volume = { name: 'v', source: 'emptyDir', claimName: undefined, raw: {} };
    const mounting = [makeContainer({ volumeMounts: ['v'] })];
    const harness = new KubeletHarness()
      .install(makePod('p', { spec: { volumes: [volume], containers: mounting } }))
      .install(makePod('q', { spec: { volumes: [volume] } }))
      .start();
    expect(harness.until(60).log.filter((line) => line.includes(' start '))).toEqual([
      '0 start q/0 0',
      '0.3 start p/0 0',
    ]);
  });

  test('starts its containers one after the other and shows them together', () => {
    const containers = [1, 2, 3].map((n) => makeContainer({ name: `c${n}` }));
    const harness = new KubeletHarness({ behaviors: [makeBehavior({ startDuration: seconds(2) })] });
    harness.install(makePod('p', { spec: { containers } })).start();
    harness.until(5);
    expect(harness.starts).toEqual([2, 4]);
    expect(harness.line('p')).toBe('Pending waiting(ContainerCreating) 0');
    harness.until(6);
    expect(harness.pod('p')!.status.containerStatuses.map(({ state }) => state.startedAt)).toEqual([2, 4, 6]);
  });

  test('runs init containers in order, keeps sidecars, and only then starts the rest', () => {
    const initContainers = [
      makeContainer({ name: 'i1' }),
      makeContainer({ name: 'side', restartPolicy: 'Always' }),
      makeContainer({ name: 'i2' }),
    ];
    const harness = new KubeletHarness().install(makePod('p', { spec: { initContainers } })).start();
    harness.until(0.5);
    expect(harness.line('p')).toBe('Pending waiting(PodInitializing) 0');
    expect(isConditionTrue(harness.pod('p')!.status.initialized)).toBe(false);
    harness.until(10);
    // Two regular init containers of one second each, and for each end up to a second until it is seen.
    expect(harness.starts).toHaveLength(1);
    expect(harness.starts[0]).toBeGreaterThanOrEqual(2);
    expect(harness.starts[0]).toBeLessThan(4.1);
    const { status } = harness.pod('p')!;
    expect(status.initContainerStatuses.map(({ state }) => state.phase)).toEqual([
      'terminated',
      'running',
      'terminated',
    ]);
    expect(status.initContainerStatuses.map(({ ready }) => ready)).toEqual([true, true, true]);
    expect([status.phase, isConditionTrue(status.ready)]).toEqual(['Running', true]);
  });

  test('waits for the startup probe of a sidecar before the next container', () => {
    const startupProbe = {
      initialDelaySeconds: 0,
      periodSeconds: 4,
      timeoutSeconds: 1,
      successThreshold: 1,
      failureThreshold: 3,
    };
    const initContainers = [makeContainer({ name: 'side', restartPolicy: 'Always', startupProbe })];
    const harness = new KubeletHarness().install(makePod('p', { spec: { initContainers } })).start();
    expect(harness.until(60).starts).toEqual([4]);
  });

  test('becomes ready at the probe attempt that finds it answering', () => {
    const probe = {
      initialDelaySeconds: 0,
      periodSeconds: 10,
      timeoutSeconds: 1,
      successThreshold: 2,
      failureThreshold: 3,
    };
    const containers = [makeContainer({ readinessProbe: probe })];
    const harness = new KubeletHarness({ behaviors: [makeBehavior({ readyAfter: seconds(12) })] });
    harness
      .install(makePod('p', { spec: { containers } }))
      .start()
      .until(100);
    // Attempts at 0, 10, 20, 30: the container answers from 12 on, two successes are needed.
    expect(conditionSince(harness.pod('p')!.status.ready)).toBe(30);
  });

  test('is ready when its behaviour says so where only a liveness probe asks', () => {
    const livenessProbe = {
      initialDelaySeconds: 0,
      periodSeconds: 10,
      timeoutSeconds: 1,
      successThreshold: 1,
      failureThreshold: 3,
    };
    const containers = [makeContainer({ livenessProbe })];
    const harness = new KubeletHarness({ behaviors: [makeBehavior({ readyAfter: seconds(12) })] });
    harness
      .install(makePod('p', { spec: { containers } }))
      .start()
      .until(100);
    expect(isConditionTrue(harness.pod('p')!.status.ready)).toBe(true);
    expect(conditionSince(harness.pod('p')!.status.ready)).toBe(12);
  });

  test('is killed and restarted when its startup probe has failed often enough', () => {
    const probe = {
      initialDelaySeconds: 0,
      periodSeconds: 5,
      timeoutSeconds: 1,
      successThreshold: 1,
      failureThreshold: 3,
    };
    const containers = [makeContainer({ startupProbe: probe })];
    const harness = new KubeletHarness({
      behaviors: [makeBehavior({ readyAfter: seconds(60), stopAfter: seconds(1) })],
    });
    harness
      .install(makePod('p', { spec: { containers } }))
      .start()
      .until(17);
    expect(harness.starts).toEqual([0, 16]);
    expect(harness.log).toContain('15 event p Killing: Container c failed startup probe, will be restarted');
    expect(harness.log).toContain('16 exit p/0 143 Error');
  });
});

describe('a pod that ends', () => {
  test.each([
    ['Never', 0, 'Succeeded terminated(Completed) 0'],
    ['Never', 3, 'Failed terminated(Error) 0'],
    ['OnFailure', 0, 'Succeeded terminated(Completed) 0'],
    ['OnFailure', 3, 'Running running() 1'],
    ['Always', 0, 'Running running() 1'],
  ] as const)('restart policy %s and exit code %i: %s', (restartPolicy, exitCode, line) => {
    const harness = new KubeletHarness({ behaviors: [runs(10, exitCode)] });
    harness
      .install(makePod('p', { spec: { restartPolicy } }))
      .start()
      .until(13);
    expect(harness.line('p')).toBe(line);
  });

  test('shows CrashLoopBackOff while it waits, and stays Running but not Ready', () => {
    // The fifth back-off, of 160 s: the sync after the one that finds it comes 60 to 90 s later.
    const harness = new KubeletHarness({ behaviors: [runs(5, 1)] }).install(makePod('p')).start();
    while (harness.line('p') !== 'Running waiting(CrashLoopBackOff) 5' && harness.seconds < 1000) {
      harness.until(harness.seconds + 1);
    }
    expect(harness.line('p')).toBe('Running waiting(CrashLoopBackOff) 5');
    const { status } = harness.pod('p')!;
    const uid = harness.pod('p')!.metadata.uid;
    expect(status.containerStatuses[0]!.state.message).toBe(
      `back-off 2m40s restarting failed container=c pod=p_default(${uid})`,
    );
    const { lastState } = status.containerStatuses[0]!;
    expect(lastState).toMatchObject({ reason: 'Error', exitCode: 1 });
    expect(lastState!.finishedAt - lastState!.startedAt).toBe(5);
    expect(isConditionTrue(status.ready)).toBe(false);
  });

  test('stops its sidecars when its last main container has ended', () => {
    const initContainers = [makeContainer({ name: 'side', restartPolicy: 'Always' })];
    const harness = new KubeletHarness({
      behaviors: [makeBehavior({ runDuration: seconds(5), stopAfter: seconds(2) })],
    });
    harness
      .install(makePod('p', { spec: { initContainers, restartPolicy: 'Never' } }))
      .start()
      .until(6.9);
    expect(harness.pod('p')!.status.phase).toBe('Running');
    // Up to a second until the end is seen, two to stop the sidecar, and two lists of containers until the pod is over.
    harness.until(10.1);
    expect(harness.pod('p')!.status.phase).toBe('Succeeded');
  });

  test('fails with its init container under restart policy Never, and is retried otherwise', () => {
    const initContainers = [makeContainer({ name: 'i' })];
    const harness = new KubeletHarness();
    harness
      .install(makePod('p', { spec: { initContainers, restartPolicy: 'Never' } }))
      .start()
      .until(0.5);
    harness.machines.crash('n1');
    harness.machines.restore('n1');
    harness.until(60);
    expect(harness.pod('p')!.status.phase).toBe('Failed');
  });

  test('is Failed with DeadlineExceeded once activeDeadlineSeconds are over', () => {
    const harness = new KubeletHarness({ behaviors: [makeBehavior({ stopAfter: seconds(4) })] });
    harness
      .install(makePod('p', { spec: { activeDeadlineSeconds: 10 } }))
      .start()
      .until(13.9);
    expect(harness.line('p')).toBe('Running running() 0');
    expect(harness.until(16.1).line('p')).toBe('Failed/DeadlineExceeded terminated(Error) 0');
    expect(harness.until(100).pod('p')).toBeDefined();
  });

  test('is marked Failed after n restarts where the scenario says so, under a reason that is not of Kubernetes', () => {
    const crash = makeBehavior({ crash: { interval: seconds(5), exitCode: 2 }, failAfterRestarts: 2 });
    const harness = new KubeletHarness({ behaviors: [crash] }).install(makePod('p')).start().until(1000);
    expect(harness.starts).toHaveLength(3);
    expect(harness.line('p')).toBe('Failed/FailAfterRestarts terminated(Error) 2');
    expect(harness.pod('p')!.status.message).toContain('not Kubernetes');
  });
});

describe('a pod that is deleted', () => {
  test('ends when its process handles SIGTERM, and is removed by its kubelet', () => {
    const harness = new KubeletHarness({ behaviors: [makeBehavior({ stopAfter: seconds(3) })] });
    harness.install(makePod('p')).start().until(8);
    harness.delete('p').until(10.9);
    expect(harness.line('p')).toBe('Running running() 0');
    const phases: string[] = [];
    harness.server.recorder.observe({
      committed: (_k, _s, _b, after) =>
        void phases.push(after === undefined ? 'gone' : (after as { status: { phase: string } }).status.phase),
    });
    expect(harness.until(11).line('p')).toBe('Failed terminated(Error) 0');
    expect(harness.until(12.1).line('p')).toBe('gone');
    expect(phases.filter((phase, at) => phase !== phases[at - 1])).toEqual(['Failed', 'gone']);
    expect(harness.log).toContain('11 exit p/0 143 Error');
  });

  test.each([
    [30, 1, 9],
    [4, 60, 12],
    [1, 60, 10],
  ])(
    'grace %i s, a process that needs %i s: ended at %i s, gone with the next list of containers',
    (grace, needs, goneAt) => {
      const harness = new KubeletHarness({ behaviors: [makeBehavior({ stopAfter: seconds(needs) })] });
      harness.install(makePod('p')).start().until(8);
      harness.delete('p', grace).until(goneAt - 0.001);
      expect(harness.pod('p')).toBeDefined();
      expect(harness.until(goneAt + 1.1).pod('p')).toBeUndefined();
      expect(harness.log.some((line) => line.includes(`exit p/0 ${needs > grace ? 137 : 143}`))).toBe(true);
    },
  );

  test('or declared Failed by others, it is stopped and keeps the phase and the reason that they wrote', () => {
    const harness = new KubeletHarness().install(makePod('p')).start().until(10);
    const fail = (pod: Pod): Pod =>
      podWith(pod, { status: statusWith(pod.status, { phase: 'Failed', reason: 'NodeLost' }) });
    harness.server.execute(patchStatusRequest('Pod', 'default', 'p', fail));
    harness.until(20);
    expect(harness.log).toContain('10 exit p/0 143 Error');
    expect(harness.line('p')).toBe('Failed/NodeLost terminated(Error) 0');
  });

  test('in crash back-off it is gone with the next list of containers', () => {
    const harness = new KubeletHarness({ behaviors: [runs(5, 1)] }).install(makePod('p')).start().until(12);
    expect(harness.delete('p').until(13.1).pod('p')).toBeUndefined();
    expect(harness.until(100).starts).toHaveLength(2);
  });

  test('while its image is pulled it waits for the pull, starts and is stopped', () => {
    const harness = new KubeletHarness({
      present: [],
      registry: { latency: seconds(8) },
      images: [{ name: 'app:*', sizeBytes: 0 }],
    });
    harness.install(makePod('p')).start().until(3);
    harness.delete('p').until(7.9);
    expect(harness.pod('p')).toBeDefined();
    expect(harness.until(9.1).pod('p')).toBeUndefined();
    expect(harness.log.filter((line) => line.includes('p/0'))).toEqual(['8 start p/0 0', '8 exit p/0 143 Error']);
  });

  test('by force it leaves the API at once while its container has two seconds', () => {
    const harness = new KubeletHarness({ behaviors: [makeBehavior({ stopAfter: seconds(60) })] });
    harness.install(makePod('p')).start().until(8);
    expect(harness.delete('p', 0).until(8).pod('p')).toBeUndefined();
    harness.until(9.9);
    expect(harness.log.some((line) => line.includes('exit'))).toBe(false);
    expect(harness.until(10).log).toContain('10 exit p/0 137 Error');
  });

  test('has its main containers stopped first, then its sidecars from the last to the first', () => {
    const initContainers = ['s', 't'].map((name) => makeContainer({ name, restartPolicy: 'Always' }));
    const stops: string[] = [];
    const harness: KubeletHarness = new KubeletHarness({
      behaviors: [makeBehavior({ stopAfter: seconds(2) })],
      observer: {
        runtimeCall: ({ call, container, code }) =>
          void (call === 'StopContainer' && stops.push(`${harness.seconds} ${container} ${code}`)),
      },
    });
    harness
      .install(makePod('p', { spec: { initContainers } }))
      .start()
      .until(10);
    harness.delete('p').until(60);
    // The events come together, the calls to the runtime one after the other, with the grace that is left.
    expect(stops).toEqual(['10 c 30', '12 t 28', '14 s 26']);
    expect(harness.pod('p')).toBeUndefined();
  });
});

describe('admission', () => {
  test('a pod that does not fit any more is Failed with OutOfcpu and is not counted', () => {
    const harness = new KubeletHarness().start();
    harness.create(makePod('a', { requests: { cpu: 3000 } })).until(1);
    harness.create(makePod('b', { requests: { cpu: 2000 } })).until(2);
    harness.create(makePod('c', { requests: { cpu: 1000 } })).until(3);
    expect(harness.line('b')).toBe('Failed/OutOfcpu');
    expect(harness.pod('b')!.status.message).toBe(
      "Pod was rejected: Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000",
    );
    expect(harness.line('c')).toBe('Running running() 0');
  });

  test('a terminating pod counts until its containers are stopped, a finished one does not', () => {
    const harness = new KubeletHarness({ behaviors: [makeBehavior({ stopAfter: seconds(4) })] }).start();
    harness.create(makePod('a', { requests: { cpu: 3000 } })).until(5);
    harness.delete('a').until(6);
    harness.create(makePod('b', { requests: { cpu: 3000 } })).until(14);
    harness.create(makePod('c', { requests: { cpu: 3000 } })).until(15);
    expect([harness.line('b'), harness.line('c')]).toEqual(['Failed/OutOfcpu', 'Running running() 0']);
  });

  test('a pod that has ended frees its requests once', () => {
    const harness = new KubeletHarness({ behaviors: [runs(5)] }).start();
    harness.create(makePod('a', { requests: { cpu: 3000 }, spec: { restartPolicy: 'Never' } })).until(8);
    for (const name of ['b', 'c']) harness.create(makePod(name, { requests: { cpu: 3000 } })).until(9);
    expect([harness.line('b'), harness.line('c')]).toEqual(['Running running() 0', 'Failed/OutOfcpu']);
  });

  test('a pod that needs another label is Failed with NodeAffinity', () => {
    const harness = new KubeletHarness().start();
    harness.create(makePod('a', { spec: { nodeSelector: { disk: 'ssd' } } })).until(1);
    expect(harness.line('a')).toBe('Failed/NodeAffinity');
  });
});

describe('a pod that is changed', () => {
  const withImage = (pod: Pod, image: unknown): Pod =>
    podWith(pod, {
      spec: specWith(pod.spec, { containers: [{ ...pod.spec.containers[0]!, image: image as string }] }),
    });

  test('has a container with another image stopped and started anew at once, under any restart policy', () => {
    const harness = new KubeletHarness({
      present: ['app:1', 'app:2'],
      behaviors: [makeBehavior({ stopAfter: seconds(3) })],
    });
    harness
      .create(makePod('p', { spec: { restartPolicy: 'Never' } }))
      .start()
      .until(10);
    harness.server.execute(patchRequest('Pod', 'default', 'p', withImage, 'app:2'));
    harness.until(20);
    expect(harness.log).toContain('10 event p Killing: Container c definition changed, will be restarted');
    expect(harness.log).toContain('13 exit p/0 143 Error');
    expect(harness.starts).toEqual([0, 13]);
    expect(harness.line('p')).toBe('Running running() 1');
  });

  test('is synced at once where only its labels change: a back-off that is over is seen', () => {
    const harness = new KubeletHarness({ behaviors: [runs(5, 1)] }).create(makePod('p')).start();
    while (harness.starts.length < 5) harness.until(harness.seconds + 1);
    // The back-off of 80 s is over, and the queue would look at the pod only later.
    const endedAt = harness.starts[4]! + 5;
    harness.until(endedAt + 80.5);
    const isWaiting = harness.starts.length === 5;
    const label = (pod: Pod): Pod =>
      podWith(pod, { metadata: metadataWith(pod.metadata, { labels: { changed: 'yes' } }) });
    harness.server.execute(patchRequest('Pod', 'default', 'p', label));
    harness.until(endedAt + 80.5);
    expect([isWaiting, harness.starts.length]).toEqual([true, 6]);
  });
});
