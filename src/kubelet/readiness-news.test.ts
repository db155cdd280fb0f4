import { expect, test } from 'vitest';
import { problemsOf } from '../testing/swarm/swarm-case.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'api', labels: { app: 'api' } },
  spec: { containers: [{ name: 'main', image: 'shop/api:1' }] },
};

const none = { request: '0s', admission: '0s', etcdCommit: '0s', response: '0s', watch: '0s' };

/** The API server is away while the container starts, and the kubelet while it becomes ready: then it has both to tell at once. */
const scenario = {
  apiVersion: 'orrery.dev/v1alpha1',
  kind: 'Scenario',
  metadata: { name: 'news' },
  spec: {
    horizon: '2m',
    latency: none,
    cluster: { nodePools: [{ name: 'general', count: 1, capacity: { cpu: '1', memory: '2Gi', pods: '3' } }] },
    workload: [{ manifests: ['objects.yaml'] }],
    behaviors: [{ selector: { matchLabels: { app: 'api' } }, ready: { after: '45s' } }],
    faults: [
      { kubeletStop: { at: '4s', duration: '45s', count: 1 } },
      { apiServerOutage: { at: '1s', duration: '3s', writesOnly: false } },
    ],
  },
};

test('news of a container while the report before is on its way keeps what that one says', () => {
  expect(problemsOf({ scenario, manifests: [pod] } as unknown as Parameters<typeof problemsOf>[0])).toEqual([]);
});
