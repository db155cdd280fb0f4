import { describe, expect, test } from 'vitest';
import { createRequest } from '../apiserver/requests.ts';
import { SECOND } from '../engine/time.ts';
import { makePod } from '../testing/builders.ts';
import { ControlPlane } from '../testing/control-plane.ts';
import { decodedAs } from '../testing/decode.ts';

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
});
