import { describe, expect, test } from 'vitest';
import { patchRequest } from '../apiserver/requests.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../api/persistent-volumes.ts';
import { metadataWith } from '../api/meta-v1.ts';
import type { PodPhase } from '../api/pod-status.ts';
import { makePod } from '../testing/builders.ts';
import { ControlPlane } from '../testing/control-plane.ts';
import { decodedAs } from '../testing/decode.ts';

const controllers = [
  'persistentvolume-binder-controller',
  'persistentvolume-protection-controller',
  'persistentvolumeclaim-protection-controller',
];
const planeOf = (hasKubelets = false): ControlPlane => new ControlPlane({ controllers, hasKubelets });

function volume(plane: ControlPlane, name: string, storage: string, spec: object = {}): void {
  const raw = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/d' }, ...spec },
  };
  plane.create(decodedAs('PersistentVolume', raw));
}

function claim(plane: ControlPlane, name: string, storage: string, spec: object = {}): void {
  const raw = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'shop' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, storageClassName: '', ...spec },
  };
  plane.create(decodedAs('PersistentVolumeClaim', raw));
}

function storageClass(plane: ControlPlane, volumeBindingMode: string): void {
  const raw = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'c' }, provisioner: 'p' };
  plane.create(decodedAs('StorageClass', { ...raw, volumeBindingMode }));
}

const claimOf = (plane: ControlPlane, name = 'data'): PersistentVolumeClaim =>
  plane.get('PersistentVolumeClaim', name)!;
const volumeOf = (plane: ControlPlane, name: string): PersistentVolume => plane.get('PersistentVolume', name, '')!;
const podWithClaim = (name = 'p', nodeName = '', phase: PodPhase = 'Pending'): ReturnType<typeof makePod> =>
  makePod(name, {
    metadata: { namespace: 'shop' },
    status: { phase },
    spec: { nodeName, volumes: [{ name: 'v', source: 'persistentVolumeClaim', claimName: 'data', raw: {} }] },
  });

describe('a claim', () => {
  test('gets the smallest volume that is large enough, in four writes that agree', () => {
    const plane = planeOf();
    volume(plane, 'large', '20Gi');
    volume(plane, 'small', '1Gi');
    volume(plane, 'right', '10Gi');
    plane.runTo(1);
    claim(plane, 'data', '5Gi');
    plane.runTo(5);
    expect(claimOf(plane)).toMatchObject({ spec: { volumeName: 'right' }, status: { phase: 'Bound' } });
    expect(volumeOf(plane, 'right')).toMatchObject({
      spec: { claimRef: { namespace: 'shop', name: 'data', uid: claimOf(plane).metadata.uid } },
      status: { phase: 'Bound' },
    });
    expect(volumeOf(plane, 'large').status.phase).toBe('Available');
  });

  test.each([
    ['another class', { storageClassName: 'other' }, {}],
    ['another mode', { volumeMode: 'Block' }, {}],
    ['an access that it does not give', { accessModes: ['ReadOnlyMany'] }, {}],
    ['labels that it does not have', {}, { selector: { matchLabels: { disk: 'fast' } } }],
  ])('does not get a volume of %s', (_what, ofVolume, ofClaim) => {
    const plane = planeOf();
    volume(plane, 'v', '10Gi', ofVolume);
    plane.runTo(1);
    claim(plane, 'data', '5Gi', ofClaim);
    plane.runTo(20);
    expect(claimOf(plane).status.phase).toBe('Pending');
    expect(plane.events.filter(({ reason }) => reason === 'FailedBinding')[0]!.message).toBe(
      'no persistent volumes available for this claim and no storage class is set',
    );
  });

  test('gets a volume that comes later at the next look, which is every 15 s', () => {
    const plane = planeOf();
    claim(plane, 'data', '5Gi');
    plane.at(40, () => volume(plane, 'late', '5Gi')).runTo(70);
    expect(claimOf(plane).status.phase).toBe('Bound');
  });

  test('of a class that waits for a consumer is left alone, and says for whom it waits', () => {
    const plane = planeOf();
    storageClass(plane, 'WaitForFirstConsumer');
    volume(plane, 'v', '10Gi', { storageClassName: 'c' });
    plane.runTo(1);
    claim(plane, 'data', '5Gi', { storageClassName: 'c' });
    plane.at(20, () => plane.create(podWithClaim())).runTo(60);
    expect(claimOf(plane).status.phase).toBe('Pending');
    const told = plane.events.map(({ reason, message }) => `${reason}: ${message}`);
    expect(told).toContain('WaitForFirstConsumer: waiting for first consumer to be created before binding');
    expect(told).toContain('WaitForPodScheduled: waiting for pod p to be scheduled');
    // The scheduler promises the volume to the claim; the controller does the rest.
    const { uid } = claimOf(plane).metadata;
    const promise = (current: PersistentVolume): PersistentVolume => ({
      ...current,
      spec: { ...current.spec, claimRef: { namespace: 'shop', name: 'data', uid } },
    });
    plane.api.server.execute(patchRequest('PersistentVolume', '', 'v', promise));
    plane.runTo(80);
    expect(claimOf(plane).status.phase).toBe('Bound');
  });

  test.each([
    ['kubernetes.io/no-provisioner', 'ProvisioningFailed: no volume plugin matched name: kubernetes.io/no-provisioner'],
    [
      'example.com/p',
      "ExternalProvisioning: Waiting for a volume to be created either by the external provisioner 'example",
    ],
  ])('of a class whose volumes %s makes is told what it waits for', (provisioner, text) => {
    const plane = planeOf();
    const raw = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'c' }, provisioner };
    plane.create(decodedAs('StorageClass', { ...raw, volumeBindingMode: 'Immediate' }));
    claim(plane, 'data', '5Gi', { storageClassName: 'c' });
    plane.runTo(1);
    const told = plane.events.map(({ reason, message }) => `${reason}: ${message}`);
    expect(told).toEqual([expect.stringContaining(text)]);
  });

  test('waits for all pods that are still to be scheduled', () => {
    const plane = planeOf();
    storageClass(plane, 'WaitForFirstConsumer');
    for (const pod of [podWithClaim('a'), podWithClaim('b'), podWithClaim('c', 'n0', 'Running')]) plane.create(pod);
    claim(plane, 'data', '5Gi', { storageClassName: 'c' });
    plane.runTo(5);
    const told = plane.events.map(({ reason, message }) => `${reason}: ${message}`);
    expect(told).toContain('WaitForPodScheduled: waiting for pods a,b to be scheduled');
  });

  test('for a certain volume gets none that is somebody else’s or not what it asks for, and is told why', () => {
    const plane = planeOf();
    volume(plane, 'taken', '1Gi');
    volume(plane, 'small', '2Gi', { storageClassName: 'c' });
    plane.runTo(1);
    claim(plane, 'first', '1Gi');
    plane.runTo(2);
    claim(plane, 'second', '1Gi', { volumeName: 'taken' });
    claim(plane, 'third', '3Gi', { volumeName: 'small' });
    claim(plane, 'fourth', '1Gi', { volumeName: 'small' });
    plane.runTo(5);
    const told = plane.events.map(({ name, reason, message }) => `${name}: ${reason}: ${message}`);
    expect(told).toContain('second: FailedBinding: volume "taken" already bound to a different claim.');
    expect(told).toContain('third: VolumeMismatch: Cannot bind to requested volume "small": requested PV is too small');
    expect(told).toContain(
      'fourth: VolumeMismatch: Cannot bind to requested volume "small": storageClassName does not match',
    );
    expect(volumeOf(plane, 'small').status.phase).toBe('Available');
  });

  test('whose volume is gone is lost', () => {
    const plane = planeOf();
    volume(plane, 'v', '10Gi');
    claim(plane, 'data', '5Gi');
    plane.runTo(20);
    expect(claimOf(plane).status.phase).toBe('Bound');
    const bare = (current: PersistentVolume): PersistentVolume => ({
      ...current,
      metadata: metadataWith(current.metadata, { finalizers: [] }),
    });
    plane.api.server.execute(patchRequest('PersistentVolume', '', 'v', bare));
    plane.delete('PersistentVolume', 'v', {}, '');
    // Any event of the claim makes it look.
    plane.create(podWithClaim('p', 'n0'));
    plane.runTo(60);
    claim(plane, 'other', '1Gi');
    plane.runTo(90);
    expect(claimOf(plane).status.phase).toBe('Lost');
    expect(plane.events.some(({ reason }) => reason === 'ClaimLost')).toBe(true);
  });
});

describe('a volume whose claim is gone', () => {
  test.each([
    ['Retain', 'Released'],
    ['Delete', 'Failed'],
  ])('with the policy %s is %s: no in-tree plugin deletes it', (persistentVolumeReclaimPolicy, phase) => {
    const plane = planeOf();
    volume(plane, 'v', '10Gi', { persistentVolumeReclaimPolicy });
    claim(plane, 'data', '5Gi');
    plane.runTo(20);
    plane.delete('PersistentVolumeClaim', 'data');
    plane.runTo(40);
    expect(plane.get('PersistentVolumeClaim', 'data')).toBeUndefined();
    expect(volumeOf(plane, 'v').status.phase).toBe(phase);
    expect(plane.events.some(({ reason }) => reason === 'VolumeFailedDelete')).toBe(phase === 'Failed');
    claim(plane, 'next', '5Gi');
    plane.runTo(60);
    expect(claimOf(plane, 'next').status.phase).toBe('Pending');
  });
});

test.each([
  [{ hostPath: { path: '/mnt/d' } }, 'host_path deleter only supports /tmp/.+ but received provided /mnt/d'],
  [{ hostPath: { path: '/tmp/d' } }, undefined],
  [
    { hostPath: undefined, nfs: { server: 's', path: '/d' } },
    'error getting deleter volume plugin for volume "v": no deletable volume plugin matched',
  ],
])('a volume %j that its claim has left is deleted, or stays: %s', (source, text) => {
  const plane = planeOf();
  volume(plane, 'v', '10Gi', { persistentVolumeReclaimPolicy: 'Delete', ...source });
  claim(plane, 'data', '5Gi');
  plane.at(20, () => plane.delete('PersistentVolumeClaim', 'data')).runTo(60);
  const told = plane.events.filter(({ reason }) => reason === 'VolumeFailedDelete').map(({ message }) => message);
  expect(told).toEqual(text === undefined ? [] : [text]);
  expect(plane.get('PersistentVolume', 'v', '') === undefined).toBe(text === undefined);
});

test('volumes and claims that somebody takes the finalizer from get it again', () => {
  const plane = planeOf();
  volume(plane, 'v', '10Gi');
  claim(plane, 'data', '5Gi');
  plane.runTo(20);
  const metadata = { finalizers: [] };
  plane.api.server.execute(
    patchRequest('PersistentVolume', '', 'v', (current) => ({
      ...current,
      metadata: metadataWith(current.metadata, metadata),
    })),
  );
  plane.api.server.execute(
    patchRequest('PersistentVolumeClaim', 'shop', 'data', (current) => ({
      ...current,
      metadata: metadataWith(current.metadata, metadata),
    })),
  );
  expect(volumeOf(plane, 'v').metadata.finalizers).toEqual([]);
  plane.runTo(21);
  expect(volumeOf(plane, 'v').metadata.finalizers).toEqual(['kubernetes.io/pv-protection']);
  expect(claimOf(plane).metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
});

describe('a deleted volume', () => {
  test('stays while it is bound, and goes when its claim has gone', () => {
    const plane = planeOf();
    volume(plane, 'v', '10Gi');
    claim(plane, 'data', '5Gi');
    plane.runTo(20);
    plane.delete('PersistentVolume', 'v', {}, '');
    plane.runTo(40);
    expect(volumeOf(plane, 'v').metadata.deletionTimestamp).toBe(20);
    plane.delete('PersistentVolumeClaim', 'data');
    plane.runTo(60);
    expect(plane.get('PersistentVolume', 'v', '')).toBeUndefined();
  });

  test('that nobody has goes at once', () => {
    const plane = planeOf();
    volume(plane, 'v', '10Gi');
    plane.runTo(5);
    plane.delete('PersistentVolume', 'v', {}, '');
    plane.runTo(6);
    expect(plane.get('PersistentVolume', 'v', '')).toBeUndefined();
  });
});

describe('a deleted claim', () => {
  test('stays while a scheduled pod names it, whatever its phase', () => {
    const plane = planeOf();
    claim(plane, 'data', '5Gi');
    plane.create(podWithClaim('p', 'n0', 'Succeeded'));
    plane.runTo(5);
    plane.delete('PersistentVolumeClaim', 'data');
    plane.runTo(30);
    expect(claimOf(plane).metadata.deletionTimestamp).toBe(5);
    plane.delete('Pod', 'p', { gracePeriodSeconds: 0 });
    plane.runTo(31);
    expect(plane.get('PersistentVolumeClaim', 'data')).toBeUndefined();
  });

  test('goes when only a pod without a node names it', () => {
    const plane = planeOf();
    claim(plane, 'data', '5Gi');
    plane.create(podWithClaim());
    plane.runTo(5);
    plane.delete('PersistentVolumeClaim', 'data');
    plane.runTo(10);
    expect(plane.get('PersistentVolumeClaim', 'data')).toBeUndefined();
  });

  test('a bound one that nobody names says so, until somebody does', () => {
    const plane = planeOf();
    volume(plane, 'v', '10Gi');
    claim(plane, 'data', '5Gi');
    plane.runTo(20);
    const reasons = (): readonly string[] => (claimOf(plane).status.conditions ?? []).map(({ reason }) => reason);
    expect(reasons()).toEqual(['NoPodsUsingPVC']);
    plane.create(podWithClaim('p', 'n0'));
    plane.runTo(30);
    expect(reasons()).toEqual(['PodUsingPVC']);
    plane.delete('Pod', 'p', { gracePeriodSeconds: 0 });
    plane.runTo(40);
    expect(reasons()).toEqual(['NoPodsUsingPVC']);
  });
});
