import { describe, expect, test } from 'vitest';
import { defaultLatency } from '../apiserver/latency.ts';
import { withMetadata } from '../apiserver/pod-object.ts';
import { patchRequest } from '../apiserver/requests.ts';
import type { Deployment } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import type { ApiObject, OwnerReference } from '../api/meta-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import { SECOND } from '../engine/time.ts';
import { makeCustom, makeDeployment, makeJob } from '../testing/api-harness.ts';
import { makePod } from '../testing/builders.ts';
import { ControlPlane } from '../testing/control-plane.ts';
import type { ControlPlaneOptions } from '../testing/control-plane.ts';

function planeOf(options: ControlPlaneOptions = {}): ControlPlane {
  const controllers = ['deployment-controller', 'replicaset-controller', 'garbage-collector-controller'];
  return new ControlPlane({ controllers, behavior: () => ({ stopAfter: 5 * SECOND }), ...options });
}

function reference(owner: ApiObject, parts: Partial<OwnerReference> = {}): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  const { name, uid } = metadata;
  return { apiVersion, kind, name, uid, controller: false, blockOwnerDeletion: false, ...parts };
}

function ownedPod(name: string, ...ownerReferences: OwnerReference[]): Pod {
  const pod = makePod(name, { metadata: { namespace: 'shop' } });
  return withMetadata(pod, metadataWith(pod.metadata, { ownerReferences }));
}

function left(plane: ControlPlane): [deployments: number, sets: number, pods: number] {
  return [plane.list('Deployment').length, plane.list('ReplicaSet').length, plane.list('Pod').length];
}

describe.each([
  ['at once', {}],
  ['through a network', { latency: defaultLatency }],
])('deletion of a Deployment %s', (_name, options) => {
  function running(): ControlPlane {
    const plane = planeOf(options);
    plane.create(makeDeployment('web'));
    return plane.runTo(20);
  }

  test('in the background removes it first, then what it owned, down to the pods', () => {
    const plane = running();
    plane.at(30, () => plane.delete('Deployment', 'web')).runTo(34);
    expect(left(plane)).toEqual([0, 0, 3]);
    for (const { metadata } of plane.list('Pod')) expect(metadata.deletionTimestamp).toBeDefined();
    expect(left(plane.runTo(40))).toEqual([0, 0, 0]);
  });

  test('in the foreground keeps it until its pods are gone', () => {
    const plane = running();
    plane.at(30, () => plane.delete('Deployment', 'web', { propagation: 'Foreground' })).runTo(34);
    expect(left(plane)).toEqual([1, 1, 3]);
    expect(left(plane.runTo(40))).toEqual([0, 0, 0]);
  });

  test('as an orphan leaves the ReplicaSet, which nobody owns then', () => {
    const plane = running();
    plane.at(30, () => plane.delete('Deployment', 'web', { propagation: 'Orphan' })).runTo(60);
    expect(left(plane)).toEqual([0, 1, 3]);
    expect(plane.list('ReplicaSet')[0]!.metadata.ownerReferences).toEqual([]);
  });
});

test('a finalizer is removed of the version that was read: while others write, it is read and tried again', () => {
  const plane = planeOf({ latency: defaultLatency });
  plane.create(makeDeployment('web'));
  let goneAt = 0;
  plane.observe('Deployment', (_before, after, seconds) => {
    if (after === undefined) goneAt = seconds;
  });
  plane.runTo(20).at(30, () => plane.delete('Deployment', 'web', { propagation: 'Orphan' }));
  const touch = (current: Deployment): Deployment => ({ ...current });
  for (let ms = 1; ms <= 40; ms++)
    plane.at(30 + ms / 1000, () => plane.api.server.execute(patchRequest('Deployment', 'shop', 'web', touch)));
  plane.runTo(60);
  expect(goneAt).toBeGreaterThan(30.04);
  expect(goneAt).toBeLessThan(30.4);
  expect(left(plane)).toEqual([0, 1, 3]);
});

test('an object whose owner never existed is deleted', () => {
  const plane = planeOf();
  const ghost = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'ghost', uid: 4711 };
  plane.create(ownedPod('a', { ...ghost, controller: true, blockOwnerDeletion: true }));
  plane.runTo(20);
  expect(plane.list('Pod')).toEqual([]);
});

test('an owner of the same name but another uid is no owner', () => {
  const plane = planeOf();
  const owner = plane.create<'Custom'>(makeCustom('example.com/v1', 'Toaster', 'kitchen'));
  plane.create(ownedPod('a', reference(owner, { uid: owner.metadata.uid + 1000 })));
  plane.create(ownedPod('b', reference(owner)));
  plane.runTo(20);
  expect(plane.list('Pod').map(({ metadata }) => metadata.name)).toEqual(['b']);
});

test('one solid owner keeps an object, which forgets the owner that is gone', () => {
  const plane = planeOf();
  const [one, other] = ['one', 'other'].map((name) => makeCustom('example.com/v1', 'Toaster', name));
  const first = plane.create<'Custom'>(one!);
  const second = plane.create<'Custom'>(other!);
  plane.create(ownedPod('a', reference(first), reference(second)));
  plane.at(10, () => plane.delete('Custom', 'example.com/v1/Toaster/one')).runTo(20);
  expect(plane.get('Pod', 'a')!.metadata.ownerReferences.map(({ name }) => name)).toEqual(['other']);
  plane.at(30, () => plane.delete('Custom', 'example.com/v1/Toaster/other')).runTo(40);
  expect(plane.get('Pod', 'a')).toBeUndefined();
});

test('a foreground deletion does not wait for dependents that do not block it', () => {
  const plane = planeOf({ behavior: ({ metadata }) => ({ stopAfter: (metadata.name === 'free' ? 20 : 5) * SECOND }) });
  const owner = plane.create<'Custom'>(makeCustom('example.com/v1', 'Toaster', 'kitchen'));
  plane.create(ownedPod('free', reference(owner)));
  plane.create(ownedPod('blocking', reference(owner, { blockOwnerDeletion: true })));
  plane.runTo(5);
  const delays: string[] = [];
  plane.observe('Custom', (_before, after, seconds) => void (after === undefined && delays.push(`owner ${seconds}`)));
  plane.observe('Pod', (before, after, seconds) => {
    if (after === undefined) delays.push(`${before!.metadata.name} ${seconds}`);
  });
  const address = 'example.com/v1/Toaster/kitchen';
  plane.at(10, () => plane.delete('Custom', address, { propagation: 'Foreground' })).runTo(40);
  expect(delays).toEqual(['blocking 15', 'owner 15', 'free 30']);
});

test('pods that are made while their owner goes are found all the same', () => {
  const plane = planeOf({ latency: defaultLatency });
  plane.create(makeDeployment('web', { replicas: 100 }));
  // In the middle of the creations, which take some seconds.
  plane.at(2, () => plane.delete('Deployment', 'web')).runTo(120);
  expect(left(plane)).toEqual([0, 0, 0]);
});

test('a pod that was made just before its owner went is found though its news are late', () => {
  for (let seed = 0; seed < 30; seed++) {
    const controllers = ['garbage-collector-controller'];
    const plane = planeOf({ controllers, latency: defaultLatency, seed: `s${seed}`, hasKubelets: false });
    const owner = plane.create<'Job'>(makeJob('work'));
    plane.runTo(5);
    const controls = reference(owner, { controller: true, blockOwnerDeletion: true });
    plane.at(10, () => plane.create(ownedPod('late', controls)));
    plane.at(10.0005, () => plane.delete('Job', 'work')).runTo(20);
    expect(plane.get('Pod', 'late')).toBeUndefined();
  }
});

test('about twenty objects a second go, as the client allows', () => {
  const plane = planeOf({ latency: defaultLatency, behavior: () => ({ stopAfter: 0 }) });
  plane.create(makeDeployment('web', { replicas: 400 }));
  plane.runTo(100);
  const times: number[] = [];
  plane.observe('Pod', (_before, after, seconds) => void (after === undefined && times.push(seconds)));
  plane.at(100, () => plane.delete('Deployment', 'web')).runTo(200);
  // 400 pods, two requests each (the owner is known to be gone), 40 a second: 20 s.
  expect(times).toHaveLength(400);
  expect(times.at(-1)! - 100).toBeGreaterThan(18);
  expect(times.at(-1)! - 100).toBeLessThan(21);
});
