import { describe, expect, test } from 'vitest';
import { patchRequest } from '../apiserver/requests.ts';
import { podWith } from '../apiserver/pod-object.ts';
import { newReplicaSetStatus } from '../api/apps-v1.ts';
import type { ReplicaSet } from '../api/apps-v1.ts';
import { compileSelector } from '../api/labels.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Labels } from '../api/meta-v1.ts';
import { metadataWith, newObjectMeta } from '../api/meta-v1.ts';
import { defaultLatency, instantLatency } from '../apiserver/latency.ts';
import { SECOND } from '../engine/time.ts';
import { makeApi, makeTemplate } from '../testing/api-harness.ts';
import { makePod } from '../testing/builders.ts';
import { FakeHeartbeats } from '../testing/control-plane.ts';
import { createRequest } from '../apiserver/requests.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { ControllerProcess } from './controller-process.ts';
import type { Claimed } from './ownership.ts';
import { Orphans, claimObjects, controllerReference, ownerKey } from './ownership.ts';

function makeSet(name: string): ReplicaSet {
  const selector = { matchLabels: { app: 'web' }, matchExpressions: [] };
  const spec = { replicas: 1, selector, template: makeTemplate({ app: 'web' }), minReadySeconds: 0 };
  const metadata = newObjectMeta({ name, namespace: 'shop' });
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec, status: newReplicaSetStatus };
}

/** A controller's context, and a way to let it do something. */
function setUp(latency = instantLatency) {
  const api = makeApi({ latency });
  let context: ControllerContext | undefined;
  const create = (given: ControllerContext): Controller => {
    context = given;
    return {
      watch: () => undefined,
      *reconcile() {
        return {};
      },
    };
  };
  const definition = { name: 'c', description: '', workers: 1, create };
  new ControllerProcess([definition], api.server, { heartbeats: new FakeHeartbeats() });
  const make = (name: string, labels: Labels, owner?: ReplicaSet): Pod => {
    const pod = makePod(name, { labels, metadata: { namespace: 'shop' } });
    const ownerReferences = owner === undefined ? [] : [controllerReference(owner)];
    return api.server.execute(
      createRequest('Pod', podWith(pod, { metadata: metadataWith(pod.metadata, { ownerReferences }) })),
    ).object!;
  };
  return { ...api, context: context!, make };
}

describe('claiming', () => {
  function claimAll(change: (set: ReplicaSet) => ReplicaSet = (set) => set) {
    const { server, engine, context, make } = setUp();
    const owner = server.execute(createRequest('ReplicaSet', makeSet('owner'))).object!;
    const other = server.execute(createRequest('ReplicaSet', makeSet('other'))).object!;
    const pods = [
      make('mine', { app: 'web' }, owner),
      make('mine-no-more', { app: 'db' }, owner),
      make('theirs', { app: 'web' }, other),
      make('orphan', { app: 'web' }),
      make('stranger', { app: 'db' }),
    ];
    let claimed: Claimed<'Pod'> | undefined;
    context.spawn(function* () {
      const matches = compileSelector(owner.spec.selector);
      const ownerReferences = [controllerReference(owner)];
      claimed = yield* claimObjects({ kind: 'Pod', owner: change(owner), ownerReferences, matches }, pods);
    });
    engine.run({ until: SECOND });
    const names = claimed!.objects.map(({ metadata }) => metadata.name);
    const owners = pods.map(
      ({ metadata }) => server.state.get('Pod', 'shop', metadata.name)!.metadata.ownerReferences[0]?.name,
    );
    return { names, owners, failed: claimed!.failed };
  }

  test('keeps its own, releases what no longer matches, adopts orphans, and leaves what others have', () => {
    expect(claimAll()).toEqual({
      names: ['mine', 'orphan'],
      owners: ['owner', undefined, 'other', 'owner', undefined],
      failed: undefined,
    });
  });

  test('neither releases nor adopts for an owner that is being deleted', () => {
    const deleted = (set: ReplicaSet): ReplicaSet => ({ ...set, metadata: { ...set.metadata, deletionTimestamp: 1 } });
    expect(claimAll(deleted)).toEqual({
      names: ['mine'],
      owners: ['owner', 'owner', 'other', undefined, undefined],
      failed: undefined,
    });
  });

  test('adopts nothing for an owner that has been replaced behind the cache', () => {
    const replaced = (set: ReplicaSet): ReplicaSet => ({
      ...set,
      metadata: { ...set.metadata, uid: set.metadata.uid + 1000 },
    });
    const { names, owners, failed } = claimAll(replaced);
    expect(names).toEqual([]);
    expect(owners[3]).toBeUndefined();
    expect(failed).toMatch(/original ReplicaSet shop\/owner is gone/);
  });
});

test('the key of an owner is its namespace and name, if it is of the kind and controls', () => {
  const owner = { ...makeSet('owner'), metadata: { ...makeSet('owner').metadata, uid: 7 } };
  const reference = controllerReference(owner);
  const owned = (parts: object): Pod => {
    const pod = makePod('p', { metadata: { namespace: 'shop' } });
    return podWith(pod, { metadata: metadataWith(pod.metadata, { ownerReferences: [{ ...reference, ...parts }] }) });
  };
  expect(ownerKey(owned({}), 'ReplicaSet')).toBe('shop/owner');
  expect(ownerKey(owned({}), 'Job')).toBeUndefined();
  expect(ownerKey(owned({ controller: false }), 'ReplicaSet')).toBeUndefined();
  expect(ownerKey(undefined, 'ReplicaSet')).toBeUndefined();
});

describe('orphans', () => {
  const isWeb = compileSelector({ matchLabels: { app: 'web' }, matchExpressions: [] });

  test('are found by namespace and labels, as they come, change, are adopted and go', () => {
    const { server, engine, context, make } = setUp();
    const told: string[] = [];
    const orphans = new Orphans(context.informer('Pod'), (pod) => void told.push(pod.metadata.name));
    const found = (namespace = 'shop'): string[] =>
      orphans.matching(namespace, isWeb, engine.now).map(({ metadata }) => metadata.name);
    make('early', { app: 'web' });
    engine.run({ until: SECOND });
    expect([found(), told]).toEqual([[], []]);
    orphans.watch();
    expect(found()).toEqual(['early']);
    expect(found('default')).toEqual([]);
    make('late', { app: 'web' });
    make('other', { app: 'db' });
    engine.run({ until: 2 * SECOND });
    expect([found(), told]).toEqual([
      ['early', 'late'],
      ['late', 'other'],
    ]);
    const patch = (name: string, change: (pod: Pod) => Partial<Pod['metadata']>): void => {
      const apply = (pod: Pod): Pod => podWith(pod, { metadata: metadataWith(pod.metadata, { ...change(pod) }) });
      server.execute(patchRequest('Pod', 'shop', name, apply));
    };
    patch('other', () => ({ labels: { app: 'web' } }));
    patch('early', () => ({ labels: { app: 'db' } }));
    patch('late', () => ({ ownerReferences: [controllerReference(makeSet('owner'))] }));
    engine.run({ until: 3 * SECOND });
    expect([found(), told.slice(2)]).toEqual([['other'], ['other', 'early']]);
  });

  test('that are on their way when the watch begins are found when they have come', () => {
    const { engine, context, make } = setUp(defaultLatency);
    const orphans = new Orphans(context.informer('Pod'), () => undefined);
    make('on-its-way', { app: 'web' });
    orphans.watch();
    expect(orphans.matching('shop', isWeb, engine.now)).toEqual([]);
    const later = engine.register({
      name: 'later',
      phase: 5,
      handle: () => found.push(...orphans.matching('shop', isWeb, engine.now)),
    });
    const found: Pod[] = [];
    engine.at(SECOND, later, 0);
    engine.run({ until: 2 * SECOND });
    expect(found.map(({ metadata }) => metadata.name)).toEqual(['on-its-way']);
  });

  test('that are gone do not pile up', () => {
    const { server, engine, context, make } = setUp();
    const orphans = new Orphans(context.informer('Pod'), () => undefined);
    orphans.watch();
    for (let at = 0; at < 1000; at++) {
      const name = `p${at}`;
      make(name, { app: 'web', own: name });
      server.execute({ ...patchRequest('Pod', 'shop', name, (pod: Pod) => pod), verb: 'delete' });
      engine.run({ until: (at + 1) * SECOND });
      orphans.matching('shop', isWeb, engine.now);
    }
    const { listCount } = orphans as unknown as { listCount: number };
    expect(listCount).toBeLessThan(130);
  });
});
