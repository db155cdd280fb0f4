// What a kube-apiserver of 1.37.2 answered to claims that grow.
import { expect, test } from 'vitest';
import type { PersistentVolumeClaim } from '../../api/persistent-volumes.ts';
import { makeApi } from '../../testing/api-harness.ts';
import { decodedAs } from '../../testing/decode.ts';
import { patchRequest } from '../requests.ts';

/** The answer to a claim of 3Gi of a class that asks for so many Gi; it has a volume of 5Gi. */
function answerTo(storageClassName: string, gibibytes: number, phase: 'Bound' | 'Pending' = 'Bound'): string {
  const { server } = makeApi();
  for (const [name, allowVolumeExpansion] of [
    ['grows', true],
    ['fixed', false],
  ] as const) {
    const raw = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name }, provisioner: 'p' };
    server.install('StorageClass', decodedAs('StorageClass', { ...raw, allowVolumeExpansion }));
  }
  const claim = decodedAs('PersistentVolumeClaim', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'c', namespace: 'shop' },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage: '3Gi' } } },
  });
  const size = (amount: number) => new Map([['storage', amount * 2 ** 30]]);
  server.install('PersistentVolumeClaim', { ...claim, status: { ...claim.status, phase, capacity: size(5) } });
  const grown = (current: PersistentVolumeClaim): PersistentVolumeClaim => ({
    ...current,
    spec: { ...current.spec, requests: size(gibibytes) },
  });
  const { code, message } = server.execute(patchRequest('PersistentVolumeClaim', 'shop', 'c', grown));
  return `${code} ${message}`.trim();
}

test('a bound claim grows where its class allows it', () => {
  const refusal =
    'is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
  expect(answerTo('grows', 8)).toBe('OK');
  for (const name of ['fixed', 'unknown', ''])
    expect(answerTo(name, 8)).toBe(`Forbidden persistentvolumeclaims "c" ${refusal}`);
});

test('one that shrinks, or has no volume, is a matter of validation', () => {
  expect(answerTo('grows', 2)).toBe(
    'Invalid PersistentVolumeClaim "c" is invalid: spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
  );
  expect(answerTo('grows', 8, 'Pending')).toBe(
    'Invalid PersistentVolumeClaim "c" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
  );
});
