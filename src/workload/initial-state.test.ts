import { describe, expect, it } from 'vitest';
import { goneClaim } from '../api/persistent-volumes.ts';
import { makeApi } from '../testing/api-harness.ts';
import { decodedAs } from '../testing/decode.ts';
import { installInitialState } from './initial-state.ts';
import type { ManifestObject } from './manifest-object.ts';

const accessModes = ['ReadWriteOnce'];

function volume(name: string, claimRef: object): ManifestObject {
  const spec = { accessModes, capacity: { storage: '1Gi' }, hostPath: { path: '/' }, claimRef };
  const kind = 'PersistentVolume' as const;
  const object = decodedAs(kind, { apiVersion: 'v1', kind, metadata: { name }, spec, status: { phase: 'Bound' } });
  return { kind, object };
}

describe('the initial state', () => {
  it('gives a volume to the claim of its namespace and name, wherever they stand; other claims are nobody', () => {
    const kind = 'PersistentVolumeClaim' as const;
    const spec = { accessModes, resources: { requests: { storage: '1Gi' } }, volumeName: 'bound' };
    const claim = decodedAs(kind, { apiVersion: 'v1', kind, metadata: { name: 'data', namespace: 'shop' }, spec });
    const { server } = makeApi();
    installInitialState(server, [
      volume('bound', { namespace: 'shop', name: 'data', uid: 'x' }),
      volume('released', { namespace: 'shop', name: 'gone', uid: 'y' }),
      volume('promised', { namespace: 'shop', name: 'data' }),
      { kind, object: claim },
    ]);
    const uidOf = (name: string): unknown => server.state.get('PersistentVolume', '', name)!.spec.claimRef?.uid;
    expect(uidOf('bound')).toBe(server.state.get(kind, 'shop', 'data')!.metadata.uid);
    expect([uidOf('released'), uidOf('promised')]).toEqual([goneClaim, 0]);
    expect(server.state.get('PersistentVolume', '', 'bound')!.status.phase).toBe('Bound');
  });
});
