import { expect, test } from 'vitest';
import { instantLatency } from '../apiserver/latency.ts';
import { customKeyName } from '../apiserver/cluster-state.ts';
import { createRequest } from '../apiserver/requests.ts';
import { makeCustom, makeNamespace } from '../testing/api-harness.ts';
import { ControlPlane } from '../testing/control-plane.ts';
import { decodedAs } from '../testing/decode.ts';

const certificate = customKeyName(makeCustom('v1', 'ConfigMap', 'kube-root-ca.crt'));

function planeOf(): ControlPlane {
  const plane = new ControlPlane({ latency: instantLatency });
  plane.at(10, () => plane.create(makeNamespace('old'))).runTo(11);
  return plane;
}

const namesIn = (plane: ControlPlane, namespace: string): readonly string[] =>
  plane
    .list('Custom')
    .filter(({ metadata }) => metadata.namespace === namespace)
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    .sort();

const published = ['ConfigMap kube-root-ca.crt', 'ServiceAccount default'];

test('every namespace has the root certificate and an account; they come again until the namespace goes', () => {
  const plane = planeOf();
  expect(namesIn(plane, 'shop')).toEqual(published);
  expect(namesIn(plane, 'old')).toEqual(published);
  plane.at(12, () => plane.delete('Custom', certificate, {}, 'old')).runTo(13);
  expect(namesIn(plane, 'old')).toEqual(published);
  plane.at(20, () => plane.delete('Namespace', 'old', {}, '')).runTo(60);
  expect(namesIn(plane, 'old')).toEqual([]);
  expect(plane.get('Namespace', 'old', '')).toBeUndefined();
});

test('quotas count them, and kinds that are not modelled under their own groups', () => {
  const plane = planeOf();
  const hard = { 'count/configmaps': 2, configmaps: 9, 'count/serviceaccounts': 5, 'count/gateways.example.com': 1 };
  const raw = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q', namespace: 'old' }, spec: { hard } };
  plane.create(decodedAs('ResourceQuota', raw));
  plane.runTo(12);
  const used = (): object => Object.fromEntries(plane.get('ResourceQuota', 'q', 'old')!.status.used);
  expect(used()).toEqual({
    'count/configmaps': 1,
    configmaps: 1,
    'count/serviceaccounts': 1,
    'count/gateways.example.com': 0,
  });
  plane.create(makeCustom('v1', 'ConfigMap', 'a', 'old'));
  plane.create(makeCustom('example.com/v1', 'Gateway', 'g', 'old'));
  const refusals = [makeCustom('v1', 'ConfigMap', 'b', 'old'), makeCustom('example.com/v1', 'Gateway', 'h', 'old')];
  expect(refusals.map((object) => plane.api.server.execute(createRequest('Custom', object)).message)).toEqual([
    'configmaps "b" is forbidden: exceeded quota: q, requested: count/configmaps=1, used: count/configmaps=2, limited: count/configmaps=2',
    'gateways.example.com "h" is forbidden: exceeded quota: q, requested: count/gateways.example.com=1, used: count/gateways.example.com=1, limited: count/gateways.example.com=1',
  ]);
  plane.delete('Custom', customKeyName(makeCustom('v1', 'ConfigMap', 'a')), {}, 'old');
  plane.runTo(20);
  expect(used()).toMatchObject({ 'count/configmaps': 1, 'count/gateways.example.com': 1 });
});
