import { expect, test } from 'vitest';
import { patchRequest } from '../apiserver/requests.ts';
import type { PersistentVolumeClaim } from '../api/persistent-volumes.ts';
import { ControlPlane } from '../testing/control-plane.ts';
import { decodedAs } from '../testing/decode.ts';

const gibibyte = 2 ** 30;

/** What is said of a claim of so many Gi, with a volume of 5 Gi, when it asks for other sizes one after the other. */
function toldOf(sizes: readonly number[]): readonly string[] {
  const plane = new ControlPlane({ controllers: ['persistentvolume-expander-controller'] });
  const told: string[] = [];
  plane.api.recorder.observe({
    kubeEvent: ({ source, type, reason, name }) => void told.push(`${source} ${type} ${reason} ${name}`),
  });
  const raw = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'c' }, provisioner: 'p' };
  plane.create(decodedAs('StorageClass', { ...raw, allowVolumeExpansion: true }));
  const claim = decodedAs('PersistentVolumeClaim', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'shop' },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'c', resources: { requests: { storage: '3Gi' } } },
  });
  const of = (size: number) => new Map([['storage', size * gibibyte]]);
  plane.api.server.install('PersistentVolumeClaim', {
    ...claim,
    status: { ...claim.status, phase: 'Bound', capacity: of(5) },
  });
  for (const [at, size] of sizes.entries()) {
    const grown = (current: PersistentVolumeClaim): PersistentVolumeClaim => ({
      ...current,
      spec: { ...current.spec, requests: of(size) },
    });
    const { message } = plane.api.server.execute(patchRequest('PersistentVolumeClaim', 'shop', 'data', grown));
    expect(message).toBe('');
    plane.runTo(10 * (at + 1));
  }
  return told;
}

test('each time a claim asks for more than its volume has, somebody else is waited for', () => {
  const waiting = 'volume_expand Normal ExternalExpanding data';
  expect(toldOf([8])).toEqual([waiting]);
  expect(toldOf([4, 5])).toEqual([]);
  expect(toldOf([6, 9, 8])).toEqual([waiting, waiting]);
});
