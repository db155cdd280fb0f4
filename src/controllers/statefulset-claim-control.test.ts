// What is told of the claims of a StatefulSet's pods.
import { describe, expect, test } from 'vitest';
import type { StatefulSet, StatefulSetSpec } from '../api/apps-v1.ts';
import type { OwnerReference } from '../api/meta-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import type { LatencyProfile } from '../apiserver/latency.ts';
import { instantLatency } from '../apiserver/latency.ts';
import { deleteRequest, patchRequest } from '../apiserver/requests.ts';
import { withMetadata } from '../apiserver/verbs.ts';
import { constant } from '../engine/distributions.ts';
import { MILLISECOND, SECOND } from '../engine/time.ts';
import { ControlPlane } from '../testing/control-plane.ts';
import { decodedAs, rawWorkload } from '../testing/decode.ts';

const claimTemplate = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};

/** A set, of one pod if nothing else is said, with a claim for each; pods start after a second. */
function planeOf(
  prepare: (plane: ControlPlane) => void = () => undefined,
  spec: object = {},
  latency: LatencyProfile = instantLatency,
): ControlPlane {
  const plane = new ControlPlane({
    controllers: ['statefulset-controller'],
    behavior: () => ({ startAfter: SECOND }),
    latency,
  });
  prepare(plane);
  const raw = rawWorkload('StatefulSet', { replicas: 1, volumeClaimTemplates: [claimTemplate], ...spec });
  const set = decodedAs('StatefulSet', raw);
  plane.create({ ...set, metadata: metadataWith(set.metadata, { namespace: 'shop' }) });
  return plane;
}

type Policy = StatefulSetSpec['persistentVolumeClaimRetentionPolicy'];

function setPolicy(plane: ControlPlane, persistentVolumeClaimRetentionPolicy: Policy): void {
  const apply = (set: StatefulSet): StatefulSet => ({
    ...set,
    spec: { ...set.spec, persistentVolumeClaimRetentionPolicy },
  });
  plane.api.server.execute(patchRequest('StatefulSet', 'shop', 'w', apply));
}

const told = (plane: ControlPlane): readonly string[] =>
  plane.events.map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
const ownersOf = (plane: ControlPlane): readonly string[] =>
  plane.get('PersistentVolumeClaim', 'data-w-0')!.metadata.ownerReferences.map(({ kind, name }) => `${kind} ${name}`);

test('a claim and its pod', () => {
  expect(told(planeOf().runTo(5))).toEqual([
    'Normal SuccessfulCreate: Create Claim data-w-0 Pod w-0 in StatefulSet w success',
    'Normal SuccessfulCreate: Create Pod w-0 in StatefulSet w successful',
  ]);
});

test('a claim that is refused keeps its pod from coming', () => {
  const plane = planeOf(({ api }) => {
    const limits = [{ type: 'PersistentVolumeClaim', min: { storage: '5Gi' } }];
    const raw = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'l', namespace: 'shop' }, spec: { limits } };
    api.server.install('LimitRange', decodedAs('LimitRange', raw));
  });
  const refusal =
    'persistentvolumeclaims "data-w-0" is forbidden: minimum storage usage per PersistentVolumeClaim is 5Gi, but request is 1Gi';
  expect(told(plane.runTo(0.001)).slice(0, 2)).toEqual([
    `Warning FailedCreate: Create Claim data-w-0 for Pod w-0 in StatefulSet w failed error: ${refusal}`,
    `Warning FailedCreate: Create Pod w-0 in StatefulSet w failed error: failed to create PVC data-w-0: ${refusal}`,
  ]);
  expect(plane.list('Pod')).toEqual([]);
});

test('a claim that is on its way out keeps its pod from coming', () => {
  const plane = planeOf(({ api }) => {
    const raw = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...claimTemplate };
    const claim = decodedAs('PersistentVolumeClaim', raw);
    const metadata = { name: 'data-w-0', namespace: 'shop', finalizers: ['example.com/stays'] };
    api.server.install('PersistentVolumeClaim', withMetadata(claim, metadataWith(claim.metadata, metadata)));
    api.server.execute(deleteRequest('PersistentVolumeClaim', 'shop', 'data-w-0'));
  });
  expect(told(plane.runTo(0.001))[0]).toBe(
    'Warning FailedCreate: Create Pod w-0 in StatefulSet w failed error: pvc data-w-0 is being deleted',
  );
  expect(plane.list('Pod')).toEqual([]);
});

test('a claim that a pod lacks before it has started is made', () => {
  const plane = planeOf().runTo(0.5);
  plane.delete('PersistentVolumeClaim', 'data-w-0');
  setPolicy(plane, { whenDeleted: 'Delete', whenScaled: 'Retain' });
  plane.runTo(0.6);
  expect(plane.get('PersistentVolumeClaim', 'data-w-0')).toBeDefined();
});

test('another policy gives claims other owners, and says so of the pods', () => {
  const plane = planeOf().runTo(5);
  setPolicy(plane, { whenDeleted: 'Delete', whenScaled: 'Retain' });
  plane.runTo(10);
  expect(ownersOf(plane)).toEqual(['StatefulSet w']);
  setPolicy(plane, { whenDeleted: 'Retain', whenScaled: 'Retain' });
  plane.runTo(15);
  expect(ownersOf(plane)).toEqual([]);
  const updated = 'Normal SuccessfulUpdate: Update Pod w-0 in StatefulSet w successful';
  expect(told(plane).slice(2)).toEqual([updated, updated]);
});

test('a claim that cannot be changed is told of, and tried again', () => {
  const plane = planeOf().runTo(5);
  setPolicy(plane, { whenDeleted: 'Delete', whenScaled: 'Retain' });
  plane.api.server.condition.writable = false;
  plane.runTo(5.01);
  plane.api.server.condition.writable = true;
  plane.runTo(10);
  expect(told(plane)[2]).toBe(
    'Warning FailedUpdate: Update Pod w-0 in StatefulSet w failed error: could not update claim data-w-0 for delete policy ownerRefs: etcdserver: no leader',
  );
  expect(told(plane).at(-1)).toBe('Normal SuccessfulUpdate: Update Pod w-0 in StatefulSet w successful');
  expect(ownersOf(plane)).toEqual(['StatefulSet w']);
});

test('claims of a pod that is not wanted go with it where the policy says so, without a word', () => {
  const plane = planeOf().runTo(5);
  setPolicy(plane, { whenDeleted: 'Retain', whenScaled: 'Delete' });
  const none = (set: StatefulSet): StatefulSet => ({ ...set, spec: { ...set.spec, replicas: 0 } });
  plane.api.server.execute(patchRequest('StatefulSet', 'shop', 'w', none));
  plane.runTo(5.5);
  expect(ownersOf(plane)).toEqual(['Pod w-0']);
  expect(told(plane).slice(2)).toEqual(['Normal SuccessfulDelete: Delete Pod w-0 in StatefulSet w successful']);
});

/** A claim of that name is there before the set, with these owners. */
function installClaim(
  plane: ControlPlane,
  name: string,
  ownerReferences: OwnerReference[],
  finalizers: string[] = [],
): void {
  const raw = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...claimTemplate };
  const claim = decodedAs('PersistentVolumeClaim', raw);
  const metadata = { name, namespace: 'shop', ownerReferences, finalizers };
  plane.api.server.install('PersistentVolumeClaim', withMetadata(claim, metadataWith(claim.metadata, metadata)));
}

const referenceTo = (kind: string, name: string, uid: number): OwnerReference => {
  const apiVersion = kind === 'Pod' ? 'v1' : 'example.com/v1';
  return { apiVersion, kind, name, uid: uid as OwnerReference['uid'], controller: true, blockOwnerDeletion: true };
};

test('a pod waits for a claim that goes with its forerunner', () => {
  const spec = { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Delete' } };
  const prepare = (plane: ControlPlane): void => installClaim(plane, 'data-w-0', [referenceTo('Pod', 'w-0', 901)]);
  const plane = planeOf(prepare, spec).runTo(5);
  expect(plane.list('Pod')).toEqual([]);
  expect(told(plane)).toEqual([]);
});

test('a claim that somebody else controls is left to him, and that is told', () => {
  const spec = { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' } };
  const prepare = (plane: ControlPlane): void =>
    installClaim(plane, 'data-w-0', [referenceTo('Database', 'main', 902)]);
  const plane = planeOf(prepare, spec).runTo(5);
  expect(ownersOf(plane)).toEqual(['Database main']);
  const conflict =
    'Warning ConflictingController: PersistentVolumeClaim data-w-0 has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim';
  expect(told(plane)[0]).toBe(conflict);
});

test('an owner that somebody else has given a claim stays beside that of the set', () => {
  const spec = { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' } };
  const other = { ...referenceTo('Backup', 'nightly', 903), controller: false };
  const plane = planeOf((made) => installClaim(made, 'data-w-0', [other]), spec).runTo(5);
  expect(ownersOf(plane)).toEqual(['Backup nightly', 'StatefulSet w']);
});

describe('a parallel set', () => {
  const ownedBySet = {
    podManagementPolicy: 'Parallel',
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
  };

  test('makes the claims of one batch side by side', () => {
    const madeAt: [name: string, seconds: number][] = [];
    const prepare = (plane: ControlPlane): void => {
      plane.observe('PersistentVolumeClaim', (before, after, seconds) => {
        if (before === undefined) madeAt.push([after!.metadata.name, seconds]);
      });
    };
    const latency = { ...instantLatency, etcdCommit: constant(0.1 * SECOND) };
    planeOf(prepare, { ...ownedBySet, replicas: 3 }, latency).runTo(5);
    const [first, second, third] = madeAt;
    expect(madeAt.map(([name]) => name)).toEqual(['data-w-0', 'data-w-1', 'data-w-2']);
    expect(second![1]).toBeGreaterThan(first![1]);
    expect(third![1]).toBe(second![1]);
  });

  test('looks at a new claim once more, meets its own write if the cache is late, and tells of it', () => {
    const latency = {
      ...instantLatency,
      etcdCommit: constant(10 * MILLISECOND),
      watch: constant(5 * MILLISECOND),
    };
    const plane = planeOf(undefined, ownedBySet, latency).runTo(5);
    const conflict =
      'could not update claim data-w-0 for delete policy ownerRefs: Operation cannot be fulfilled on persistentvolumeclaims "data-w-0": the object has been modified; please apply your changes to the latest version and try again';
    expect(told(plane)).toEqual([
      'Normal SuccessfulCreate: Create Claim data-w-0 Pod w-0 in StatefulSet w success',
      'Normal SuccessfulCreate: Create Pod w-0 in StatefulSet w successful',
      `Warning FailedUpdate: Update Pod w-0 in StatefulSet w failed error: ${conflict}`,
    ]);
    expect(ownersOf(plane)).toEqual(['StatefulSet w']);
  });

  test('gives claims other owners side by side, each with its own tries', () => {
    const latency = { ...instantLatency, etcdCommit: constant(0.1 * SECOND) };
    const plane = planeOf(undefined, { podManagementPolicy: 'Parallel', replicas: 3 }, latency).runTo(10);
    const changedAt: number[] = [];
    plane.observe('PersistentVolumeClaim', (before, after, seconds) => {
      if (before !== undefined && after?.metadata.ownerReferences.length === 1) changedAt.push(seconds);
    });
    setPolicy(plane, { whenDeleted: 'Delete', whenScaled: 'Retain' });
    plane.runTo(20);
    expect(changedAt).toHaveLength(3);
    expect(changedAt[1]!).toBeGreaterThan(changedAt[0]!);
    expect(changedAt[2]!).toBe(changedAt[1]!);
  });

  test('lets pods that are not wanted go in batches that double', () => {
    const latency = { ...instantLatency, etcdCommit: constant(0.1 * SECOND) };
    const plane = planeOf(undefined, { podManagementPolicy: 'Parallel', replicas: 3 }, latency).runTo(10);
    const goneAt: number[] = [];
    plane.observe('Pod', (before, after, seconds) => {
      if (before?.metadata.deletionTimestamp === undefined && after?.metadata.deletionTimestamp !== undefined)
        goneAt.push(seconds);
    });
    const none = (set: StatefulSet): StatefulSet => ({ ...set, spec: { ...set.spec, replicas: 0 } });
    plane.api.server.execute(patchRequest('StatefulSet', 'shop', 'w', none));
    plane.runTo(20);
    expect(goneAt).toHaveLength(3);
    expect(goneAt[1]!).toBeGreaterThan(goneAt[0]!);
    expect(goneAt[2]!).toBe(goneAt[1]!);
  });
});
