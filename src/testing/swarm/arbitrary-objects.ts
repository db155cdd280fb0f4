/** Random manifests of small workloads, for the swarm. */
import fc from 'fast-check';

/** A manifest as a plain value. */
export type Manifest = Readonly<Record<string, unknown>>;

/** Names of the Deployments, of the Jobs, and of the bare pod that a scenario may have. */
export const deploymentNames = ['web', 'api', 'cart'] as const;
export const jobNames = ['batch', 'index'] as const;

const resources = fc.record({
  cpu: fc.constantFrom('100m', '500m', '1', '3'),
  memory: fc.constantFrom('64Mi', '512Mi', '2Gi', '7Gi'),
});

const tolerations = fc.constantFrom(
  [],
  [{ operator: 'Exists' }],
  [{ key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 20 }],
  [{ key: 'pool', operator: 'Equal', value: 'spot', effect: 'NoSchedule' }],
);

const zoneSelector = fc.constantFrom({}, {}, { 'topology.kubernetes.io/zone': 'a' });

function podSpec(restartPolicy: string, image: string): fc.Arbitrary<Manifest> {
  const parts = {
    requests: resources,
    tolerations,
    nodeSelector: zoneSelector,
    terminationGracePeriodSeconds: fc.constantFrom(0, 5, 30, 120),
    imagePullPolicy: fc.constantFrom('IfNotPresent', 'Always'),
    hasInit: fc.boolean(),
  };
  return fc.record(parts).map(({ requests, imagePullPolicy, hasInit, ...rest }) => ({
    ...rest,
    restartPolicy,
    ...(hasInit && { initContainers: [{ name: 'init', image: 'tools/init:1', imagePullPolicy }] }),
    containers: [{ name: 'main', image, imagePullPolicy, resources: { requests } }],
  }));
}

const amount = fc.constantFrom(0, 1, 2, '25%', '50%');

const strategy = fc.oneof(
  fc.constant({ type: 'Recreate' }),
  fc
    .record({ maxSurge: amount, maxUnavailable: amount })
    .filter(({ maxSurge, maxUnavailable }) => maxSurge !== 0 || maxUnavailable !== 0)
    .map((rollingUpdate) => ({ type: 'RollingUpdate', rollingUpdate })),
);

function deployment(name: string): fc.Arbitrary<Manifest> {
  const parts = {
    replicas: fc.integer({ min: 0, max: 6 }),
    strategy,
    minReadySeconds: fc.constantFrom(0, 0, 10),
    revisionHistoryLimit: fc.constantFrom(0, 2, 10),
  };
  return fc.tuple(fc.record(parts), podSpec('Always', `shop/${name}:1`)).map(([parameters, spec]) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      ...parameters,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec },
    },
  }));
}

function job(name: string): fc.Arbitrary<Manifest> {
  const parts = {
    completions: fc.integer({ min: 1, max: 5 }),
    parallelism: fc.integer({ min: 1, max: 4 }),
    backoffLimit: fc.constantFrom(0, 2, 6),
    ttlSecondsAfterFinished: fc.constantFrom(undefined, 0, 60),
    activeDeadlineSeconds: fc.constantFrom(undefined, undefined, 300),
  };
  const spec = fc.constantFrom('Never', 'OnFailure').chain((policy) => podSpec(policy, `batch/${name}:1`));
  return fc.tuple(fc.record(parts), spec).map(([parameters, pod]) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { ...parameters, template: { metadata: { labels: { app: name } }, spec: pod } },
  }));
}

const service = (name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: name }, ports: [{ port: 80 }] },
});

const barePod = podSpec('Always', 'shop/bare:1').map((spec): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'bare', labels: { app: 'bare' } },
  spec,
}));

/** The manifests of one scenario: up to three Deployments, two Jobs, a bare pod and the Services, and at most so many. */
export const manifests = (max: number): fc.Arbitrary<readonly Manifest[]> =>
  fc
    .tuple(
      fc.subarray([...deploymentNames]).chain((names) => fc.tuple(...names.map(deployment))),
      fc.subarray([...jobNames]).chain((names) => fc.tuple(...names.map(job))),
      fc.option(barePod, { nil: undefined }),
      fc.subarray([...deploymentNames]),
    )
    .map(([deployments, jobs, pod, services]) =>
      [...deployments, ...jobs, ...(pod === undefined ? [] : [pod]), ...services.map(service)].slice(0, max),
    );
