import { describe, expect, it } from 'vitest';
import type { PersistentVolume } from '../../api/persistent-volumes.ts';
import { newObjectMeta } from '../../api/meta-v1.ts';
import { FixtureCluster } from '../../testing/fixture-cluster.ts';
import { decodedAs } from '../../testing/decode.ts';
import { AssumeCache } from './assume-cache.ts';

function version(resourceVersion: number, uid = 0): PersistentVolume {
  const spec = { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/' } };
  const kind = 'PersistentVolume' as const;
  const volume = decodedAs(kind, { apiVersion: 'v1', kind, metadata: { name: 'v' }, spec });
  return { ...volume, metadata: { ...newObjectMeta({ name: 'v' }), resourceVersion, uid } };
}

function cache(): { cluster: FixtureCluster; volumes: AssumeCache<'PersistentVolume'>; stored: PersistentVolume } {
  const cluster = new FixtureCluster();
  const stored = cluster.put('PersistentVolume', version(5));
  return { cluster, volumes: new AssumeCache('PersistentVolume', cluster), stored };
}

describe('what the scheduler assumes of volumes and claims', () => {
  it('counts until it is taken back', () => {
    const { volumes, stored } = cache();
    const assumed = version(5, 1);
    expect(volumes.assume(assumed)).toBeUndefined();
    expect([volumes.get('', 'v'), volumes.latest(stored), volumes.stored('', 'v')]).toEqual([assumed, assumed, stored]);
    volumes.restore(version(5));
    expect(volumes.get('', 'v')).toBe(stored);
  });

  it('counts no more once the API server has a newer version, whatever that says', () => {
    const { cluster, volumes } = cache();
    volumes.assume(version(5, 1));
    const newer = cluster.put('PersistentVolume', version(6));
    expect(volumes.get('', 'v')).toBe(newer);
    // And not again when an object of that name comes back with the old number.
    volumes.heard(version(5), newer);
    cluster.put('PersistentVolume', version(5, 9));
    expect(volumes.get('', 'v')?.metadata.uid).toBe(9);
  });

  it('stays when an older decision is taken back, and when the informer hears the same version again', () => {
    const { volumes, stored } = cache();
    const assumed = version(5, 1);
    volumes.assume(assumed);
    volumes.restore(version(4));
    volumes.heard(stored, stored);
    expect(volumes.get('', 'v')).toBe(assumed);
  });

  it('is refused of an object that is gone or newer', () => {
    const { cluster, volumes } = cache();
    expect(volumes.assume(version(4))).toBe('"v" is out of sync (stored: 5, assume: 4)');
    const none = new AssumeCache('PersistentVolumeClaim', cluster);
    expect(none.get('default', 'v')).toBeUndefined();
    const gone = { ...version(5), metadata: newObjectMeta({ name: 'w' }) };
    expect(volumes.assume(gone)).toBe('persistentvolumes "w" not found');
  });
});
