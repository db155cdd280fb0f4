import { expect, test } from 'vitest';
import { newReplicaSetStatus } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import { newObjectMeta } from '../api/meta-v1.ts';
import { SECOND } from '../engine/time.ts';
import { makeTemplate } from '../testing/api-harness.ts';
import { makePod } from '../testing/builders.ts';
import { ControlPlane } from '../testing/control-plane.ts';

function planeWith(replicas: number): ControlPlane {
  const plane = new ControlPlane({
    controllers: ['replicationcontroller-controller', 'replicaset-controller'],
    behavior: () => ({ stopAfter: 10 * SECOND }),
  });
  plane.create(makePod('orphan', { metadata: { namespace: 'shop' }, labels: { app: 'web' } }));
  plane.create({
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: newObjectMeta({ name: 'web', namespace: 'shop' }),
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' }, matchExpressions: [] },
      template: makeTemplate({ app: 'web' }),
      minReadySeconds: 0,
    },
    status: newReplicaSetStatus,
  });
  return plane.runTo(10);
}

const podsOf = (plane: ControlPlane): readonly Pod[] =>
  plane.ownedBy('Pod', plane.get('ReplicationController', 'web')!.metadata.uid);

test('a ReplicationController adopts, makes and replaces its pods as a ReplicaSet does', () => {
  const plane = planeWith(3);
  const names = podsOf(plane).map(({ metadata }) => metadata.name);
  expect(names).toHaveLength(3);
  expect(names).toContain('orphan');
  expect(podsOf(plane)[0]!.metadata.ownerReferences).toMatchObject([
    { apiVersion: 'v1', kind: 'ReplicationController', name: 'web', controller: true },
  ]);
  expect(plane.get('ReplicationController', 'web')!.status).toMatchObject({ replicas: 3, readyReplicas: 3 });
  const told = plane.events.filter(({ reason }) => reason === 'SuccessfulCreate');
  expect(told.map(({ source, involvedKind }) => `${source} ${involvedKind}`)).toEqual(
    new Array(2).fill('replication-controller ReplicationController'),
  );
  plane.delete('Pod', 'orphan');
  plane.runTo(30);
  expect(podsOf(plane)).toHaveLength(3);
});

test('its status counts no pods that are on their way out', () => {
  const plane = planeWith(3);
  plane.change('ReplicationController', 'web', (spec) => ({ ...spec, replicas: 1 }));
  plane.runTo(15);
  expect(podsOf(plane)).toHaveLength(3);
  expect(plane.get('ReplicationController', 'web')!.status).toMatchObject({ replicas: 1, terminatingReplicas: 0 });
  plane.runTo(30);
  expect(podsOf(plane)).toHaveLength(1);
});
