import { describe, expect, test } from 'vitest';
import { createRequest, patchRequest } from '../apiserver/requests.ts';
import type { DaemonSet, StatefulSet } from '../api/apps-v1.ts';
import { controllerOf, labelValue, metadataWith, newObjectMeta } from '../api/meta-v1.ts';
import { ControlPlane } from '../testing/control-plane.ts';
import { decodedAs, rawWorkload } from '../testing/decode.ts';
import { revisionLabel } from './template-revisions.ts';

type Set = StatefulSet | DaemonSet;

function setOf(kind: Set['kind'], spec: object = {}): Set {
  const raw = { ...rawWorkload('StatefulSet', spec), kind };
  const set: Set = kind === 'StatefulSet' ? decodedAs('StatefulSet', raw) : decodedAs('DaemonSet', raw);
  return { ...set, metadata: metadataWith(set.metadata, { namespace: 'shop' }) } as Set;
}

function planeOf(set: Set, more: readonly string[] = []): ControlPlane {
  const plane = new ControlPlane({ controllers: ['daemonset-controller', 'statefulset-controller', ...more] });
  plane.create(set as StatefulSet);
  return plane;
}

function setImage(plane: ControlPlane, kind: Set['kind'], image: string): void {
  const patch = (current: StatefulSet): StatefulSet => {
    const { template } = current.spec;
    const containers = [{ ...template.spec.containers[0]!, image }];
    return { ...current, spec: { ...current.spec, template: { ...template, spec: { ...template.spec, containers } } } };
  };
  plane.api.server.execute(patchRequest(kind as 'StatefulSet', 'shop', 'w', patch));
}

/** `number image` of each revision, in order of the numbers. */
const history = (plane: ControlPlane): readonly string[] =>
  plane
    .list('ControllerRevision')
    .sort((a, b) => a.revision - b.revision)
    .map(({ revision, data }) => `${revision} ${data.spec.containers[0]!.image}`);

describe.each(['StatefulSet', 'DaemonSet'] as const)('the revisions of a %s', (kind) => {
  test('each template has one, which the set owns and the pods name', () => {
    const plane = planeOf(setOf(kind)).runTo(20);
    setImage(plane, kind, 'i:2');
    plane.runTo(60);
    expect(history(plane)).toEqual(['1 i:1', '2 i:2']);
    const newest = plane.list('ControllerRevision').find(({ revision }) => revision === 2)!;
    expect(controllerOf(newest)).toMatchObject({ kind, name: 'w' });
    const label = labelValue(plane.list('Pod')[0]!.metadata.labels, revisionLabel)!;
    // A StatefulSet's pods have the name of the revision, a DaemonSet's the hash in it.
    expect(kind === 'StatefulSet' ? label : `w-${label}`).toBe(newest.metadata.name);
  });

  test('a template that comes back is the newest again', () => {
    const plane = planeOf(setOf(kind)).runTo(20);
    setImage(plane, kind, 'i:2');
    plane.runTo(60);
    setImage(plane, kind, 'i:1');
    plane.runTo(100);
    expect(history(plane)).toEqual(['2 i:2', '3 i:1']);
  });

  test('the oldest that no pod has go beyond the limit', () => {
    const plane = planeOf(setOf(kind, { revisionHistoryLimit: 2 })).runTo(20);
    for (let version = 2; version <= 5; version++) {
      setImage(plane, kind, `i:${version}`);
      plane.runTo(20 + 40 * version);
    }
    expect(history(plane)).toEqual(['3 i:3', '4 i:4', '5 i:5']);
  });

  test('go with their set', () => {
    const plane = planeOf(setOf(kind), ['garbage-collector-controller']).runTo(20);
    plane.delete(kind, 'w');
    plane.runTo(60);
    expect(history(plane)).toEqual([]);
  });

  test('one that is left of a set of that name is taken over; an equal template under another name is used', () => {
    const set = setOf(kind);
    const plane = planeOf(set).runTo(20);
    plane.delete(kind, 'w', { propagation: 'Background' });
    plane.runTo(25);
    plane.create({ ...set, metadata: newObjectMeta({ name: 'w', namespace: 'shop' }) } as StatefulSet);
    plane.runTo(60);
    // Nobody collects garbage here: the old one stays with its dead owner, and stands in the way.
    expect(plane.list('ControllerRevision')).toHaveLength(1);

    const other = new ControlPlane({ controllers: ['daemonset-controller', 'statefulset-controller'] });
    const created = other.create<'StatefulSet'>(setOf(kind) as StatefulSet);
    const ownerReferences = [
      { apiVersion: 'apps/v1', kind, name: 'w', uid: created.metadata.uid, controller: true, blockOwnerDeletion: true },
    ];
    const metadata = newObjectMeta({ name: 'w-dumped', namespace: 'shop', ownerReferences });
    const data = structuredClone(created.spec.template);
    other.api.server.execute(
      createRequest('ControllerRevision', {
        apiVersion: 'apps/v1',
        kind: 'ControllerRevision',
        metadata,
        revision: 7,
        data,
      }),
    );
    other.runTo(20);
    expect(other.list('ControllerRevision').map((revision) => revision.metadata.name)).toEqual(['w-dumped']);
    const label = labelValue(other.list('Pod')[0]!.metadata.labels, revisionLabel)!;
    expect(label).toBe(kind === 'StatefulSet' ? 'w-dumped' : 'dumped');
  });
});
