// Manifests as projects publish them are read without a complaint but one: which kinds have no effect.
import { expect, test } from 'vitest';
import { loadSpec, messagesOf } from '../testing/load-from-memory.ts';
import { publicStyleManifests } from '../testing/public-style-manifests.ts';
import { describeObject } from '../workload/manifest-object.ts';

const loaded = loadSpec('workload:\n  - manifests: [all.yaml]\n', { 'all.yaml': publicStyleManifests });

test('a published set of manifests gives no errors and two warnings', () => {
  expect(messagesOf(loaded)).toEqual([
    'all.yaml:180:25 warning W010: HorizontalPodAutoscaler shop/frontend: autoscaler without metrics: ' +
      'no behaviour states the usage of the pods of Deployment "frontend"',
    'all.yaml:3:1 warning W007: kinds not modelled, stored without effect: ' +
      'ClusterRole rbac.authorization.k8s.io/v1 (1), ClusterRoleBinding rbac.authorization.k8s.io/v1 (1), ConfigMap v1 (1), ' +
      'CustomResourceDefinition apiextensions.k8s.io/v1 (1), Ingress networking.k8s.io/v1 (1), ' +
      'Probe monitoring.example.com/v1 (1), Secret v1 (1), ServiceAccount v1 (1)',
  ]);
});

test('every document of it is taken up', () => {
  const [{ action }] = loaded.scenario!.actions as [NonNullable<typeof loaded.scenario>['actions'][number]];
  const objects = action.verb === 'apply' ? action.objects : [];
  expect(objects).toHaveLength(publicStyleManifests.split('\nkind: ').length - 1);
  expect(objects.filter(({ kind }) => kind !== 'Custom').map(describeObject)).toEqual([
    'Namespace monitoring',
    'Namespace shop',
    'Deployment monitoring/collector',
    'Service monitoring/collector',
    'Service shop/frontend-external',
    'StatefulSet shop/db',
    'DaemonSet monitoring/node-agent',
    'HorizontalPodAutoscaler shop/frontend',
    'PodDisruptionBudget shop/frontend',
    'CronJob shop/backup',
    'Job shop/migrate',
    'Deployment shop/frontend',
  ]);
});

test('the same as a dump of a cluster gives the same', () => {
  const dumped = loadSpec('cluster:\n  manifests: [all.yaml]\n', { 'all.yaml': publicStyleManifests });
  expect(messagesOf(dumped)).toEqual(messagesOf(loaded));
  expect(dumped.scenario!.cluster.objects).toHaveLength(20);
});
