import { describe, expect, it } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim } from '../api/persistent-volumes.ts';
import { decodedAs } from '../testing/decode.ts';
import { refuseUpdate } from './validation.ts';

const accessModes = ['ReadWriteOnce'];

function claim(spec: object, phase = 'Pending'): PersistentVolumeClaim {
  const kind = 'PersistentVolumeClaim' as const;
  const resources = { requests: { storage: '4Gi' } };
  const status = { phase, capacity: { storage: '2Gi' } };
  const metadata = { name: 'c' };
  return decodedAs(kind, { apiVersion: 'v1', kind, metadata, spec: { accessModes, resources, ...spec }, status });
}

function volume(spec: object): PersistentVolume {
  const kind = 'PersistentVolume' as const;
  const parts = { accessModes, capacity: { storage: '1Gi' }, hostPath: { path: '/a' } };
  return decodedAs(kind, { apiVersion: 'v1', kind, metadata: { name: 'v' }, spec: { ...parts, ...spec } });
}

const sized = (amount: string): object => ({ resources: { requests: { storage: amount } } });
const frozen =
  'PersistentVolumeClaim "c" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and ' +
  'volumeAttributesClassName for bound claims';

describe('an update of a claim', () => {
  it.each([
    ['gives it a volume and a class', claim({}), claim({ volumeName: 'v', storageClassName: 's' }), undefined],
    ['takes its volume away', claim({ volumeName: 'v' }), claim({}), frozen],
    ['gives it another class', claim({ storageClassName: 's' }), claim({ storageClassName: 't' }), frozen],
    ['lets it grow before it is bound', claim({}), claim(sized('5Gi')), frozen],
    ['lets it grow', claim({}, 'Bound'), claim(sized('5Gi'), 'Bound'), undefined],
    [
      'changes its attributes though its volume is larger than asked for',
      claim(sized('1Gi'), 'Bound'),
      claim({ ...sized('1Gi'), volumeAttributesClassName: 'fast' }, 'Bound'),
      undefined,
    ],
    ['takes back what was never given', claim({}, 'Bound'), claim(sized('3Gi'), 'Bound'), undefined],
    [
      'shrinks it',
      claim({}, 'Bound'),
      claim(sized('2Gi'), 'Bound'),
      'PersistentVolumeClaim "c" is invalid: spec.resources.requests.storage: Forbidden: field can not be less than ' +
        'status.capacity',
    ],
  ])('that %s', (_, stored, next, message) => {
    expect(refuseUpdate('PersistentVolumeClaim', stored, next)?.message).toBe(message);
  });
});

describe('an update of a volume', () => {
  const term = (value: string): object => {
    const matchExpressions = [{ key: 'host', operator: 'In', values: [value] }];
    return { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } } };
  };

  it.each([
    ['gives it to a claim', {}, { claimRef: { namespace: 'default', name: 'c' } }, undefined],
    ['says at last where it is', {}, term('a'), undefined],
    [
      'moves it',
      term('a'),
      term('b'),
      'nodeAffinity: Invalid value: an object: field is immutable, except for updating from beta label to GA',
    ],
    [
      'makes it another',
      {},
      { hostPath: { path: '/b' } },
      'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation',
    ],
    ['makes it raw', {}, { volumeMode: 'Block' }, 'volumeMode: Invalid value: "Block": field is immutable'],
  ])('that %s', (_, before, after, problem) => {
    const expected = problem === undefined ? undefined : `PersistentVolume "v" is invalid: ${problem}`;
    expect(refuseUpdate('PersistentVolume', volume(before), volume(after))?.message).toBe(expected);
  });
});

it('an update of a class may change little', () => {
  const kind = 'StorageClass' as const;
  const storageClass = (parts: object) => {
    const raw = { apiVersion: 'storage.k8s.io/v1', kind, metadata: { name: 's' }, provisioner: 'p', ...parts };
    return decodedAs(kind, raw);
  };
  const message = (parts: object): string | undefined =>
    refuseUpdate(kind, storageClass({}), storageClass(parts))?.message;
  expect(message({ allowVolumeExpansion: true, allowedTopologies: [] })).toBeUndefined();
  expect(message({ volumeBindingMode: 'WaitForFirstConsumer' })).toBe(
    'StorageClass.storage.k8s.io "s" is invalid: volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
  );
  expect(message({ parameters: { a: 'b' } })).toContain('parameters: Invalid value: {"a":"b"}: field is immutable');
  expect(message({ provisioner: 'q' })).toContain('provisioner: Invalid value: "q": field is immutable');
  expect(message({ reclaimPolicy: 'Retain' })).toContain('reclaimPolicy: Invalid value: "Retain": field is immutable');
});
