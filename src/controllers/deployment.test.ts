import { describe, expect, test } from 'vitest';
import type { DeploymentSpec } from '../api/apps-v1.ts';
import { SECOND } from '../engine/time.ts';
import { makeDeployment, makeTemplate } from '../testing/api-harness.ts';
import { ControlPlane, countReady } from '../testing/control-plane.ts';
import type { ControlPlaneOptions } from '../testing/control-plane.ts';
import { decodedAs } from '../testing/decode.ts';

const workloads = ['deployment-controller', 'replicaset-controller', 'garbage-collector-controller'];

function planeOf(options: ControlPlaneOptions = {}): ControlPlane {
  return new ControlPlane({ controllers: workloads, behavior: () => ({ readyAfter: 2 * SECOND }), ...options });
}

/** Another image, hence another template. */
function setImage(plane: ControlPlane, image: string): void {
  plane.change('Deployment', 'web', (spec) => {
    const containers = spec.template.spec.containers.map((container) => ({ ...container, image }));
    return { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, containers } } };
  });
}

function rollingDeployment(parts: Partial<DeploymentSpec>): ReturnType<typeof makeDeployment> {
  return makeDeployment('web', parts);
}

/** Each pair of wanted sizes (old, new) that the sets have after an instant, in turn. */
function watchSizes(plane: ControlPlane): string[] {
  const seen: string[] = [];
  plane.observe('ReplicaSet', () => {
    const sets = plane.setsOf('web');
    if (sets.length < 2) return;
    seen.push(`${sets[0]!.spec.replicas},${sets[1]!.spec.replicas}`);
  });
  return seen;
}

function distinct(seen: readonly string[]): string[] {
  return seen.filter((entry, at) => entry !== seen[at - 1]);
}

test('a set that a terminating namespace refuses is asked for once', () => {
  const plane = planeOf();
  plane.create(makeDeployment('web'));
  let refusals = 0;
  plane.api.recorder.observe({
    apiRequest: (client, _verb, kind, code) => {
      if (client === 'deployment-controller' && kind === 'ReplicaSet' && code === 'Forbidden') refusals++;
    },
  });
  plane.at(10, () => plane.delete('Namespace', 'shop', {}, ''));
  plane.at(20, () => plane.delete('ReplicaSet', plane.setsOf('web')[0]!.metadata.name));
  plane.runTo(120);
  expect(plane.setsOf('web')).toHaveLength(0);
  expect(refusals).toBe(1);
});

test('a set that a quota refuses is asked for with growing pauses, 5 ms doubled each time', () => {
  const plane = planeOf({ controllers: [...workloads, 'resourcequota-controller'] });
  const raw = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q', namespace: 'shop' } };
  plane.create(decodedAs('ResourceQuota', { ...raw, spec: { hard: { 'count/replicasets.apps': '1' } } }));
  plane.runTo(1);
  plane.create(makeDeployment('web'));
  plane.at(10, () => setImage(plane, 'app:2')).runTo(15);
  // 5 ms, 10 ms, ... 2.56 s are 5.1 s together: ten attempts in the five seconds after 10 s, as the real one makes.
  const told = plane.events.filter(({ reason }) => reason === 'ReplicaSetCreateError');
  expect(told).toHaveLength(10);
});

describe('a new Deployment', () => {
  test('makes one ReplicaSet named after the hash of its template, and the pods carry the hash', () => {
    const plane = planeOf();
    plane.create(makeDeployment('web'));
    plane.runTo(10);
    const [set] = plane.setsOf('web');
    const hash = set!.metadata.labels['pod-template-hash']!;
    expect(set!.metadata.name).toBe(`web-${hash}`);
    expect(set!.spec.selector.matchLabels).toEqual({ app: 'web', 'pod-template-hash': hash });
    const pods = plane.ownedBy('Pod', set!.metadata.uid);
    expect(pods).toHaveLength(3);
    expect(pods[0]!.metadata.name).toMatch(new RegExp(`^web-${hash}-[bcdfghjklmnpqrstvwxz2456789]{5}$`));
    for (const pod of pods) expect(pod.metadata.labels['pod-template-hash']).toBe(hash);
    expect(set!.metadata.annotations).toEqual({
      'deployment.kubernetes.io/revision': '1',
      'deployment.kubernetes.io/desired-replicas': '3',
      // 3 and a quarter of it, rounded up.
      'deployment.kubernetes.io/max-replicas': '4',
    });
    const { metadata, status } = plane.get('Deployment', 'web')!;
    expect(metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' });
    expect(status).toMatchObject({ replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 });
    expect(status.conditions.map(({ type, status: value, reason }) => `${type} ${value} ${reason}`)).toEqual([
      'Available True MinimumReplicasAvailable',
      'Progressing True NewReplicaSetAvailable',
    ]);
    expect(plane.events.map(({ reason, message }) => `${reason} ${message}`)[0]).toBe(
      `ScalingReplicaSet Scaled up replica set web-${hash} from 0 to 3`,
    );
  });
});

describe('a rolling update', () => {
  /** Pods of the second template turn ready so many seconds after their creation, by the order of their creation. */
  function readyInTurn(seconds: readonly number[]): NonNullable<ControlPlaneOptions['behavior']> {
    const ordinals = new Map<number, number>();
    return (pod) => {
      if (pod.spec.containers[0]!.image === 'app:1') return { readyAfter: 0 };
      const { uid } = pod.metadata;
      if (!ordinals.has(uid)) ordinals.set(uid, ordinals.size);
      return { readyAfter: seconds[ordinals.get(uid)!]! * SECOND };
    };
  }

  test('of 10 with 25 % and 25 % goes 3 up and 2 down, and then as pods turn available', () => {
    const plane = planeOf({ behavior: readyInTurn([2, 2, 2, 4, 4, 4, 4, 4, 4, 4]) });
    plane.create(rollingDeployment({ replicas: 10 }));
    plane.runTo(10);
    const seen = watchSizes(plane);
    plane.at(20, () => setImage(plane, 'app:2')).runTo(60);
    // surge 3, unavailable 2. (10,0): the new set is made with 3, in the same sync the old one may lose 10+3-8-3 = 2.
    // 13-11 = 2 more. 3 available: 11-8 = 3 old ones may go, 3 new ones come; 5: 10-8 = 2 and 2; 8: 11-8 = 3.
    expect(distinct(seen)).toEqual(['10,3', '8,3', '8,5', '5,5', '5,8', '3,8', '3,10', '0,10']);
    expect(plane.get('Deployment', 'web')!.status.updatedReplicas).toBe(10);
  });

  test('of 3 with 25 % and 25 % goes one by one: 1 up, 0 down', () => {
    const plane = planeOf({ behavior: readyInTurn([2, 2, 2]) });
    plane.create(rollingDeployment({ replicas: 3 }));
    plane.runTo(10);
    const seen = watchSizes(plane);
    plane.at(20, () => setImage(plane, 'app:2')).runTo(60);
    expect(distinct(seen)).toEqual(['3,1', '2,1', '2,2', '1,2', '1,3', '0,3']);
  });

  test.each([
    // surge 1, none unavailable: one up, one down, twice.
    [1, 0, ['2,1', '1,1', '1,2', '0,2']],
    // surge 0, one unavailable: the new set begins empty, and may only take what the old one has given.
    [0, 1, ['2,0', '1,0', '1,1', '0,1', '0,2']],
  ])('with surge %i and %i unavailable keeps to both', (surge, unavailable, expected) => {
    const plane = planeOf({ behavior: readyInTurn([2, 2]) });
    const strategy = {
      type: 'RollingUpdate',
      maxSurge: { count: surge },
      maxUnavailable: { count: unavailable },
    } as const;
    plane.create(rollingDeployment({ replicas: 2, strategy }));
    plane.runTo(10);
    const seen = watchSizes(plane);
    let [most, least] = [0, 9];
    plane.observe('Pod', (_before, _after, seconds) => {
      const pods = plane.list('Pod').filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      if (seconds > 20) [most, least] = [Math.max(most, pods.length), Math.min(least, countReady(pods))];
    });
    plane.at(20, () => setImage(plane, 'app:2')).runTo(60);
    expect(distinct(seen)).toEqual(expected);
    expect(most).toBeLessThanOrEqual(2 + surge);
    expect(least).toBeGreaterThanOrEqual(2 - unavailable);
  });

  test('takes pods that were never ready before it touches available ones', () => {
    const plane = planeOf({
      behavior: (pod) => ({ readyAfter: pod.spec.containers[0]!.image === 'bad' ? undefined : 0 }),
    });
    plane.create(rollingDeployment({ replicas: 4 }));
    plane
      .runTo(10)
      .at(20, () => setImage(plane, 'bad'))
      .runTo(30);
    // 25 % of 4: one more, one less: 3 old ones stay, 2 broken ones wait.
    expect(plane.setsOf('web').map(({ spec }) => spec.replicas)).toEqual([3, 2]);
    plane.at(40, () => setImage(plane, 'app:3')).runTo(50);
    expect(plane.setsOf('web').map(({ spec }) => spec.replicas)).toEqual([0, 0, 4]);
    const broken = plane.setsOf('web')[1]!.metadata.name;
    const scaled = plane.events.filter(
      ({ reason, message }) => reason === 'ScalingReplicaSet' && message.includes(broken),
    );
    expect(scaled.at(-1)!.message).toBe(`Scaled down replica set ${broken} from 2 to 0`);
  });

  test('back to an earlier template uses its ReplicaSet again, with a new revision and the old one in the history', () => {
    const plane = planeOf();
    plane.create(rollingDeployment({ replicas: 2 }));
    plane
      .runTo(10)
      .at(20, () => setImage(plane, 'app:2'))
      .at(60, () => setImage(plane, 'app:1'))
      .runTo(100);
    const [first, second] = plane.setsOf('web');
    expect([first!.spec.replicas, second!.spec.replicas]).toEqual([2, 0]);
    expect(first!.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    });
    expect(plane.get('Deployment', 'web')!.metadata.annotations['deployment.kubernetes.io/revision']).toBe('3');
  });

  test('keeps as many old ReplicaSets as the history limit says, those of the highest revisions', () => {
    const plane = planeOf();
    plane.create(rollingDeployment({ replicas: 1, revisionHistoryLimit: 2 }));
    for (const version of [2, 3, 4, 5]) plane.at(version * 30, () => setImage(plane, `app:${version}`));
    plane.runTo(300);
    const images = plane.setsOf('web').map(({ spec }) => spec.template.spec.containers[0]!.image);
    expect(images).toEqual(['app:3', 'app:4', 'app:5']);
  });
});

describe('Recreate', () => {
  test('stops all old pods, waits until the last one is gone, and then starts all new ones', () => {
    const plane = planeOf({ behavior: () => ({ readyAfter: 0, stopAfter: 7 * SECOND }) });
    const strategy = { type: 'Recreate', maxSurge: { count: 0 }, maxUnavailable: { count: 0 } } as const;
    plane.create(rollingDeployment({ replicas: 3, strategy }));
    plane.runTo(10);
    const created: number[] = [];
    plane.observe('Pod', (before, _after, seconds) => {
      if (before === undefined) created.push(seconds);
    });
    plane.at(20, () => setImage(plane, 'app:2')).runTo(60);
    expect(created).toEqual([27, 27, 27]);
    expect(plane.setsOf('web').map(({ spec }) => spec.replicas)).toEqual([0, 3]);
  });
});

describe('scaling', () => {
  test('in the middle of a rollout is spread in proportion', () => {
    const plane = planeOf({
      behavior: (pod) => ({ readyAfter: pod.spec.containers[0]!.image === 'app:1' ? 0 : undefined }),
    });
    plane.create(rollingDeployment({ replicas: 10 }));
    plane
      .runTo(10)
      .at(20, () => setImage(plane, 'app:2'))
      .runTo(30);
    expect(plane.setsOf('web').map(({ spec }) => spec.replicas)).toEqual([8, 5]);
    plane.at(40, () => plane.change('Deployment', 'web', (spec) => ({ ...spec, replicas: 20 }))).runTo(50);
    // surge of 20 is 5: 25 allowed, 12 more; 8*25/13 = 15.4 gives 15, 5*25/13 = 9.6 gives 10.
    expect(plane.setsOf('web').map(({ spec }) => spec.replicas)).toEqual([15, 10]);
  });

  test('in the middle of a rollout begins with the largest ReplicaSet', () => {
    const plane = planeOf({
      behavior: (pod) => ({ readyAfter: pod.spec.containers[0]!.image === 'app:1' ? 0 : undefined }),
    });
    const strategy = { type: 'RollingUpdate', maxSurge: { percent: 100 }, maxUnavailable: { percent: 50 } } as const;
    plane.create(rollingDeployment({ replicas: 10, strategy }));
    plane.at(20, () => setImage(plane, 'app:2')).runTo(30);
    const [old, newer] = plane.setsOf('web');
    expect([old!.spec.replicas, newer!.spec.replicas]).toEqual([5, 10]);
    plane.at(40, () => plane.change('Deployment', 'web', (spec) => ({ ...spec, replicas: 20 }))).runTo(40.001);
    const messages = plane.events.filter(({ reason }) => reason === 'ScalingReplicaSet').map(({ message }) => message);
    // 40 allowed, 25 more: 20 and 10 by their shares, and the largest has what is left.
    expect(messages.slice(3, 5)).toEqual([
      `Scaled up replica set ${newer!.metadata.name} from 10 to 30`,
      `Scaled up replica set ${old!.metadata.name} from 5 to 10`,
    ]);
  });

  test('at rest changes the one ReplicaSet, and tells by how much', () => {
    const plane = planeOf();
    plane.create(rollingDeployment({ replicas: 2 }));
    plane.at(20, () => plane.change('Deployment', 'web', (spec) => ({ ...spec, replicas: 5 }))).runTo(40);
    const [set] = plane.setsOf('web');
    expect(set!.spec.replicas).toBe(5);
    expect(set!.metadata.annotations['deployment.kubernetes.io/desired-replicas']).toBe('5');
    const messages = plane.events.filter(({ reason }) => reason === 'ScalingReplicaSet').map(({ message }) => message);
    expect(messages.at(-1)).toBe(`Scaled up replica set ${set!.metadata.name} from 2 to 5`);
  });

  test('while paused changes sizes, but no template rolls out until the pause ends', () => {
    const plane = planeOf();
    const change = (parts: Partial<DeploymentSpec>) => (): void =>
      plane.change('Deployment', 'web', (spec) => ({ ...spec, ...parts }));
    plane.create(rollingDeployment({ replicas: 2 }));
    plane
      .at(20, change({ paused: true }))
      .at(30, () => setImage(plane, 'app:2'))
      .at(40, change({ replicas: 3 }))
      .runTo(60);
    expect(plane.setsOf('web').map(({ spec }) => spec.replicas)).toEqual([3]);
    const reason = (): string | undefined =>
      plane.get('Deployment', 'web')!.status.conditions.find(({ type }) => type === 'Progressing')?.reason;
    expect(reason()).toBe('DeploymentPaused');
    plane.at(70, change({ paused: false })).runTo(100);
    expect(plane.setsOf('web').map(({ spec }) => spec.replicas)).toEqual([0, 3]);
    expect(reason()).toBe('NewReplicaSetAvailable');
  });
});

describe('the progress deadline', () => {
  test('passes one second after the deadline, counted from the last progress', () => {
    const plane = planeOf({ behavior: () => ({ readyAfter: undefined }) });
    plane.create(rollingDeployment({ replicas: 2, progressDeadlineSeconds: 100 }));
    const times: number[] = [];
    plane.observe('Deployment', (before, after, seconds) => {
      const isLate = (status: typeof after): boolean =>
        status?.status.conditions.some(({ reason }) => reason === 'ProgressDeadlineExceeded') === true;
      if (isLate(after) && !isLate(before)) times.push(seconds);
    });
    plane.runTo(300);
    expect(times).toEqual([101]);
    const late = plane.get('Deployment', 'web')!.status.conditions.find(({ type }) => type === 'Progressing')!;
    expect(late).toMatchObject({
      status: 'False',
      message: `ReplicaSet "${plane.setsOf('web')[0]!.metadata.name}" has timed out progressing.`,
    });
  });
});

describe('deletion', () => {
  test('of a ReplicaSet brings a new one with the same hash', () => {
    const plane = planeOf();
    plane.create(rollingDeployment({ replicas: 2 }));
    plane.runTo(10);
    const before = plane.setsOf('web')[0]!;
    plane.at(20, () => plane.delete('ReplicaSet', before.metadata.name)).runTo(40);
    const [after] = plane.setsOf('web');
    expect(after!.metadata.name).toBe(before.metadata.name);
    expect(after!.metadata.uid).not.toBe(before.metadata.uid);
    expect(plane.list('Pod')).toHaveLength(2);
  });

  test('of the Deployment takes the ReplicaSet and the pods along', () => {
    const plane = planeOf();
    plane.create(rollingDeployment({ replicas: 2 }));
    plane.at(20, () => plane.delete('Deployment', 'web')).runTo(40);
    expect([plane.list('ReplicaSet').length, plane.list('Pod').length]).toEqual([0, 0]);
  });
});

test('a ReplicaSet of the same template that nobody controls is adopted instead of made anew', () => {
  const plane = planeOf();
  plane.create(rollingDeployment({ replicas: 2 }));
  plane.runTo(10);
  const { name } = plane.setsOf('web')[0]!.metadata;
  plane.at(20, () => plane.delete('Deployment', 'web', { propagation: 'Orphan' })).runTo(30);
  expect(plane.get('ReplicaSet', name)!.metadata.ownerReferences).toEqual([]);
  plane.at(40, () => plane.create(rollingDeployment({ replicas: 3 }))).runTo(60);
  expect(plane.setsOf('web').map(({ metadata, spec }) => [metadata.name, spec.replicas])).toEqual([[name, 3]]);
});

test('a name that another ReplicaSet has taken raises the collision count', () => {
  const plane = planeOf();
  plane.create(rollingDeployment({ replicas: 1 }));
  plane.runTo(10);
  const stranger = plane.setsOf('web')[0]!;
  plane.at(20, () => plane.delete('Deployment', 'web')).runTo(30);
  plane.create({
    ...stranger,
    metadata: { ...stranger.metadata, ownerReferences: [], labels: {} },
    spec: { ...stranger.spec, replicas: 0, template: makeTemplate({ app: 'other' }) },
  });
  plane.create(rollingDeployment({ replicas: 1 }));
  plane.runTo(60);
  expect(plane.get('Deployment', 'web')!.status.collisionCount).toBe(1);
  expect(plane.setsOf('web')).toHaveLength(1);
  expect(plane.setsOf('web')[0]!.metadata.name).not.toBe(stranger.metadata.name);
});
