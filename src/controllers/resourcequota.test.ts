import { describe, expect, test } from 'vitest';
import type { Pod, Service } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { PersistentVolumeClaim } from '../api/persistent-volumes.ts';
import { podWith } from '../apiserver/pod-object.ts';
import { createRequest, patchRequest, updateStatusRequest } from '../apiserver/requests.ts';
import { SECOND } from '../engine/time.ts';
import { makePod } from '../testing/builders.ts';
import { ControlPlane } from '../testing/control-plane.ts';
import { decodedAs } from '../testing/decode.ts';

const gigabyte = 1_073_741_824;

/** A quota whose status the controller has filled for the first time. */
function planeWith(hard: object, scopes: object = {}): ControlPlane {
  const plane = new ControlPlane({
    controllers: ['resourcequota-controller'],
    behavior: ({ metadata }) => (metadata.name === 'short' ? { exitAfter: 5 * SECOND } : {}),
  });
  const raw = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'shop' },
    spec: { hard, ...scopes },
  };
  plane.create(decodedAs('ResourceQuota', raw));
  return plane.runTo(1);
}

const pod = (name: string, cpu = 500, namespace = 'shop'): ReturnType<typeof makePod> =>
  makePod(name, { metadata: { namespace }, requests: { cpu } });
const usedOf = (plane: ControlPlane): Record<string, number> =>
  Object.fromEntries(plane.get('ResourceQuota', 'q')!.status.used);
const refusalOf = (plane: ControlPlane, name: string, cpu: number): string =>
  plane.api.server.execute(createRequest('Pod', pod(name, cpu))).message;

describe('a quota', () => {
  test('counts pods and their requests until they have ended, objects until they are gone', () => {
    const plane = planeWith({ pods: 10, 'requests.cpu': '4', cpu: '4', 'count/pods': 10 });
    for (const name of ['a', 'b', 'short']) plane.create(pod(name));
    expect(usedOf(plane)).toEqual({ pods: 3, 'requests.cpu': 1500, cpu: 1500, 'count/pods': 3 });
    plane.runTo(20);
    // The end of `short` made the controller count anew.
    expect(usedOf(plane)).toEqual({ pods: 2, 'requests.cpu': 1000, cpu: 1000, 'count/pods': 3 });
    plane.delete('Pod', 'a');
    expect(usedOf(plane).pods).toBe(2);
    plane.runTo(40);
    expect(usedOf(plane)).toEqual({ pods: 1, 'requests.cpu': 500, cpu: 500, 'count/pods': 2 });
  });

  test('knows nothing of other namespaces', () => {
    const plane = planeWith({ pods: 10 });
    plane.create(pod('elsewhere', 500, 'default'));
    for (const name of ['a', 'b']) plane.create(pod(name));
    plane.delete('Pod', 'a');
    plane.runTo(20);
    expect(usedOf(plane)).toEqual({ pods: 1 });
  });

  test('refuses what goes beyond it, and says what is used', () => {
    const plane = planeWith({ cpu: '1' });
    plane.create(pod('a', 600));
    expect(refusalOf(plane, 'b', 600)).toBe(
      'pods "b" is forbidden: exceeded quota: q, requested: cpu=600m, used: cpu=600m, limited: cpu=1',
    );
    expect(refusalOf(plane, 'c', 400)).toBe('');
    expect(usedOf(plane)).toEqual({ cpu: 1000 });
  });

  test('follows its own change', () => {
    const plane = planeWith({ cpu: '1' });
    plane.create(pod('a', 600));
    const raw = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q', namespace: 'shop' } };
    const { spec } = decodedAs('ResourceQuota', { ...raw, spec: { hard: { cpu: '2', pods: 4 } } });
    plane.api.server.execute({
      ...createRequest('ResourceQuota', { ...plane.get('ResourceQuota', 'q')!, spec }),
      verb: 'update',
    });
    plane.runTo(5);
    expect(usedOf(plane)).toEqual({ cpu: 600, pods: 1 });
  });

  test('with a scope counts and limits only the pods that lie in it', () => {
    const plane = planeWith({ pods: 1 }, { scopes: ['BestEffort'] });
    plane.create(pod('asking'));
    plane.create(makePod('silent', { metadata: { namespace: 'shop' } }));
    expect(usedOf(plane)).toEqual({ pods: 1 });
    const second = createRequest('Pod', makePod('second', { metadata: { namespace: 'shop' } }));
    expect(plane.api.server.execute(second).message).toBe(
      'pods "second" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
    );
    expect(refusalOf(plane, 'other', 100)).toBe('');
    plane.delete('Pod', 'silent');
    plane.runTo(60);
    // What the controller counts is what admission charges.
    expect(usedOf(plane)).toEqual({ pods: 0 });
  });

  test('keeps its scopes for ever', () => {
    const plane = planeWith({ pods: 1 }, { scopes: ['BestEffort'] });
    const quota = plane.get('ResourceQuota', 'q')!;
    const next = { ...quota, spec: { ...quota.spec, scopes: ['NotBestEffort'] as const } };
    const response = plane.api.server.execute({ ...createRequest('ResourceQuota', next), verb: 'update' });
    expect(response.message).toBe(
      'ResourceQuota "q" is invalid: spec.scopes: Invalid value: [NotBestEffort]: field is immutable',
    );
  });

  test('of processors or memory takes only pods whose containers say what they need', () => {
    const plane = planeWith({ cpu: '4', 'limits.memory': '1Gi' });
    expect(refusalOf(plane, 'a', 100)).toBe(
      'pods "a" is forbidden: failed quota: q: must specify limits.memory for: c',
    );
    const silent = createRequest('Pod', makePod('b', { metadata: { namespace: 'shop' } }));
    expect(plane.api.server.execute(silent).message).toBe(
      'pods "b" is forbidden: failed quota: q: must specify cpu for: c; limits.memory for: c',
    );
  });

  test('asks nothing of the containers of pods that have resources as a whole', () => {
    const plane = planeWith({ cpu: '4' });
    const resources = { requests: new Map([['cpu', 500]]), limits: new Map() };
    plane.create(makePod('whole', { metadata: { namespace: 'shop' }, spec: { resources } }));
    expect(usedOf(plane)).toEqual({ cpu: 500 });
  });

  test('limits nothing before the controller has seen it', () => {
    const plane = new ControlPlane({ controllers: ['resourcequota-controller'] });
    const raw = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q', namespace: 'shop' } };
    plane.create(decodedAs('ResourceQuota', { ...raw, spec: { hard: { pods: 0 } } }));
    expect(refusalOf(plane, 'early', 100)).toBe('');
    plane.runTo(1);
    expect(usedOf(plane)).toEqual({ pods: 1 });
    expect(refusalOf(plane, 'late', 100)).toMatch(/exceeded quota/);
  });
});

describe('an update', () => {
  const ports = ['a', 'b'].map((name, at) => ({ name, port: 80 + at }));
  const service = (spec: object): Service =>
    decodedAs('Service', { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'shop' }, spec });
  const claim = (storage: string): PersistentVolumeClaim =>
    decodedAs('PersistentVolumeClaim', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'c', namespace: 'shop' },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'fast', resources: { requests: { storage } } },
    });
  const changed = <K extends Kind>(plane: ControlPlane, kind: K, name: string, change: Partial<KindMap[K]>): string =>
    plane.api.server.execute(patchRequest(kind, 'shop', name, (stored) => ({ ...stored, ...change }))).message;

  test('of a service is charged for what it takes more, and counted anew where it takes less', () => {
    const plane = planeWith({ services: 1, 'services.nodeports': 2, 'services.loadbalancers': 0 });
    plane.create(service({ ports: ports.slice(0, 1) }));
    expect(usedOf(plane)).toEqual({ services: 1, 'services.nodeports': 0, 'services.loadbalancers': 0 });
    expect(changed(plane, 'Service', 's', { type: 'NodePort' })).toBe('');
    expect(usedOf(plane)['services.nodeports']).toBe(1);
    expect(changed(plane, 'Service', 's', { ports: service({ type: 'NodePort', ports }).ports })).toBe('');
    expect(usedOf(plane)['services.nodeports']).toBe(2);
    expect(changed(plane, 'Service', 's', { type: 'LoadBalancer' })).toBe(
      'services "s" is forbidden: exceeded quota: q, requested: services.loadbalancers=1, used: services.loadbalancers=0, limited: services.loadbalancers=0',
    );
    expect(changed(plane, 'Service', 's', { type: 'ClusterIP' })).toBe('');
    expect(usedOf(plane)['services.nodeports']).toBe(2);
    plane.runTo(10);
    expect(usedOf(plane)['services.nodeports']).toBe(0);
  });

  test('of a claim is charged for the storage that it grows by', () => {
    const ofClass = 'fast.storageclass.storage.k8s.io/requests.storage';
    const plane = planeWith({ 'requests.storage': '3Gi', [ofClass]: '2Gi' });
    const growing = { provisioner: 'p', allowVolumeExpansion: true };
    const raw = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'fast' }, ...growing };
    plane.api.server.install('StorageClass', decodedAs('StorageClass', raw));
    plane.create(claim('1Gi'));
    const stored = plane.get('PersistentVolumeClaim', 'c')!;
    const bound = { ...stored, status: { ...stored.status, phase: 'Bound' as const } };
    plane.api.server.execute(updateStatusRequest('PersistentVolumeClaim', bound));
    expect(changed(plane, 'PersistentVolumeClaim', 'c', { spec: claim('2Gi').spec })).toBe('');
    expect(usedOf(plane)).toEqual({ 'requests.storage': 2 * gigabyte, [ofClass]: 2 * gigabyte });
    expect(changed(plane, 'PersistentVolumeClaim', 'c', { spec: claim('4Gi').spec })).toBe(
      `persistentvolumeclaims "c" is forbidden: exceeded quota: q, requested: ${ofClass}=2Gi,requests.storage=2Gi, used: ${ofClass}=2Gi,requests.storage=2Gi, limited: ${ofClass}=2Gi,requests.storage=3Gi`,
    );
  });

  test('of a pod that gets a deadline counts where only such pods do, whole', () => {
    const plane = planeWith({ pods: 1, cpu: '1' }, { scopes: ['Terminating'] });
    for (const name of ['a', 'b']) plane.create(pod(name, 600));
    expect(usedOf(plane)).toEqual({ pods: 0, cpu: 0 });
    const withDeadline = (name: string): string => {
      const change = (stored: Pod): Pod => podWith(stored, { spec: { ...stored.spec, activeDeadlineSeconds: 100 } });
      return plane.api.server.execute(patchRequest('Pod', 'shop', name, change)).message;
    };
    expect(withDeadline('a')).toBe('');
    expect(usedOf(plane)).toEqual({ pods: 1, cpu: 600 });
    expect(withDeadline('b')).toBe(
      'pods "b" is forbidden: exceeded quota: q, requested: cpu=600m,pods=1, used: cpu=600m,pods=1, limited: cpu=1,pods=1',
    );
  });
});
