// Random small scenarios under full checks, and what must be settled when they end. `npm run swarm` runs as many as one likes.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { swarmScenario, swarmSizes } from './testing/swarm/arbitrary-scenario.ts';
import { problemsOf, stateAfter } from './testing/swarm/swarm-case.ts';
import { withGpus } from './testing/swarm/with-gpus.ts';

/** What all scenario files begin with. */
const head = { apiVersion: 'orrery.dev/v1alpha1', kind: 'Scenario', metadata: { name: 'swarm' } };

test('random scenarios break no rule and settle once nothing is broken any more', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(swarmScenario(swarmSizes.large), (scenario) => {
      expect(problemsOf(scenario)).toEqual([]);
    }),
    { numRuns: 100, seed: 1 },
  );
});

test('nor do they where pods share the GPUs of nodes', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(swarmScenario(swarmSizes.small).map(withGpus), (scenario) => {
      expect(problemsOf(scenario)).toEqual([]);
    }),
    { numRuns: 60, seed: 2 },
  );
});

test('a node controller that cannot write its taints waits for its next pass', () => {
  const spec = {
    seed: '647',
    horizon: '120m',
    latency: 'instant',
    cluster: {
      nodePools: [{ name: 'general', count: 2, zones: ['a', 'b'], capacity: { cpu: '1', memory: '2Gi', pods: '3' } }],
    },
    faults: [
      { apiServerOutage: { at: '898s', duration: '3s', writesOnly: false } },
      { nodePartition: { at: '531s', duration: '357s', zone: 'a' } },
    ],
  };
  // Two such writers once asked each other for ever within one instant.
  expect(problemsOf({ scenario: { ...head, spec }, manifests: [] })).toEqual([]);
});

test('a kubelet that came back while the API server was out lists its pods when that answers again', () => {
  const spec = {
    horizon: '10m',
    latency: 'instant',
    cluster: {
      nodePools: [{ name: 'general', count: 1, zones: ['a'], capacity: { cpu: '1', memory: '2Gi', pods: '3' } }],
    },
    workload: [{ manifests: ['objects.yaml'] }],
    faults: [
      { nodePartition: { at: '0s', duration: '2s', zone: 'a' } },
      { apiServerOutage: { at: '2s', duration: '1s' } },
    ],
    actions: [{ at: '1s', delete: { kind: 'Pod', name: 'bare' } }],
  };
  const podSpec = { containers: [{ name: 'main', image: 'app:1' }] };
  const pod = (name: string): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: podSpec });
  const manifests = ['bare', 'other'].map((name) => ({ ...pod(name) }));
  const left = stateAfter({ scenario: { ...head, spec }, manifests }).list('Pod');
  expect([...left].map(({ metadata, status }) => [metadata.name, status.phase])).toEqual([['other', 'Running']]);
});

test('a pod that is marked and removed at one instant stops quietly', () => {
  const spec = {
    seed: '389',
    horizon: '20m',
    latency: 'default',
    scheduler: { tieBreak: 'uniform' },
    cluster: {
      nodePools: [{ name: 'general', count: 2, zones: ['a', 'b'], capacity: { cpu: '1', memory: '2Gi', pods: '3' } }],
    },
    workload: [{ manifests: ['objects.yaml'] }],
  };
  const podSpec = {
    restartPolicy: 'OnFailure',
    terminationGracePeriodSeconds: 0,
    initContainers: [{ name: 'init', image: 'tools/init:1' }],
    containers: [{ name: 'main', image: 'batch/index:1', resources: { requests: { cpu: '100m', memory: '64Mi' } } }],
  };
  const template = { metadata: { labels: { app: 'index' } }, spec: podSpec };
  const jobSpec = { completions: 2, parallelism: 2, backoffLimit: 0, activeDeadlineSeconds: 300, template };
  const manifests = [{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'index' }, spec: jobSpec }];
  expect(problemsOf({ scenario: { ...head, spec }, manifests })).toEqual([]);
});

test('a node that was taken for silent when it came back has its pods ready again', () => {
  const spec = {
    seed: '0',
    horizon: '20m',
    latency: 'instant',
    cluster: {
      nodePools: [{ name: 'general', count: 2, zones: ['a', 'b'], capacity: { cpu: '1', memory: '2Gi', pods: '3' } }],
    },
    workload: [{ manifests: ['objects.yaml'] }],
    faults: [{ nodePartition: { at: '115s', duration: '47s', zone: 'a' } }],
  };
  const template = {
    metadata: { labels: { app: 'cart' } },
    spec: { containers: [{ name: 'main', image: 'shop/cart:1' }] },
  };
  const deployment = { replicas: 2, selector: { matchLabels: { app: 'cart' } }, template };
  const manifests = [{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'cart' }, spec: deployment }];
  const swarm = { scenario: { ...head, spec }, manifests };
  expect(problemsOf(swarm)).toEqual([]);
  expect([...stateAfter(swarm).list('Deployment')].map(({ status }) => status.readyReplicas)).toEqual([2]);
});
