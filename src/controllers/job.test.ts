import { describe, expect, test } from 'vitest';
import { defaultLatency } from '../apiserver/latency.ts';
import { patchStatusRequest } from '../apiserver/requests.ts';
import { podWith } from '../apiserver/pod-object.ts';
import type { JobSpec } from '../api/batch-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import { SECOND } from '../engine/time.ts';
import { makeJob, makeTemplate } from '../testing/api-harness.ts';
import { makePod } from '../testing/builders.ts';
import { ControlPlane } from '../testing/control-plane.ts';
import type { ControlPlaneOptions, PodBehavior } from '../testing/control-plane.ts';
import { statusWith } from '../api/pod-status.ts';

function planeOf(
  behavior: Partial<PodBehavior> | ((pod: Pod) => Partial<PodBehavior>),
  options: ControlPlaneOptions = {},
) {
  const behave = typeof behavior === 'function' ? behavior : (): Partial<PodBehavior> => behavior;
  const names = ['job-controller', 'garbage-collector-controller'];
  return new ControlPlane({ controllers: names, behavior: behave, ...options });
}

/** A Job named `work` in a running plane, and when its pods are made and what becomes of it, in seconds. */
function story(plane: ControlPlane, parts: Partial<JobSpec>) {
  const created: number[] = [];
  const conditions: string[] = [];
  plane.observe('Pod', (before, _after, seconds) => {
    if (before === undefined) created.push(seconds);
  });
  plane.observe('Job', (before, after, seconds) => {
    for (const { type, status, reason } of after?.status.conditions ?? []) {
      const isNew = !before?.status.conditions.some((old) => old.type === type && old.status === status);
      if (isNew) conditions.push(`${seconds} ${type}=${status} ${reason}`);
    }
  });
  plane.create(makeJob('work', parts));
  return { created, conditions, status: () => plane.get('Job', 'work')!.status };
}

test('a pod that a terminating namespace refuses counts as active until the next look, and is not asked for again', () => {
  const plane = planeOf({ exitAfter: 300 * SECOND });
  const { created } = story(plane, {});
  const active: number[] = [];
  plane.observe('Job', (_before, after) => void active.push(after!.status.active));
  plane.at(10, () => plane.delete('Namespace', 'shop', {}, ''));
  plane.at(20, () => plane.delete('Pod', plane.list('Pod')[0]!.metadata.name)).runTo(200);
  expect(created).toHaveLength(1);
  // One, none while it ends, one that does not come, none.
  expect(active.filter((count, at) => count !== active[at - 1])).toEqual([1, 0, 1, 0]);
});

test('a Job that somebody else manages gets no pods and no status', () => {
  const plane = planeOf({ exitAfter: 3 * SECOND });
  const { created, conditions, status } = story(plane, { managedBy: 'example.com/queue' });
  plane.runTo(60);
  expect(created).toEqual([]);
  expect(conditions).toEqual([]);
  expect(status()).toMatchObject({ active: 0, startTime: -1 });
});

test('a Job that picks its pods counts one that was there before, and waits for it', () => {
  const plane = planeOf({ exitAfter: 5 * SECOND });
  const selector = { matchLabels: { app: 'x' }, matchExpressions: [] };
  const seed = makePod('seed', { labels: { app: 'x' }, metadata: { namespace: 'shop' } });
  plane.create(podWith(seed, { spec: { ...seed.spec, restartPolicy: 'Never' } }));
  plane.runTo(2);
  const { created, status } = story(plane, {
    manualSelector: true,
    selector,
    template: makeTemplate({ app: 'x' }),
    completions: 3,
    parallelism: 2,
  });
  expect(plane.runTo(3).get('Pod', 'seed')!.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking']);
  plane.runTo(60);
  expect(created).toHaveLength(2);
  expect(status()).toMatchObject({ succeeded: 3 });
  expect(plane.get('Pod', 'seed')!.metadata.finalizers).toEqual([]);
});

describe('a Job whose pods succeed', () => {
  test('completes a second after its pod has ended, which is counted in batches of one second', () => {
    const plane = planeOf({ exitAfter: 30 * SECOND });
    const { created, conditions, status } = story(plane, {});
    plane.runTo(100);
    expect(created).toEqual([0]);
    expect(conditions).toEqual([
      '31 SuccessCriteriaMet=True CompletionsReached',
      '31 Complete=True CompletionsReached',
    ]);
    expect(status()).toMatchObject({ active: 0, succeeded: 1, failed: 0, startTime: 0, completionTime: 31 });
    expect(status().uncountedTerminatedPods).toEqual({ succeeded: [], failed: [] });
    expect(plane.list('Pod').map(({ metadata }) => metadata.finalizers)).toEqual([[]]);
    expect(plane.events.map(({ reason, message }) => `${reason} ${message}`)).toEqual([
      `SuccessfulCreate Created pod: ${plane.list('Pod')[0]!.metadata.name}`,
      'Completed Job completed',
    ]);
  });

  test('runs at most `parallelism` of them, until `completions` have succeeded', () => {
    const plane = planeOf({ exitAfter: 10 * SECOND });
    const { created, status } = story(plane, { completions: 5, parallelism: 2 });
    plane.runTo(100);
    // A pod's end is counted one second later; the next one starts then.
    expect(created).toEqual([0, 0, 11, 11, 22]);
    expect(status()).toMatchObject({ succeeded: 5, completionTime: 33 });
  });

  test('without completions ends with the first success, once the others have ended too', () => {
    let count = 0;
    const plane = planeOf(() => ({ exitAfter: [10, 25, 40][count++]! * SECOND }));
    const { created, conditions } = story(plane, { completions: undefined, parallelism: 3 });
    plane.runTo(100);
    expect(created).toHaveLength(3);
    expect(conditions.at(-1)).toMatch(/Complete=True/);
  });

  test('counts each pod once, also when statuses, finalizers and watches take their time', () => {
    const plane = planeOf({ exitAfter: 3 * SECOND }, { latency: defaultLatency });
    const { status } = story(plane, { completions: 60, parallelism: 20 });
    plane.runTo(200);
    expect(status()).toMatchObject({ succeeded: 60, failed: 0 });
    expect(plane.list('Pod').filter(({ metadata }) => metadata.finalizers.length > 0)).toEqual([]);
  });

  test('needs nobody but itself when it wants no pods', () => {
    const plane = planeOf({});
    const { conditions } = story(plane, { completions: 0 });
    plane.runTo(5);
    expect(conditions.at(-1)).toBe('0 Complete=True CompletionsReached');
  });
});

describe('a Job whose pods fail', () => {
  test('R4: waits 10, 20, 40 ... 320 s and gives up with the 7th failure', () => {
    const plane = planeOf({ exitAfter: 30 * SECOND, exitCode: 1 });
    const { created, conditions, status } = story(plane, {});
    plane.runTo(1000);
    expect(created).toEqual([0, 40, 90, 160, 270, 460, 810]);
    // The last failure at 840 s is counted with the batch of one second.
    expect(conditions).toEqual(['841 FailureTarget=True BackoffLimitExceeded', '841 Failed=True BackoffLimitExceeded']);
    expect(status()).toMatchObject({ failed: 7, succeeded: 0, active: 0, completionTime: -1 });
    expect(plane.events.at(-1)).toMatchObject({
      type: 'Warning',
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    });
  });

  test('R5: never waits longer than 10 minutes', () => {
    const plane = planeOf({ exitAfter: 5 * SECOND, exitCode: 1 });
    const { created, conditions } = story(plane, { backoffLimit: 9 });
    plane.runTo(3000);
    // 10 pods of 5 s and 10+20+40+80+160+320+600+600+600 = 2430 s of waiting.
    expect(created.at(-1)).toBe(2475);
    expect(conditions.at(-1)).toBe('2481 Failed=True BackoffLimitExceeded');
  });

  test('R6: two at a time count two by two', () => {
    const plane = planeOf({ exitAfter: 31 * SECOND, exitCode: 1 });
    const { created, conditions, status } = story(plane, { completions: 8, parallelism: 2 });
    plane.runTo(1000);
    // 2 failures: 20 s, 4: 80 s, 6: 320 s; a real cluster took 546 s for the whole.
    expect(created).toEqual([0, 0, 51, 51, 162, 162, 513, 513]);
    expect(conditions.at(-1)).toBe('545 Failed=True BackoffLimitExceeded');
    expect(status().failed).toBe(8);
  });

  test('waits anew from 10 s after a success', () => {
    let count = 0;
    const plane = planeOf(() => ({ exitAfter: 5 * SECOND, exitCode: [1, 1, 0, 1, 0][count++]! }));
    const { created } = story(plane, { completions: 2 });
    plane.runTo(200);
    // Failures at 5 and 20, success at 45, failure at 51: 10, 20, at once (batch), 10 s.
    expect(created).toEqual([0, 15, 40, 46, 61]);
  });

  test('with backoffLimit 0 makes no second pod', () => {
    const plane = planeOf({ exitAfter: 5 * SECOND, exitCode: 1 });
    const { created, conditions } = story(plane, { backoffLimit: 0 });
    plane.runTo(60);
    expect(created).toEqual([0]);
    expect(conditions.at(-1)).toBe('6 Failed=True BackoffLimitExceeded');
  });

  test('under restartPolicy OnFailure ends when the restarts within its pods reach the limit', () => {
    const plane = planeOf({});
    const { conditions } = story(plane, {
      backoffLimit: 3,
      template: makeTemplate({ app: 'work' }, { restartPolicy: 'OnFailure' }),
    });
    plane.runTo(5);
    const { name } = plane.list('Pod')[0]!.metadata;
    const restarted =
      (restartCount: number) =>
      (pod: Pod): Pod => {
        const state = { phase: 'running', reason: '', message: '', exitCode: 0, startedAt: 0, finishedAt: -1 } as const;
        const containerStatuses = [{ index: 0, state, lastState: undefined, restartCount, ready: true, started: true }];
        return podWith(pod, { status: statusWith(pod.status, { containerStatuses }) });
      };
    const restart = (count: number) => (): void =>
      void plane.api.server.execute(patchStatusRequest('Pod', 'shop', name, restarted(count)));
    plane.at(10, restart(2)).at(20, restart(3)).runTo(60);
    expect(conditions[0]).toBe('21 FailureTarget=True BackoffLimitExceeded');
    // Its pod has to stop first, which takes as long as the batch that its deletion has begun.
    expect(conditions[1]).toBe('22 Failed=True BackoffLimitExceeded');
  });
});

describe('activeDeadlineSeconds', () => {
  test('ends the Job, and its last pod before the final condition', () => {
    const plane = planeOf({ stopAfter: 3 * SECOND });
    const { conditions, status } = story(plane, { activeDeadlineSeconds: 30, parallelism: 2, completions: 2 });
    plane.runTo(100);
    expect(conditions).toEqual(['30 FailureTarget=True DeadlineExceeded', '34 Failed=True DeadlineExceeded']);
    expect(status()).toMatchObject({ active: 0, terminating: 0, failed: 2 });
    expect(plane.events.at(-1)!.message).toBe('Job was active longer than specified deadline');
  });
});

describe('suspend', () => {
  test('deletes the pods without counting them, and starts the clock anew afterwards', () => {
    const plane = planeOf({ exitAfter: 100 * SECOND });
    const { created, conditions, status } = story(plane, { parallelism: 2, completions: 2 });
    const suspend = (value: boolean) => (): void =>
      plane.change('Job', 'work', (spec) => ({ ...spec, suspend: value }));
    plane.at(10, suspend(true)).runTo(20);
    expect(status()).toMatchObject({ active: 0, failed: 0, startTime: -1 });
    plane.at(50, suspend(false)).runTo(200);
    expect(created).toEqual([0, 0, 50, 50]);
    expect(conditions.slice(0, 2)).toEqual(['10 Suspended=True JobSuspended', '50 Suspended=False JobResumed']);
    expect(status()).toMatchObject({ startTime: 50, succeeded: 2, failed: 0 });
    const told = plane.events.filter(({ reason }) => reason === 'Suspended' || reason === 'Resumed');
    expect(told.map(({ message }) => message)).toEqual(['Job suspended', 'Job resumed']);
  });
});

describe('a pod that is deleted', () => {
  test('counts as failed at once and is replaced after the back-off', () => {
    const plane = planeOf({ stopAfter: 30 * SECOND });
    const { created, status } = story(plane, {});
    plane.runTo(5);
    const { name } = plane.list('Pod')[0]!.metadata;
    plane.at(10, () => plane.delete('Pod', name)).runTo(12);
    expect(status()).toMatchObject({ failed: 1, active: 0, terminating: 1 });
    plane.runTo(60);
    expect(created).toEqual([0, 20]);
  });

  test('under podReplacementPolicy Failed is waited for', () => {
    const plane = planeOf({ stopAfter: 30 * SECOND });
    const { created, status } = story(plane, { podReplacementPolicy: 'Failed' });
    plane.runTo(5);
    const { name } = plane.list('Pod')[0]!.metadata;
    plane.at(10, () => plane.delete('Pod', name)).runTo(20);
    expect(status()).toMatchObject({ failed: 0, active: 0, terminating: 1 });
    plane.runTo(100);
    expect(status()).toMatchObject({ failed: 1 });
    expect(created).toEqual([0, 50]);
  });
});

describe('an indexed Job', () => {
  const indexOf = ({ metadata }: Pod): number => Number(metadata.labels['batch.kubernetes.io/job-completion-index']);

  test('runs one pod for each index, the lowest first, and says which are done', () => {
    const plane = planeOf({ exitAfter: 10 * SECOND });
    const { status } = story(plane, { completionMode: 'Indexed', completions: 5, parallelism: 3 });
    plane.runTo(5);
    expect(plane.list('Pod').map(indexOf)).toEqual([0, 1, 2]);
    for (const { metadata } of plane.list('Pod')) {
      expect(metadata.name).toMatch(/^work-[0-2]-\w{5}$/);
      expect(metadata.annotations['batch.kubernetes.io/job-completion-index']).toBe(metadata.name.split('-')[1]);
    }
    plane.runTo(15);
    expect(status().completedIndexes).toBe('0-2');
    plane.runTo(60);
    expect(status()).toMatchObject({ completedIndexes: '0-4', succeeded: 5 });
  });

  test('repeats an index that failed, under the back-off of the whole Job', () => {
    const plane = planeOf((pod) =>
      indexOf(pod) === 1 ? { exitAfter: 12 * SECOND, exitCode: 1 } : { exitAfter: 10 * SECOND },
    );
    const { status } = story(plane, { completionMode: 'Indexed', completions: 3, parallelism: 3, backoffLimit: 1 });
    // The successes at 10 s forgive nothing that comes after them: 12 + 10 s.
    plane.runTo(21.9);
    expect(plane.list('Pod')).toHaveLength(3);
    plane.runTo(25);
    expect(
      plane
        .list('Pod')
        .map(indexOf)
        .sort((a, b) => a - b),
    ).toEqual([0, 1, 1, 2]);
    expect(status()).toMatchObject({ completedIndexes: '0,2', failed: 1 });
    plane.runTo(60);
    expect(status().conditions.at(-1)).toMatchObject({ type: 'Failed', reason: 'BackoffLimitExceeded' });
  });
});

describe('parallelism', () => {
  test('that falls takes active pods away without counting them', () => {
    const plane = planeOf({});
    const { status } = story(plane, { completions: 10, parallelism: 6 });
    plane.at(10, () => plane.change('Job', 'work', (spec) => ({ ...spec, parallelism: 2 }))).runTo(30);
    expect(status()).toMatchObject({ active: 2, failed: 0, succeeded: 0 });
    expect(plane.list('Pod')).toHaveLength(2);
  });
});

describe('deleting a Job', () => {
  test('takes its pods along, though their finalizer would hold them', () => {
    const plane = planeOf({});
    story(plane, { completions: 3, parallelism: 3 });
    plane.at(10, () => plane.delete('Job', 'work')).runTo(30);
    expect(plane.list('Pod')).toEqual([]);
  });

  test('in the foreground waits for the pods', () => {
    const plane = planeOf({ stopAfter: 7 * SECOND });
    story(plane, { completions: 3, parallelism: 3 });
    plane.at(10, () => plane.delete('Job', 'work', { propagation: 'Foreground' })).runTo(16);
    expect(plane.get('Job', 'work')).toBeDefined();
    plane.runTo(18);
    expect([plane.get('Job', 'work'), plane.list('Pod')]).toEqual([undefined, []]);
  });
});

test('the pods of a Job share spec, labels and owner', () => {
  const plane = planeOf({});
  story(plane, { completions: 3, parallelism: 3 });
  plane.runTo(1);
  const [first, ...others] = plane.list('Pod');
  const shared = (pod: Pod) => ('shared' in pod.spec ? pod.spec.shared : pod.spec);
  for (const pod of others) {
    expect(shared(pod)).toBe(shared(first!));
    expect(pod.metadata.labels).toBe(first!.metadata.labels);
    expect(pod.metadata.ownerReferences).toBe(first!.metadata.ownerReferences);
  }
});
