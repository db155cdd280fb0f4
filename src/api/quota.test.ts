import { expect, test } from 'vitest';
import { makePod } from '../testing/builders.ts';
import { decodedAs } from '../testing/decode.ts';
import { isChargedPod, quotaUsage } from './quota.ts';

test('a pod is charged until it has ended or has outlived twice its grace', () => {
  const leaving = makePod('p', { metadata: { deletionTimestamp: 130, deletionGracePeriodSeconds: 30 } });
  expect([100, 160, 161].map((now) => isChargedPod(leaving, now))).toEqual([true, true, false]);
  expect(isChargedPod(makePod('p', { status: { phase: 'Succeeded' } }), 0)).toBe(false);
});

// Upstream pkg/quota/v1/evaluator/core: persistent_volume_claims.go and services.go.
test('a claim is charged its storage, in the namespace and in its class', () => {
  const claim = (storageClassName?: string): object => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'c' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '6Gi' } }, storageClassName },
  });
  const usageOf = (storageClassName?: string): object =>
    Object.fromEntries(
      quotaUsage(decodedAs('PersistentVolumeClaim', claim(storageClassName)), 'persistentvolumeclaims', 0),
    );
  const plain = {
    'count/persistentvolumeclaims': 1,
    persistentvolumeclaims: 1,
    'requests.storage': 6 * 2 ** 30,
  };
  expect(usageOf()).toEqual(plain);
  expect(usageOf('gold')).toEqual({
    ...plain,
    'gold.storageclass.storage.k8s.io/persistentvolumeclaims': 1,
    'gold.storageclass.storage.k8s.io/requests.storage': 6 * 2 ** 30,
  });
});

test.each([
  ['ClusterIP', {}],
  ['NodePort', { 'services.nodeports': 2 }],
  ['LoadBalancer', { 'services.nodeports': 2, 'services.loadbalancers': 1 }],
])('a service of type %s is charged %j beside itself', (type, more) => {
  const service = decodedAs('Service', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: {
      type,
      selector: { app: 's' },
      ports: [
        { port: 80, name: 'a' },
        { port: 81, name: 'b' },
      ],
    },
  });
  expect(Object.fromEntries(quotaUsage(service, 'services', 0))).toEqual({ 'count/services': 1, services: 1, ...more });
});
