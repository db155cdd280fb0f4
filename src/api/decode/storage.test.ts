import { describe, expect, it } from 'vitest';
import { decodedAs, problemsOf } from '../../testing/decode.ts';
import { goneClaim } from '../persistent-volumes.ts';

const storage = 'storage.k8s.io/v1';
const volume = (spec: object, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'v' },
  spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/' }, ...spec },
  ...more,
});
const claim = (spec: object): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'c' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
});

describe('a PersistentVolume', () => {
  it('has the defaults of the API server', () => {
    expect(decodedAs('PersistentVolume', volume({}))).toMatchObject({
      spec: {
        persistentVolumeReclaimPolicy: 'Retain',
        volumeMode: 'Filesystem',
        storageClassName: '',
        claimRef: undefined,
        nodeAffinity: undefined,
        source: 'hostPath',
      },
      status: { phase: 'Pending' },
    });
  });

  it('is bound by hand without uid; the uid of another cluster’s claim is nobody’s here', () => {
    const claimRef = { namespace: 'default', name: 'c' };
    expect(decodedAs('PersistentVolume', volume({ claimRef })).spec.claimRef?.uid).toBe(0);
    const other = volume({ claimRef: { ...claimRef, uid: '0b6e' } }, { status: { phase: 'Bound' } });
    expect(decodedAs('PersistentVolume', other)).toMatchObject({
      spec: { claimRef: { uid: goneClaim } },
      status: { phase: 'Bound' },
    });
  });

  it.each([
    [{ accessModes: [] }, 'spec.accessModes: Required value'],
    [{ accessModes: ['Once'] }, 'spec.accessModes: Unsupported value: "Once"'],
    [
      { accessModes: ['ReadWriteOncePod', 'ReadOnlyMany'] },
      'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
    ],
    [{ capacity: undefined }, 'spec.capacity: Required value'],
    [{ capacity: { storage: 0 } }, 'spec.capacity[storage]: Invalid value: "0": must be greater than zero'],
    [{ hostPath: undefined }, 'spec: Required value: must specify a volume type'],
    [{ nfs: { path: '/' } }, 'may not specify more than 1 volume type'],
    [{ hostPath: undefined, csi: { driver: 'd' } }, 'spec.csi.volumeHandle: Required value'],
    [{ persistentVolumeReclaimPolicy: 'Keep' }, 'spec.persistentVolumeReclaimPolicy: Unsupported value: "Keep"'],
  ])('of %j is refused: %s', (spec, problem) => {
    expect(problemsOf(volume(spec)).join('\n')).toContain(problem);
  });
});

describe('a PersistentVolumeClaim', () => {
  it('tells no class from the empty one', () => {
    expect(decodedAs('PersistentVolumeClaim', claim({})).spec.storageClassName).toBeUndefined();
    expect(decodedAs('PersistentVolumeClaim', claim({ storageClassName: '' })).spec.storageClassName).toBe('');
  });

  it.each([
    [{ accessModes: [] }, 'spec.accessModes: Required value: at least 1 access mode is required'],
    [{ resources: {} }, 'spec.resources[storage]: Required value'],
    [{ volumeMode: 'Raw' }, 'spec.volumeMode: Unsupported value: "Raw"'],
  ])('of %j is refused: %s', (spec, problem) => {
    expect(problemsOf(claim(spec)).join('\n')).toContain(problem);
  });
});

describe('the kinds of storage.k8s.io', () => {
  it('have the defaults of the API server', () => {
    const named = { apiVersion: storage, metadata: { name: 'x' } };
    expect(decodedAs('StorageClass', { ...named, kind: 'StorageClass', provisioner: 'p' })).toMatchObject({
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'Immediate',
      allowedTopologies: [],
    });
    expect(decodedAs('CSIDriver', { ...named, kind: 'CSIDriver', spec: {} }).spec).toEqual({
      attachRequired: true,
      storageCapacity: false,
      preventPodSchedulingIfMissing: false,
    });
    const capacity = { ...named, kind: 'CSIStorageCapacity', storageClassName: 's', maximumVolumeSize: '2Ki' };
    expect(decodedAs('CSIStorageCapacity', capacity)).toMatchObject({ capacity: undefined, maximumVolumeSize: 2048 });
    const spec = { drivers: [{ name: 'd', nodeID: 'n', allocatable: { count: 3 } }] };
    expect(decodedAs('CSINode', { ...named, kind: 'CSINode', spec }).spec.drivers[0]!.allocatableCount).toBe(3);
  });

  it('are refused in another version, with the right one', () => {
    const problem = problemsOf({ apiVersion: 'storage.k8s.io/v1beta1', kind: 'CSINode', metadata: { name: 'x' } });
    expect(problem.join()).toContain('did you mean storage.k8s.io/v1 CSINode?');
  });
});
