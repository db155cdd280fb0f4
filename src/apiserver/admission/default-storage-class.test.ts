import { expect, it } from 'vitest';
import { metadataWith } from '../../api/meta-v1.ts';
import { classOfClaim } from '../../api/persistent-volumes.ts';
import { makeApi } from '../../testing/api-harness.ts';
import { decodedAs } from '../../testing/decode.ts';
import { createRequest } from '../requests.ts';

/** The class of a new claim where these classes are the default: names with the second of their creation. */
function classOfNew(spec: object, defaults: readonly (readonly [string, number])[], metadata: object = {}): string {
  const { server } = makeApi();
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  const kind = 'StorageClass' as const;
  const install = (name: string, creationTimestamp: number, more: object): void => {
    const raw = { apiVersion: 'storage.k8s.io/v1', kind, metadata: { name, ...more }, provisioner: 'p' };
    const object = decodedAs(kind, raw);
    const stored = server.install(kind, object);
    expect(stored.metadata.creationTimestamp).toBe(0);
    // Installed objects are as old as the run: their age is set by hand.
    server.state
      .store(kind)
      .commit(
        stored,
        { ...stored, metadata: metadataWith(stored.metadata, { creationTimestamp }) },
        stored.metadata.resourceVersion + 1,
      );
  };
  for (const [name, second] of defaults) install(name, second, { annotations });
  install('other', 9, {});
  const resources = { requests: { storage: '1Gi' } };
  const claim = decodedAs('PersistentVolumeClaim', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'c', ...metadata },
    spec: { accessModes: ['ReadWriteOnce'], resources, ...spec },
  });
  return classOfClaim(server.execute(createRequest('PersistentVolumeClaim', claim)).object!);
}

it('gives a claim without class the newest default class, of equals the first by name', () => {
  expect(
    classOfNew({}, [
      ['a', 1],
      ['b', 2],
    ]),
  ).toBe('b');
  expect(
    classOfNew({}, [
      ['b', 2],
      ['a', 2],
    ]),
  ).toBe('a');
  expect(classOfNew({}, [])).toBe('');
});

it('leaves a claim alone that names a class, even none', () => {
  expect(classOfNew({ storageClassName: 'mine' }, [['a', 1]])).toBe('mine');
  expect(classOfNew({ storageClassName: '' }, [['a', 1]])).toBe('');
  const annotations = { 'volume.beta.kubernetes.io/storage-class': 'old' };
  expect(classOfNew({}, [['a', 1]], { annotations })).toBe('old');
});
