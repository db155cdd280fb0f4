import { expect, test } from 'vitest';
import { defaultLatency, instantLatency } from '../apiserver/latency.ts';
import { createRequest } from '../apiserver/requests.ts';
import { newObjectMeta } from '../api/meta-v1.ts';
import { SECOND } from '../engine/time.ts';
import { makeCustom, makeDeployment, makeNamespace } from '../testing/api-harness.ts';
import { makePod } from '../testing/builders.ts';
import { ControlPlane } from '../testing/control-plane.ts';

function planeOf(stopSeconds: number, latency = instantLatency): ControlPlane {
  const plane = new ControlPlane({ behavior: () => ({ stopAfter: stopSeconds * SECOND }), latency });
  plane.create(makeNamespace('old'));
  return plane;
}

function goneAt(plane: ControlPlane): () => number {
  let gone = -1;
  plane.observe('Namespace', (_before, after, seconds) => void (after === undefined && (gone = seconds)));
  return () => gone;
}

test('an empty namespace is terminating at once and gone 5 s later', () => {
  const plane = planeOf(1);
  const gone = goneAt(plane);
  plane.at(10, () => plane.delete('Namespace', 'old', {}, '')).runTo(12);
  expect(plane.get('Namespace', 'old', '')!.phase).toBe('Terminating');
  const { code } = plane.api.server.execute(createRequest('Custom', makeCustom('v1', 'ConfigMap', 'late', 'old')));
  expect(code).toBe('Forbidden');
  plane.runTo(60);
  expect(gone()).toBe(15);
});

test('every resource type is asked for twice, and pods are deleted by name, one after the other', () => {
  const plane = planeOf(3, defaultLatency);
  const gone = goneAt(plane);
  for (const name of ['c', 'a', 'b']) plane.create(makePod(name, { metadata: { namespace: 'old' } }));
  const marks: string[] = [];
  plane.observe('Pod', (before, after, seconds) => {
    const isMarked =
      after?.metadata.deletionTimestamp !== undefined && before?.metadata.deletionTimestamp === undefined;
    if (isMarked) marks.push(`${after.metadata.name} ${seconds}`);
  });
  let reads = 0;
  plane.api.recorder.observe({
    apiRequest: (client, verb) => void (client === 'namespace-controller' && verb === 'get' && reads++),
  });
  plane.at(10, () => plane.delete('Namespace', 'old', {}, '')).runTo(60);
  expect(marks.map((mark) => mark[0])).toEqual(['a', 'b', 'c']);
  const times = marks.map((mark) => Number(mark.slice(2)));
  expect(times[2]! - times[0]!).toBeGreaterThan(0.004);
  // Two passes ask for the namespace and for pods, the second for 32 more types; a read takes 1.5 ms on average.
  expect(reads).toBe(1 + 2 + 1 + 2 + 2 * 32);
  expect(gone() - 20).toBeGreaterThan(0.05);
  expect(gone() - 20).toBeLessThan(0.3);
});

test('pods go first, then everything else, then the namespace', () => {
  const plane = planeOf(5);
  const gone = goneAt(plane);
  const deployment = makeDeployment('web');
  plane.create({ ...deployment, metadata: newObjectMeta({ name: 'web', namespace: 'old' }) });
  plane.create(makeCustom('v1', 'ConfigMap', 'settings', 'old'));
  plane.at(10, () => plane.delete('Namespace', 'old', {}, '')).runTo(18);
  expect(plane.list('Deployment')).toHaveLength(1);
  plane.runTo(100);
  // A pass at 15 s deletes the pods, which take 5 s; the next one at 20 s finds them gone and takes the rest.
  expect(gone()).toBe(20);
  expect([
    ...plane.list('Deployment'),
    ...plane.list('ReplicaSet'),
    ...plane.list('Pod'),
    ...plane.list('Custom').filter(({ metadata }) => metadata.namespace === 'old'),
  ]).toEqual([]);
});

test('the conditions of a namespace say what holds it', () => {
  const plane = planeOf(1);
  const held = makeCustom('v1', 'ConfigMap', 'settings', 'old');
  const labelled = {
    ...held,
    metadata: newObjectMeta({ name: 'settings', namespace: 'old', finalizers: ['me/hold'] }),
  };
  plane.create(labelled);
  plane.at(10, () => plane.delete('Namespace', 'old', {}, '')).runTo(16);
  const { conditions } = plane.get('Namespace', 'old', '')!;
  expect(conditions!.slice(3).map(({ type, status, reason, message }) => [type, status, reason, message])).toEqual([
    [
      'NamespaceContentRemaining',
      'True',
      'SomeResourcesRemain',
      'Some resources are remaining: configmaps. has 1 resource instances',
    ],
    [
      'NamespaceFinalizersRemaining',
      'True',
      'SomeFinalizersRemain',
      'Some content in the namespace has finalizers remaining: me/hold in 1 resource instances',
    ],
  ]);
});

test('namespaces that every cluster has stay', () => {
  const plane = planeOf(1);
  expect(() => plane.delete('Namespace', 'default', {}, '')).toThrow('this namespace may not be deleted');
});
