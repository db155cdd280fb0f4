// StatefulSet and ReplicationController: defaults and messages of the API server.
import { describe, expect, test } from 'vitest';
import { decodedAs, problemsOf, rawWorkload } from '../../testing/decode.ts';

const web = { app: 'web' };

describe('a StatefulSet', () => {
  const raw = (spec: object = {}, podSpec: object = {}): object => rawWorkload('StatefulSet', spec, podSpec);

  test('has the defaults of apps/v1', () => {
    expect(decodedAs('StatefulSet', raw()).spec).toMatchObject({
      replicas: 1,
      volumeClaimTemplates: [],
      serviceName: '',
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', partition: 0, maxUnavailable: { count: 1 } },
      revisionHistoryLimit: 10,
      minReadySeconds: 0,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      firstOrdinal: 0,
    });
  });

  test('keeps what its controller will need', () => {
    const claim = {
      metadata: { name: 'data', labels: { of: 'db' } },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    const spec = {
      serviceName: 'db',
      podManagementPolicy: 'Parallel',
      updateStrategy: { rollingUpdate: { partition: 2, maxUnavailable: '50%' } },
      persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' },
      ordinals: { start: 5 },
      volumeClaimTemplates: [claim],
    };
    expect(decodedAs('StatefulSet', raw(spec)).spec).toMatchObject({
      serviceName: 'db',
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'RollingUpdate', partition: 2, maxUnavailable: { percent: 50 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Delete' },
      firstOrdinal: 5,
      volumeClaimTemplates: [{ name: 'data', labels: { of: 'db' }, annotations: {}, spec: claim.spec }],
    });
    const onDelete = decodedAs('StatefulSet', raw({ updateStrategy: { type: 'OnDelete' } })).spec;
    expect(onDelete.updateStrategy.type).toBe('OnDelete');
  });

  test.each<[string, object, readonly string[]]>([
    ['no selector', { selector: undefined }, ['spec.selector: Required value']],
    [
      'an empty selector',
      { selector: {} },
      ['spec.selector: Invalid value: an object: empty selector is invalid for statefulset'],
    ],
    [
      'a policy that is none',
      { podManagementPolicy: 'Ordered' },
      ["spec.podManagementPolicy: Invalid value: \"Ordered\": must be 'OrderedReady' or 'Parallel'"],
    ],
    [
      'a strategy that is none',
      { updateStrategy: { type: 'Recreate' } },
      ["spec.updateStrategy: Invalid value: an object: must be 'RollingUpdate' or 'OnDelete'"],
    ],
    [
      'a rolling update on delete',
      { updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } },
      ["spec.updateStrategy.rollingUpdate: Invalid value: an object: only allowed for updateStrategy 'RollingUpdate'"],
    ],
    [
      'an update that may not begin',
      { updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } },
      ['spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0'],
    ],
    [
      'more than all',
      { updateStrategy: { rollingUpdate: { maxUnavailable: '101%' } } },
      ['spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
    ],
  ])('with %s is refused', (_what, spec, messages) => {
    expect(problemsOf(raw(spec))).toEqual(messages);
  });

  test('has pods that live for ever', () => {
    expect(problemsOf(raw({}, { activeDeadlineSeconds: 5 }))).toEqual([
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported',
    ]);
  });
});

test('a ControllerRevision is the template that it patches in', () => {
  const { template } = (rawWorkload('StatefulSet') as { spec: { template: object } }).spec;
  const data = { spec: { template: { ...template, $patch: 'replace' } } };
  const made = { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: { name: 'w-1' }, revision: 3, data };
  const { revision, data: decoded } = decodedAs('ControllerRevision', made);
  expect(revision).toBe(3);
  expect(decoded).toEqual(decodedAs('StatefulSet', rawWorkload('StatefulSet')).spec.template);
  expect(problemsOf({ ...made, data: undefined })).toContain('data: Required value: data is mandatory');
});

describe('a ReplicationController', () => {
  const containers = [{ name: 'c', image: 'i:1' }];
  const raw = (spec: object = {}): object => ({
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'w' },
    spec: { template: { metadata: { labels: web }, spec: { containers } }, ...spec },
  });

  test('takes selector and labels from its pods', () => {
    const { metadata, spec } = decodedAs('ReplicationController', raw());
    expect(metadata.labels).toEqual(web);
    expect(spec).toMatchObject({ replicas: 1, selector: { matchLabels: web }, minReadySeconds: 0 });
  });

  test.each<[string, object, readonly string[]]>([
    ['no labels anywhere', { template: { spec: { containers } } }, ['spec.selector: Required value']],
    ['an empty selector', { selector: {} }, ['spec.selector: Required value']],
    [
      'a selector that misses its pods',
      { selector: { app: 'db' } },
      ['spec.template.metadata.labels: Invalid value: an object: `selector` does not match template `labels`'],
    ],
  ])('with %s is refused', (_what, spec, messages) => {
    expect(problemsOf(raw(spec))).toEqual(messages);
  });
});
