import { describe, expect, test } from 'vitest';
import { createRequest, patchRequest, patchStatusRequest } from '../apiserver/requests.ts';
import { defaultLatency, instantLatency } from '../apiserver/latency.ts';
import { podWith } from '../apiserver/pod-object.ts';
import { newReplicaSetStatus } from '../api/apps-v1.ts';
import type { ReplicaSet } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import { metadataWith, newObjectMeta } from '../api/meta-v1.ts';
import type { RandomSource } from '../engine/random-source.ts';
import type { RandomStream } from '../engine/random.ts';
import { MILLISECOND, SECOND } from '../engine/time.ts';
import { makeNamespace, makeTemplate } from '../testing/api-harness.ts';
import { makePod } from '../testing/builders.ts';
import { ControlPlane } from '../testing/control-plane.ts';
import type { ControlPlaneOptions } from '../testing/control-plane.ts';
import { statusWith } from '../api/pod-status.ts';

function planeOf(options: ControlPlaneOptions = {}): ControlPlane {
  return new ControlPlane({ controllers: ['replicaset-controller'], ...options });
}

function makeSet(
  name: string,
  replicas: number,
  parts: Partial<ReplicaSet['spec']> = {},
  namespace = 'shop',
): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: newObjectMeta({ name, namespace }),
    spec: {
      replicas,
      selector: { matchLabels: { app: name }, matchExpressions: [] },
      template: makeTemplate({ app: name }),
      minReadySeconds: 0,
      ...parts,
    },
    status: newReplicaSetStatus,
  };
}

function podsOf(plane: ControlPlane, name: string): Pod[] {
  return plane.ownedBy('Pod', plane.get('ReplicaSet', name)!.metadata.uid);
}

function resize(plane: ControlPlane, name: string, replicas: number): void {
  plane.change('ReplicaSet', name, (spec) => ({ ...spec, replicas }));
}

describe('creation', () => {
  test('goes in batches of 1, 2, 4 ... each after the answers to the one before', () => {
    const plane = planeOf({ latency: { ...defaultLatency, clientLimits: false }, hasKubelets: false });
    plane.create(makeSet('web', 20));
    const instants = new Map<string, number>();
    const sent: number[] = [];
    plane.api.recorder.observe({
      podHop: (_uid, hop, time) => {
        if (hop === 'submitted') sent.push(time);
      },
    });
    plane.runTo(10);
    for (const time of sent) instants.set(String(time), (instants.get(String(time)) ?? 0) + 1);
    expect([...instants.values()]).toEqual([1, 2, 4, 8, 5]);
  });

  test('is counted as soon as the set has seen its own write, not after a back-off', () => {
    const watch = {
      mean: MILLISECOND,
      sample: (stream: RandomSource) => ((stream as RandomStream).name.endsWith('/ReplicaSet') ? 20 : 1) * MILLISECOND,
    };
    const plane = planeOf({ latency: { ...instantLatency, watch }, hasKubelets: false });
    let countedAt = -1;
    plane.api.recorder.observe({
      committed: (kind, _slot, _before, after) => {
        if (kind === 'ReplicaSet' && (after as ReplicaSet).status.replicas === 1) countedAt = plane.api.engine.now;
      },
    });
    const createdAt = plane.api.engine.now;
    plane.create(makeSet('web', 1));
    plane.runTo(1);
    // Seen after 20 ms; the write of that sync after 20 more.
    expect(countedAt - createdAt).toBe(40 * MILLISECOND);
  });

  test('asks for at most 500 pods in a sync, and for the rest when those have been seen', () => {
    const plane = planeOf({ hasKubelets: false });
    plane.create(makeSet('web', 1200));
    let syncs = 0;
    plane.api.recorder.observe({ reconciled: () => void syncs++ });
    plane.runTo(1);
    expect(podsOf(plane, 'web')).toHaveLength(1200);
    expect(syncs).toBeGreaterThanOrEqual(3);
  });

  test('of 300 pods is bound by the client: 30 at once, then 20 a second', () => {
    const plane = planeOf({ latency: defaultLatency, hasKubelets: false });
    plane.create(makeSet('web', 300));
    let last = 0;
    plane.observe('Pod', (before, _after, seconds) => {
      if (before === undefined) last = seconds;
    });
    plane.runTo(60);
    expect(podsOf(plane, 'web')).toHaveLength(300);
    // (300-30)/20 = 13.5 s and a few events between; 13.9 s was recorded of the real one.
    expect(last).toBeGreaterThan(13.4);
    expect(last).toBeLessThan(14.4);
    // An object has 25 events, and one more every 300 s.
    expect(plane.events.filter(({ reason }) => reason === 'SuccessfulCreate')).toHaveLength(25);
  });

  test('shares spec, labels, annotations and owner among all pods', () => {
    const plane = planeOf({ hasKubelets: false });
    plane.create(makeSet('web', 3));
    plane.runTo(1);
    const [first, ...others] = podsOf(plane, 'web');
    for (const pod of others) {
      expect(pod.spec).toBe(first!.spec);
      expect(pod.metadata.labels).toBe(first!.metadata.labels);
      expect(pod.metadata.annotations).toBe(first!.metadata.annotations);
      expect(pod.metadata.ownerReferences).toBe(first!.metadata.ownerReferences);
    }
  });

  test('gives the n-th pod of a set the same name in every run', () => {
    const names = [planeOf(), planeOf({ seed: 'other', latency: defaultLatency, nodes: 1 })].map((plane) => {
      plane.create(makeSet('web', 5));
      plane.runTo(20);
      return podsOf(plane, 'web').map(({ metadata }) => metadata.name);
    });
    expect(names[0]!.toSorted()).toEqual(names[1]!.toSorted());
    expect(new Set(names[0]).size).toBe(5);
  });

  test('takes another name where one is taken', () => {
    const names = (plane: ControlPlane): string[] => podsOf(plane, 'web').map(({ metadata }) => metadata.name);
    const first = planeOf({ hasKubelets: false });
    first.create(makeSet('web', 2));
    const taken = names(first.runTo(1))[0]!;
    const second = planeOf({ hasKubelets: false });
    second.create(makePod(taken, { metadata: { namespace: 'shop' } }));
    second.create(makeSet('web', 2));
    expect(names(second.runTo(1))).toHaveLength(2);
    expect(names(second)).not.toContain(taken);
    expect(second.events.filter(({ reason }) => reason === 'FailedCreate')).toEqual([]);
  });

  test('that is refused shows as ReplicaFailure, is told, and is tried again later and later', () => {
    const plane = planeOf({ hasKubelets: false });
    plane.create(makeSet('web', 2, { template: makeTemplate({ app: 'web' }, { priorityClassName: 'nobody' }) }));
    const tries: number[] = [];
    plane.api.recorder.observe({
      apiRequest: (_client, verb) => void (verb === 'create' && tries.push(plane.seconds)),
    });
    plane.runTo(0.1);
    const { conditions, replicas } = plane.get('ReplicaSet', 'web')!.status;
    const message = 'pods "web-" is forbidden: no PriorityClass with name nobody was found';
    expect(replicas).toBe(0);
    expect(conditions).toMatchObject([{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }]);
    expect(conditions[0]!.message).toBe(message);
    expect(plane.events[0]!.message).toBe(`Error creating: ${conditions[0]!.message}`);
    // One request in each sync: the batch of one is refused. 0, 5, 5+10, 15+20, 35+40 ms.
    expect(tries.map((seconds) => Math.round(seconds * 1000))).toEqual([0, 5, 15, 35, 75]);
    const api = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' } as const;
    const metadata = newObjectMeta({ name: 'nobody' });
    plane.create({ ...api, metadata, value: 7, globalDefault: false, preemptionPolicy: 'Never' });
    plane.runTo(1);
    expect(podsOf(plane, 'web')).toHaveLength(2);
    expect(plane.get('ReplicaSet', 'web')!.status.conditions).toEqual([]);
  });

  test('in a namespace that is going is neither a failure nor told', () => {
    const plane = planeOf({ hasKubelets: false });
    plane.create(makeNamespace('old'));
    plane.api.server.execute(createRequest('ReplicaSet', makeSet('web', 2, {}, 'old')));
    plane.delete('Namespace', 'old', {}, '');
    plane.runTo(1);
    expect(plane.events).toEqual([]);
    expect(plane.list('Pod')).toEqual([]);
  });
});

describe('a pod that goes', () => {
  test('is replaced at once when its deletion is asked for, while it still runs', () => {
    const plane = planeOf({ behavior: () => ({ stopAfter: 20 * SECOND }) });
    plane.create(makeSet('web', 2));
    plane.runTo(5);
    const [pod] = podsOf(plane, 'web');
    plane.at(10, () => plane.delete('Pod', pod!.metadata.name)).runTo(11);
    expect(podsOf(plane, 'web')).toHaveLength(3);
    expect(plane.get('ReplicaSet', 'web')!.status).toMatchObject({ replicas: 2, terminatingReplicas: 1 });
    plane.runTo(40);
    expect(podsOf(plane, 'web')).toHaveLength(2);
    expect(plane.get('ReplicaSet', 'web')!.status).toMatchObject({ replicas: 2, terminatingReplicas: 0 });
  });

  test('is replaced when it has failed, and stays as an object', () => {
    const plane = planeOf();
    plane.create(makeSet('web', 2));
    plane.runTo(5);
    const { namespace, name } = podsOf(plane, 'web')[0]!.metadata;
    const fail = (pod: Pod): Pod => podWith(pod, { status: statusWith(pod.status, { phase: 'Failed' }) });
    plane.at(10, () => void plane.api.server.execute(patchStatusRequest('Pod', namespace, name, fail))).runTo(20);
    expect(podsOf(plane, 'web').map(({ status }) => status.phase)).toEqual(['Failed', 'Running', 'Running']);
    expect(plane.get('ReplicaSet', 'web')!.status.replicas).toBe(2);
  });
});

describe('scaling down', () => {
  test('takes the pod that is not ready first, and tells whom', () => {
    let count = 0;
    const plane = planeOf({ behavior: () => ({ readyAfter: count++ === 1 ? undefined : 0 }) });
    plane.create(makeSet('web', 4));
    plane.runTo(5);
    const unready = podsOf(plane, 'web').find(({ status }) => status.ready % 2 === 0)!;
    plane.at(10, () => resize(plane, 'web', 3)).runTo(11);
    const deleted = plane.events.filter(({ reason }) => reason === 'SuccessfulDelete');
    expect(deleted.map(({ message }) => message)).toEqual([`Deleted pod: ${unready.metadata.name}`]);
  });

  test.each([
    ['that run on', true],
    ['that vanish at once', false],
  ])('waits with the next choice until the last deletions have been seen, of pods %s', (_what, hasKubelets) => {
    const plane = planeOf({ latency: defaultLatency, hasKubelets });
    plane.create(makeSet('web', 10));
    plane.runTo(20);
    const codes = new Set<string>();
    plane.api.recorder.observe({
      apiRequest: (_client, verb, _kind, code) => void (verb === 'delete' && codes.add(code)),
    });
    for (const [at, replicas] of [9, 8, 7, 6, 5, 4, 3, 2].entries())
      plane.at(30 + at * 0.004, () => resize(plane, 'web', replicas));
    plane.runTo(60);
    expect(podsOf(plane, 'web')).toHaveLength(2);
    expect(plane.events.filter(({ reason }) => reason === 'SuccessfulDelete')).toHaveLength(8);
    expect([...codes]).toEqual(['OK']);
  });
});

describe('ownership', () => {
  test('an orphan that matches is adopted and counts', () => {
    const plane = planeOf();
    plane.create(makePod('bare', { metadata: { namespace: 'shop' }, labels: { app: 'web' } }));
    plane.create(makeSet('web', 2));
    plane.runTo(5);
    expect(podsOf(plane, 'web').map(({ metadata }) => metadata.name)).toContain('bare');
    expect(podsOf(plane, 'web')).toHaveLength(2);
  });

  test('an orphan that comes to a full set is adopted and one pod is deleted', () => {
    const plane = planeOf();
    plane.create(makeSet('web', 2));
    plane.runTo(5);
    const bare = makePod('bare', { metadata: { namespace: 'shop' }, labels: { app: 'web' } });
    plane.at(10, () => plane.create(bare)).runTo(20);
    expect(podsOf(plane, 'web')).toHaveLength(2);
    expect(plane.get('Pod', 'bare')).toBeUndefined();
  });

  test('a pod whose labels no longer match is released and replaced', () => {
    const plane = planeOf();
    plane.create(makeSet('web', 2));
    plane.runTo(5);
    const { name } = podsOf(plane, 'web')[0]!.metadata;
    const relabel = (pod: Pod): Pod =>
      podWith(pod, { metadata: metadataWith(pod.metadata, { labels: { app: 'other' } }) });
    plane.at(10, () => void plane.api.server.execute(patchRequest('Pod', 'shop', name, relabel))).runTo(20);
    expect(plane.get('Pod', name)!.metadata.ownerReferences).toEqual([]);
    expect(podsOf(plane, 'web')).toHaveLength(2);
  });
});

describe('minReadySeconds', () => {
  test('lets a pod count as available so long after it has turned ready, and not later', () => {
    const plane = planeOf();
    const changes: string[] = [];
    plane.create(makeSet('web', 1, { minReadySeconds: 10 }));
    plane.observe('ReplicaSet', (before, after, seconds) => {
      if (before?.status.availableReplicas !== after?.status.availableReplicas)
        changes.push(`${seconds} ${after!.status.availableReplicas}`);
    });
    plane.runTo(60);
    expect(changes).toEqual(['10 1']);
  });

  test('is also waited for with pods that were ready before they were adopted', () => {
    const plane = planeOf();
    plane.create(makePod('bare', { metadata: { namespace: 'shop' }, labels: { app: 'web' } }));
    plane.runTo(5);
    const changes: string[] = [];
    plane.observe('ReplicaSet', (before, after, seconds) => {
      if (before?.status.availableReplicas !== after?.status.availableReplicas)
        changes.push(`${seconds} ${after!.status.availableReplicas}`);
    });
    plane.create(makeSet('web', 1, { minReadySeconds: 10 }));
    plane.runTo(60);
    expect(changes).toEqual(['5 0', '10 1']);
  });
});

test('a sync costs as much in a large cluster as in a small one', () => {
  const plane = planeOf({ hasKubelets: false });
  for (let at = 0; at < 20; at++) plane.create(makeSet(`other-${at}`, 50));
  plane.create(makeSet('web', 3));
  plane.runTo(1);
  const pods = plane.api.server.state.store('Pod');
  let looks = 0;
  const asOf = pods.asOf.bind(pods);
  pods.asOf = (slot, sequence) => {
    looks++;
    return asOf(slot, sequence);
  };
  plane.at(2, () => resize(plane, 'web', 5)).runTo(10);
  expect(podsOf(plane, 'web')).toHaveLength(5);
  expect(looks).toBeLessThan(100);
});
