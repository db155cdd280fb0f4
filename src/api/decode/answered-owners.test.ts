// What a kube-apiserver of 1.37.2 answered to owners that can be none.
import { expect, test } from 'vitest';
import { decodedAs, problemsOf, rawPod } from '../../testing/decode.ts';

const owner = { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'u', controller: true };
const owned = (...ownerReferences: readonly object[]): object => rawPod({}, { ownerReferences });
const first = 'metadata.ownerReferences[0]';

test.each<[string, object, readonly string[]]>([
  ['without a uid', owned({ ...owner, uid: undefined }), [`${first}.uid: Required value: must not be empty`]],
  [
    'without anything',
    owned({}),
    ['apiVersion', 'kind', 'name', 'uid'].map((field) => `${first}.${field}: Required value: must not be empty`),
  ],
  [
    'of no version',
    owned(...['a/b/c', 'apps/', '/', '/v1'].map((apiVersion) => ({ ...owner, apiVersion, controller: false }))),
    ['a/b/c', 'apps/', '/'].map(
      (apiVersion, at) =>
        `metadata.ownerReferences[${at}].apiVersion: Invalid value: "${apiVersion}": must be <group>/<version> or <version>`,
    ),
  ],
  [
    'an event',
    owned({ ...owner, kind: 'Event', controller: undefined }),
    [
      `${first}: Invalid value: {"apiVersion":"v1","kind":"Event","name":"a","uid":"u"}: /v1, Kind=Event is disallowed from being an owner`,
    ],
  ],
  [
    'two controllers',
    owned(owner, { ...owner, name: 'b', uid: 'v', blockOwnerDeletion: false }),
    [
      'metadata.ownerReferences: Invalid value: [{"apiVersion":"v1","kind":"Pod","name":"a","uid":"u","controller":true},{"apiVersion":"v1","kind":"Pod","name":"b","uid":"v","controller":true,"blockOwnerDeletion":false}]: Only one reference can have Controller set to true. Found "true" in references for Pod/a and Pod/b',
    ],
  ],
  [
    'the beginning of a name that can be none',
    rawPod({}, { generateName: 'A_' }),
    [
      expect.stringMatching(
        /^metadata.generateName: Invalid value: "A_": a lowercase RFC 1123 subdomain must/,
      ) as string,
    ],
  ],
  ['the beginning of a name with a hyphen at its end', rawPod({}, { generateName: 'job-' }), []],
  [
    'finalizers of both manners of deletion',
    rawPod({}, { finalizers: ['orphan', 'foregroundDeletion'] }),
    [
      'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
    ],
  ],
])('%s', (_, raw, messages) => {
  expect(problemsOf(raw)).toEqual(messages);
});

test('one controller and any number of other owners are taken', () => {
  const raw = owned({ ...owner, controller: false }, owner, { ...owner, controller: undefined, apiVersion: 'apps/v1' });
  expect(decodedAs('Pod', raw).metadata.ownerReferences.map(({ controller }) => controller)).toEqual([
    false,
    true,
    false,
  ]);
});
