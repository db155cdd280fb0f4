import { describe, expect, test } from 'vitest';
import type { Pod } from '../api/core-v1.ts';
import { newPodStatus, statusWith } from '../api/pod-status.ts';
import { SECOND } from '../engine/time.ts';
import { EventPhase } from '../record/event-phases.ts';
import { makeApi, makeCustom, makeDeployment, makeJob, makeNamespace } from '../testing/api-harness.ts';
import { makeNode, makePod } from '../testing/builders.ts';
import { byController, byNode } from './cluster-state.ts';
import { instantLatency } from './latency.ts';
import { podWith, withMetadata } from './pod-object.ts';
import {
  bindRequest,
  createRequest,
  deleteRequest,
  evictRequest,
  getRequest,
  patchRequest,
  patchStatusRequest,
  updateRequest,
  updateStatusRequest,
} from './requests.ts';
import { metadataWith } from '../api/meta-v1.ts';

const codeAndMessage = ({ code, message }: { code: string; message: string }): string => `${code} ${message}`.trim();

describe('versions', () => {
  test('each write has the next resourceVersion, over all kinds; what changes nothing has none', () => {
    const { server } = makeApi();
    const first = server.execute(createRequest('Pod', makePod('a'))).object!.metadata.resourceVersion;
    const second = server.execute(createRequest('Deployment', makeDeployment('web'))).object!.metadata.resourceVersion;
    const same = server.execute(patchRequest('Pod', 'default', 'a', (pod) => pod)).object!.metadata.resourceVersion;
    const third = server.execute(patchStatusRequest('Pod', 'default', 'a', running)).object!.metadata.resourceVersion;
    expect([second - first, same - first, third - first]).toEqual([1, 0, 2]);
  });

  test('no uid is given twice', () => {
    const { server } = makeApi();
    const uids = [1, 2, 3].map(() => {
      const { uid } = server.execute(createRequest('Pod', makePod('a'))).object!.metadata;
      server.execute(deleteRequest('Pod', 'default', 'a'));
      return uid;
    });
    expect(new Set(uids).size).toBe(3);
  });

  test('an update on a stale version is a conflict, a patch is not', () => {
    const { server } = makeApi();
    const old = server.execute(createRequest('Deployment', makeDeployment('web'))).object!;
    const scaled = { ...old, spec: { ...old.spec, replicas: 5 } };
    expect(server.execute(updateRequest('Deployment', scaled)).code).toBe('OK');
    expect(server.execute(updateRequest('Deployment', scaled)).code).toBe('Conflict');
    const scale = (current: typeof old): typeof old => ({ ...current, spec: { ...current.spec, replicas: 6 } });
    expect(server.execute(patchRequest('Deployment', 'shop', 'web', scale)).object!.spec.replicas).toBe(6);
  });

  test('creation time is in whole seconds', () => {
    const { server, engine } = makeApi();
    const handler = engine.register({
      name: 'create',
      phase: 0,
      handle: () => void server.execute(createRequest('Pod', makePod('a'))),
    });
    engine.at(12.9 * SECOND, handler, 0);
    engine.run({ until: 60 * SECOND });
    expect(server.state.get('Pod', 'default', 'a')!.metadata.creationTimestamp).toBe(12);
  });
});

function running(pod: Pod): Pod {
  return podWith(pod, { status: statusWith(pod.status, { phase: 'Running' }) });
}

describe('the two halves of an object', () => {
  test('a write of the object leaves its status', () => {
    const { server } = makeApi();
    server.execute(createRequest('Pod', makePod('a')));
    const both = (pod: Pod): Pod =>
      podWith(running(pod), { metadata: metadataWith(pod.metadata, { labels: { x: 'y' } }) });
    const { object } = server.execute(patchRequest('Pod', 'default', 'a', both));
    expect(object!.metadata.labels).toEqual({ x: 'y' });
    expect(object!.status).toBe(newPodStatus);
    const web = server.execute(createRequest('Deployment', makeDeployment('web'))).object!;
    const next = { ...web, spec: { ...web.spec, replicas: 9 }, status: { ...web.status, replicas: 9 } };
    expect(server.execute(updateRequest('Deployment', next)).object!.status.replicas).toBe(0);
  });

  test('a write of the status leaves the spec and the generation', () => {
    const { server } = makeApi();
    const web = server.execute(createRequest('Deployment', makeDeployment('web'))).object!;
    const next = { ...web, spec: { ...web.spec, replicas: 9 }, status: { ...web.status, replicas: 3 } };
    const { object } = server.execute(updateStatusRequest('Deployment', next));
    expect(object!.spec).toBe(web.spec);
    expect(object!.status.replicas).toBe(3);
    expect(object!.metadata.generation).toBe(1);
  });
});

describe('what is not there, or there already', () => {
  test('is refused in the words of upstream', () => {
    const { server } = makeApi();
    const refused = [
      server.execute(getRequest('Pod', 'default', 'a')),
      server.execute(deleteRequest('Deployment', 'shop', 'web')),
      server.execute(bindRequest(makePod('a'), 'n1')),
      server.execute(createRequest('Namespace', makeNamespace('shop'))),
    ];
    expect(refused.map(codeAndMessage)).toEqual([
      'NotFound pods "a" not found',
      'NotFound deployments.apps "web" not found',
      'NotFound pods "a" not found',
      'AlreadyExists namespaces "shop" already exists',
    ]);
  });

  test('objects of unmodelled kinds are told apart by kind, not by name alone', () => {
    const { server } = makeApi();
    const settings = makeCustom('v1', 'ConfigMap', 'settings');
    const secret = makeCustom('v1', 'Secret', 'settings');
    expect(server.execute(createRequest('Custom', settings)).code).toBe('Created');
    expect(server.execute(createRequest('Custom', secret)).code).toBe('Created');
    expect(codeAndMessage(server.execute(createRequest('Custom', settings)))).toBe(
      'AlreadyExists configmaps "settings" already exists',
    );
    expect(server.execute(deleteRequest('Custom', 'shop', 'v1/Secret/settings')).code).toBe('OK');
    expect([...server.state.list('Custom')].map(({ kind }) => kind)).toEqual(['ConfigMap']);
  });
});

describe('removal', () => {
  test('the last finalizer of a terminating object takes it along', () => {
    const { server } = makeApi();
    const web = makeDeployment('web');
    server.execute(createRequest('Deployment', { ...web, metadata: { ...web.metadata, finalizers: ['f'] } }));
    expect(server.execute(deleteRequest('Deployment', 'shop', 'web')).object!.metadata.deletionTimestamp).toBe(0);
    const release = (current: typeof web): typeof web => withMetadata(current, { ...current.metadata, finalizers: [] });
    expect(server.execute(patchRequest('Deployment', 'shop', 'web', release)).code).toBe('OK');
    expect(server.state.get('Deployment', 'shop', 'web')).toBeUndefined();
  });

  test('a finalizer that goes before the grace is over does not', () => {
    const { server } = makeApi();
    server.install('Pod', makePod('a', { metadata: { finalizers: ['f'] }, spec: { nodeName: 'n1' } }));
    server.execute(deleteRequest('Pod', 'default', 'a'));
    const release = (pod: Pod): Pod => withMetadata(pod, metadataWith(pod.metadata, { finalizers: [] }));
    server.execute(patchRequest('Pod', 'default', 'a', release));
    expect(server.state.get('Pod', 'default', 'a')!.metadata.deletionGracePeriodSeconds).toBe(30);
    expect(server.execute(deleteRequest('Pod', 'default', 'a', { gracePeriodSeconds: 0 })).code).toBe('OK');
    expect(server.state.get('Pod', 'default', 'a')).toBeUndefined();
  });

  test('a deletion keeps to its preconditions', () => {
    const { server } = makeApi();
    const { uid, resourceVersion } = server.execute(createRequest('Pod', makePod('a'))).object!.metadata;
    expect(server.execute(deleteRequest('Pod', 'default', 'a', { uid: uid + 1 })).code).toBe('Conflict');
    const stale = { uid, resourceVersion: resourceVersion - 1 };
    expect(server.execute(deleteRequest('Pod', 'default', 'a', stale)).code).toBe('Conflict');
    expect(server.execute(deleteRequest('Pod', 'default', 'a', { uid, resourceVersion })).code).toBe('OK');
  });

  test('an eviction writes its reason first and deletes then', () => {
    const { server } = makeApi();
    const pod = server.install('Pod', makePod('a', { spec: { nodeName: 'n1' } }));
    const { object } = server.execute(evictRequest(pod, 5));
    expect(object!.metadata).toMatchObject({ deletionTimestamp: 5, resourceVersion: pod.metadata.resourceVersion + 2 });
    expect(object!.status.otherConditions).toMatchObject([{ type: 'DisruptionTarget', status: 'True' }]);
  });
});

describe('binding', () => {
  test('two bindings of one pod: the second is a conflict', () => {
    const { server } = makeApi();
    server.install('Node', makeNode('n1', { labels: { 'topology.kubernetes.io/zone': 'a' } }));
    const pod = server.execute(createRequest('Pod', makePod('a'))).object!;
    const bound = server.execute(bindRequest(pod, 'n1'));
    expect(bound.code).toBe('OK');
    expect(bound.object!.metadata.labels['topology.kubernetes.io/zone']).toBe('a');
    expect(codeAndMessage(server.execute(bindRequest(pod, 'n2')))).toBe(
      'Conflict Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "n1"',
    );
  });

  test('a binding of a pod that was replaced by another of its name is a conflict', () => {
    const { server } = makeApi();
    const old = server.execute(createRequest('Pod', makePod('a'))).object!;
    server.execute(deleteRequest('Pod', 'default', 'a'));
    server.execute(createRequest('Pod', makePod('a')));
    expect(server.execute(bindRequest(old, 'n1')).code).toBe('Conflict');
  });
});

describe('the initial state', () => {
  test('is taken as it is, with an identity of this run', () => {
    const { server } = makeApi();
    const dumped = makePod('a', { metadata: { uid: 999 }, spec: { nodeName: 'gone' }, status: { phase: 'Running' } });
    const installed = server.install('Pod', dumped);
    expect(installed.spec).toBe(dumped.spec);
    expect(statusWith(installed.status, {})).toEqual(dumped.status);
    expect(installed.metadata.uid).not.toBe(999);
    const node = server.install('Node', makeNode('n1'));
    expect(node.spec.taints).toEqual([]);
  });

  test('completes a Job that has no selector, and no other', () => {
    const { server } = makeApi();
    const { spec, metadata } = server.install('Job', makeJob('once'));
    expect(spec.selector!.matchLabels).toEqual({ 'batch.kubernetes.io/controller-uid': String(metadata.uid) });
    const selector = { matchLabels: { app: 'x' }, matchExpressions: [] };
    expect(server.install('Job', makeJob('twice', { selector })).spec.selector).toBe(selector);
  });
});

test('objects are found by the keys of indexes', () => {
  const { server } = makeApi();
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: 'r',
    uid: 77,
    controller: true,
    blockOwnerDeletion: true,
  };
  server.install('Pod', makePod('a', { metadata: { ownerReferences: [owner] }, spec: { nodeName: 'n1' } }));
  server.install('Pod', makePod('b', { spec: { nodeName: 'n1' } }));
  server.install('Pod', makePod('c'));
  const names = (pods: Iterable<Pod>): string[] => [...pods].map(({ metadata }) => metadata.name);
  expect(names(server.state.by('Pod', byNode, 'n1'))).toEqual(['a', 'b']);
  expect(names(server.state.by('Pod', byController, 77))).toEqual(['a']);
  expect(names(server.state.by('Pod', byNode, 'n2'))).toEqual([]);
});

describe('faults', () => {
  test('nobody answers while the server is away, whatever is asked', () => {
    const { server } = makeApi();
    server.condition.available = false;
    const answers = [
      server.execute(getRequest('Pod', 'default', 'a')),
      server.execute(createRequest('Pod', makePod('a'))),
      server.execute(deleteRequest('Pod', 'default', 'a')),
    ];
    expect(new Set(answers.map(({ code }) => code))).toEqual(new Set(['Unavailable']));
    server.condition.available = true;
    expect(server.execute(createRequest('Pod', makePod('a'))).code).toBe('Created');
  });

  test('without an etcd leader reads are answered and writes are not', () => {
    const { server } = makeApi();
    server.execute(createRequest('Pod', makePod('a')));
    server.condition.writable = false;
    expect(server.execute(getRequest('Pod', 'default', 'a')).code).toBe('OK');
    expect(codeAndMessage(server.execute(patchStatusRequest('Pod', 'default', 'a', running)))).toBe(
      'Unavailable etcdserver: no leader',
    );
  });

  test('a request that is under way when the server goes down is lost', () => {
    const api = makeApi({ latency: { ...instantLatency, request: { mean: 100, sample: () => 100 } } });
    const codes: string[] = [];
    const client = api.server.client({ name: 'tester', phase: EventPhase.controllers, queriesPerSecond: 0, burst: 0 });
    client.send(createRequest('Pod', makePod('a')), { onResponse: (_token, { code }) => void codes.push(code) });
    api.engine.run({ until: 50 });
    api.server.condition.available = false;
    api.engine.run({ until: 200 });
    expect(codes).toEqual(['Unavailable']);
  });

  test('added watch latency delays what watchers see', () => {
    const { server, engine } = makeApi();
    const informer = server.informer('watcher', EventPhase.apiserver, 'Pod');
    const times: number[] = [];
    informer.onChange(() => times.push(engine.now));
    server.execute(createRequest('Pod', makePod('a')));
    server.condition.extraWatchLatencyUs = 700;
    server.execute(createRequest('Pod', makePod('b')));
    server.condition.extraWatchLatencyUs = 0;
    server.execute(createRequest('Pod', makePod('c')));
    engine.run({ until: SECOND });
    expect(times).toEqual([0, 700, 700]);
  });
});

test('observers are told of every commit with both versions', () => {
  const { server, recorder } = makeApi();
  const told: string[] = [];
  recorder.observe({
    committed: (kind, slot, before, after) =>
      void told.push(`${kind} ${slot} ${before?.metadata.name ?? '-'} ${after?.metadata.name ?? '-'}`),
  });
  server.execute(createRequest('Pod', makePod('a')));
  server.execute(patchStatusRequest('Pod', 'default', 'a', running));
  server.execute(deleteRequest('Pod', 'default', 'a'));
  server.execute(deleteRequest('Pod', 'default', 'a'));
  expect(told).toEqual(['Pod 0 - a', 'Pod 0 a a', 'Pod 0 a -']);
});

test('pods of one template on one node share their bound spec, others do not', () => {
  const { server } = makeApi();
  for (const name of ['n1', 'n2']) server.install('Node', makeNode(name));
  const template = makePod('t').spec;
  const bound = (name: string, spec: Pod['spec'], nodeName: string): Pod['spec'] => {
    const { object } = server.execute(createRequest('Pod', podWith(makePod(name), { spec })));
    return server.execute(bindRequest(object!, nodeName)).object!.spec;
  };
  const first = bound('a', template, 'n1');
  expect(bound('b', template, 'n1')).toBe(first);
  expect(bound('c', template, 'n2')).not.toBe(first);
  expect(bound('d', { ...template }, 'n1')).not.toBe(first);
});
