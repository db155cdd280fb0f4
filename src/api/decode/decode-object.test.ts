// Every kind but Pod: defaults of the API server, its messages, and which kinds are known.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodedAs, problemsOf, rawPod, rawWorkload } from '../../testing/decode.ts';
import { decodeObject, listedObjects } from './decode-object.ts';

const object = (apiVersion: string, kind: string, more: object = {}, name = 'x'): object => ({
  apiVersion,
  kind,
  metadata: { name },
  ...more,
});

describe('a Deployment', () => {
  test('has the defaults of apps/v1', () => {
    expect(decodedAs('Deployment', rawWorkload('Deployment')).spec).toMatchObject({
      replicas: 1,
      strategy: { type: 'RollingUpdate', maxSurge: { percent: 25 }, maxUnavailable: { percent: 25 } },
      minReadySeconds: 0,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      paused: false,
    });
  });

  test('may count its rolling update in pods or in per cent, and keeps zero replicas', () => {
    const strategy = { rollingUpdate: { maxSurge: 3, maxUnavailable: '10%' } };
    expect(decodedAs('Deployment', rawWorkload('Deployment', { strategy, replicas: 0 })).spec).toMatchObject({
      replicas: 0,
      strategy: { maxSurge: { count: 3 }, maxUnavailable: { percent: 10 } },
    });
  });

  test('does not keep the status of a dump', () => {
    const fresh = decodedAs('Deployment', rawWorkload('Deployment')).status;
    expect(decodedAs('Deployment', { ...rawWorkload('Deployment'), status: { replicas: 9 } }).status).toBe(fresh);
  });

  const percentRule =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
  test.each<[string, object, readonly string[]]>([
    ['no selector', { selector: undefined }, ['spec.selector: Required value']],
    [
      'an empty selector',
      { selector: {} },
      ['spec.selector: Invalid value: an object: empty selector is invalid for deployment'],
    ],
    [
      'a selector that misses its pods',
      { selector: { matchLabels: { app: 'api' } } },
      ['spec.template.metadata.labels: Invalid value: an object: `selector` does not match template `labels`'],
    ],
    [
      'no template',
      { template: undefined },
      [
        'spec.template: Required value',
        'spec.template.spec.containers: Required value',
        'spec.template.metadata.labels: Invalid value: an object: `selector` does not match template `labels`',
      ],
    ],
    ['negative replicas', { replicas: -1 }, ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
    [
      'too many replicas',
      { replicas: 2147483648 },
      ['spec.replicas: Invalid value: 2147483648: must be less than or equal to 2147483647'],
    ],
    [
      'nothing to roll with',
      { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
      ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0'],
    ],
    [
      'no percentage',
      { strategy: { rollingUpdate: { maxSurge: '5' } } },
      [`spec.strategy.rollingUpdate.maxSurge: Invalid value: "5": ${percentRule}`],
    ],
    [
      'more than all',
      { strategy: { rollingUpdate: { maxUnavailable: '101%' } } },
      ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
    ],
    [
      'Recreate with a rolling update',
      { strategy: { type: 'Recreate', rollingUpdate: {} } },
      ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
    ],
    [
      'a deadline that comes too soon',
      { progressDeadlineSeconds: 5, minReadySeconds: 5 },
      ['spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds'],
    ],
  ])('with %s is refused', (_, spec, messages) => {
    expect(problemsOf(rawWorkload('Deployment', spec))).toEqual(messages);
  });

  test('restarts its pods always', () => {
    expect(problemsOf(rawWorkload('Deployment', {}, { restartPolicy: 'Never' }))).toEqual([
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ]);
  });
});

describe('a Job', () => {
  test('has the defaults of batch/v1 and the labels of its pods', () => {
    const job = decodedAs('Job', rawWorkload('Job'));
    expect(job.metadata.labels).toEqual({ app: 'web' });
    expect(job.spec).toMatchObject({
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      podReplacementPolicy: 'TerminatingOrFailed',
      suspend: false,
      selector: undefined,
      activeDeadlineSeconds: undefined,
      ttlSecondsAfterFinished: undefined,
    });
  });

  test('is looked after by the built-in controller unless somebody else is named', () => {
    expect(decodedAs('Job', rawWorkload('Job')).spec.managedBy).toBe('kubernetes.io/job-controller');
    expect(decodedAs('Job', rawWorkload('Job', { managedBy: 'a.b/c' })).spec.managedBy).toBe('a.b/c');
  });

  test('with parallelism alone is a work queue', () => {
    expect(decodedAs('Job', rawWorkload('Job', { parallelism: 3 })).spec).toMatchObject({
      parallelism: 3,
      completions: undefined,
    });
  });

  test('of a dump keeps the selector that its cluster made', () => {
    const labels = { 'batch.kubernetes.io/controller-uid': 'u', app: 'web' };
    const template = {
      metadata: { labels },
      spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] },
    };
    const selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' } };
    expect(decodedAs('Job', rawWorkload('Job', { selector, template })).spec.selector?.matchLabels).toEqual(
      selector.matchLabels,
    );
  });

  test.each<[string, object, object, readonly string[]]>([
    [
      'pods that restart always',
      {},
      { restartPolicy: 'Always' },
      ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    ],
    [
      'a selector of its own',
      { selector: { matchLabels: { app: 'web' } } },
      {},
      ['spec.selector: Invalid value: an object: `selector` not auto-generated'],
    ],
    [
      'indices without an end',
      { completionMode: 'Indexed', parallelism: 2 },
      {},
      ['spec.completions: Required value: when completion mode is Indexed'],
    ],
    [
      'a limit per index without indices',
      { backoffLimitPerIndex: 1 },
      {},
      ['spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode'],
    ],
    [
      'a failure policy and restarts',
      { podFailurePolicy: { rules: [] } },
      { restartPolicy: 'OnFailure' },
      [
        'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
      ],
    ],
  ])('with %s is refused', (_, spec, podSpec, messages) => {
    expect(problemsOf(rawWorkload('Job', spec, podSpec))).toEqual(messages);
  });
});

describe('a Service', () => {
  const service = (spec: object): object => object('v1', 'Service', { spec });

  test('sends to the port that it has, unless told another', () => {
    const ports = [
      { name: 'a', port: 80 },
      { name: 'b', port: 81, targetPort: 8080 },
      { name: 'c', port: 82, targetPort: 'web', protocol: 'UDP' },
    ];
    expect(decodedAs('Service', service({ selector: { app: 'web' }, ports }))).toMatchObject({
      type: 'ClusterIP',
      selector: { app: 'web' },
      ports: [
        { port: 80, targetPort: 80, protocol: 'TCP' },
        { targetPort: 8080 },
        { targetPort: 'web', protocol: 'UDP' },
      ],
    });
  });

  test('without a selector has no endpoints of its own, an empty one counts as none', () => {
    expect(decodedAs('Service', service({ ports: [{ port: 1 }], selector: {} })).selector).toBeUndefined();
  });

  test('needs ports, unless it has no address', () => {
    expect(problemsOf(service({}))).toEqual(['spec.ports: Required value']);
    expect(problemsOf(service({ clusterIP: 'None' }))).toEqual([]);
    expect(problemsOf(service({ type: 'ExternalName', externalName: 'x' }))).toEqual([]);
    expect(problemsOf(service({ ports: [{ port: 0 }] }))).toEqual([
      'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
    ]);
  });
});

describe('a Node', () => {
  test('of a dump keeps capacity, conditions, images and taints', () => {
    const node = decodedAs('Node', {
      ...object('v1', 'Node'),
      spec: {
        podCIDR: '10.0.0.0/24',
        unschedulable: true,
        taints: [{ key: 'a', effect: 'NoExecute', timeAdded: '2024-05-01T10:00:00Z' }],
      },
      status: {
        capacity: { cpu: '8', memory: '32Gi', pods: '110' },
        allocatable: { cpu: '7910m', memory: '30Gi', pods: '110' },
        conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: '2024-05-01T10:00:00Z' }],
        images: [{ names: ['a@sha256:x', 'a:1'], sizeBytes: 5_000_000_000 }],
        nodeInfo: { kubeletVersion: 'v1.37.2' },
      },
    });
    expect(node.spec).toMatchObject({
      unschedulable: true,
      taints: [{ key: 'a', value: '', effect: 'NoExecute', timeAdded: 0 }],
    });
    expect([node.status.capacity.get('cpu'), node.status.allocatable.get('cpu')]).toEqual([8000, 7910]);
    expect(node.status.images).toEqual([{ names: ['a@sha256:x', 'a:1'], sizeBytes: 5_000_000_000 }]);
    expect(node.status.conditions).toMatchObject([{ type: 'Ready', status: 'True', lastTransitionTime: 0 }]);
  });

  test('that states one of capacity and allocatable has the other equal', () => {
    const { status } = decodedAs('Node', object('v1', 'Node', { status: { capacity: { cpu: 2 } } }));
    expect(status.allocatable.get('cpu')).toBe(2000);
  });

  test('may not have a taint twice', () => {
    const taint = { key: 'a', effect: 'NoSchedule' };
    expect(problemsOf(object('v1', 'Node', { spec: { taints: [taint, taint] } }))).toEqual([
      'spec.taints[1]: Duplicate value: "a": taints must be unique by key and effect pair',
    ]);
  });
});

describe('other kinds', () => {
  test('a LimitRange fills its defaults in from each other', () => {
    const limits = [{ type: 'Container', max: { cpu: '2' }, min: { memory: '1Mi' }, default: { memory: '1Gi' } }];
    const [item] = decodedAs('LimitRange', object('v1', 'LimitRange', { spec: { limits } })).limits;
    expect(new Map(item!.default)).toEqual(
      new Map([
        ['cpu', 2000],
        ['memory', 1_073_741_824],
      ]),
    );
    expect(new Map(item!.defaultRequest)).toEqual(
      new Map([
        ['memory', 1_073_741_824],
        ['cpu', 2000],
      ]),
    );
  });

  test('a PriorityClass of a user ends at a thousand million', () => {
    const priority = (value: number, name = 'high'): object =>
      object('scheduling.k8s.io/v1', 'PriorityClass', { value }, name);
    expect(decodedAs('PriorityClass', priority(1_000_000_000))).toMatchObject({
      value: 1_000_000_000,
      globalDefault: false,
      preemptionPolicy: 'PreemptLowerPriority',
    });
    expect(problemsOf(priority(1_000_000_001))).toEqual([
      'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
    ]);
    expect(problemsOf(priority(2_000_001_000, 'system-node-critical'))).toEqual([]);
  });

  test('an EndpointSlice counts absent conditions as ready', () => {
    const endpoints = [
      { addresses: ['10.0.0.1'], targetRef: { kind: 'Pod', name: 'p' } },
      { conditions: { ready: false, terminating: true } },
    ];
    expect(
      decodedAs('EndpointSlice', { ...object('discovery.k8s.io/v1', 'EndpointSlice'), endpoints }).endpoints,
    ).toMatchObject([
      { podName: 'p', ready: true, serving: true, terminating: false },
      { ready: false, serving: false, terminating: true },
    ]);
  });
});

describe('the kind', () => {
  test.each([
    ['v1', 'ConfigMap'],
    ['v1', 'Secret'],
    ['monitoring.example.com/v1', 'Deployment'],
    ['monitoring.example.com/v1', 'Probe'],
  ])('%s %s is stored as it is', (apiVersion, kind) => {
    const raw = object(apiVersion, kind, { data: { a: 1 } }, 'Any:Name');
    expect(decodedAs('Custom', raw)).toMatchObject({ apiVersion, kind, body: raw });
  });

  test.each([
    ['extensions/v1beta1', 'Deployment', 'did you mean apps/v1 Deployment?'],
    ['v1', 'Deployment', 'did you mean apps/v1 Deployment?'],
    ['apps/v1', 'Deploymnet', 'did you mean apps/v1 Deployment?'],
    ['batch/v1beta1', 'Job', 'did you mean batch/v1 Job?'],
    ['autoscaling/v2beta2', 'HorizontalPodAutoscaler', 'did you mean autoscaling/v2 HorizontalPodAutoscaler?'],
  ])('%s %s is a mistake: %s', (apiVersion, kind, hint) => {
    expect(problemsOf(object(apiVersion, kind))).toEqual([
      `no matches for kind "${kind}" in version "${apiVersion}": ${hint}`,
    ]);
  });

  test.each<[unknown, readonly string[]]>([
    [null, ['Invalid value: null: must be a Kubernetes object']],
    ['text', ['Invalid value: "text": must be a Kubernetes object']],
    [{}, ['apiVersion: Required value', 'kind: Required value']],
    [{ apiVersion: 1, kind: 'Pod' }, ['apiVersion: Invalid value: 1: must be a string (put it in quotes)']],
  ])('of %j cannot be told', (raw, messages) => {
    expect(problemsOf(raw)).toEqual(messages);
  });
});

test('fields that the API does not have are warned of, with the one that was meant', () => {
  const decoded = decodeObject(rawPod({ nodeSelectors: {}, hostNetwork: false }));
  expect(decoded.ok && decoded.warnings.map(({ message, path }) => [message, path])).toEqual([
    ['unknown field "spec.nodeSelectors" (did you mean "nodeSelector"?)', ['spec', 'nodeSelectors']],
  ]);
});

describe('a list', () => {
  test('gives its items and where they stand', () => {
    const items = [rawPod(), object('v1', 'ConfigMap')];
    expect(listedObjects({ apiVersion: 'v1', kind: 'List', items }, ['a'])).toEqual([
      { raw: items[0], path: ['a', 'items', 0] },
      { raw: items[1], path: ['a', 'items', 1] },
    ]);
  });

  test('of one kind lends it to its items', () => {
    const [first] = listedObjects({ apiVersion: 'v1', kind: 'PodList', items: [{ metadata: { name: 'p' } }] });
    expect(first!.raw).toMatchObject({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } });
  });

  test('without items is an object like any other', () => {
    const raw = { apiVersion: 'example.com/v1', kind: 'AllowList', metadata: { name: 'x' } };
    expect(listedObjects(raw)).toEqual([{ raw, path: [] }]);
  });
});

test('any value at any place gives an object or problems, never an exception', () => {
  const raws = [
    rawPod({ tolerations: [{}], affinity: {}, volumes: [{ name: 'v' }] }),
    rawWorkload('Deployment'),
    rawWorkload('Job'),
  ];
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom('__proto__', -1, 1e300, '1e999', '\u0000', 'x'.repeat(300)),
  );
  fc.assert(
    fc.property(fc.constantFrom(...raws), fc.array(fc.nat(9), { maxLength: 6 }), value, (raw, way, replacement) => {
      const copy = structuredClone(raw) as Record<string, unknown>;
      let holder = copy;
      for (const step of way) {
        const keys = Object.keys(holder);
        const key = keys[step % keys.length]!;
        const next = holder[key];
        const isLast = typeof next !== 'object' || next === null || Object.keys(next).length === 0;
        if (isLast || step % 3 === 0) {
          holder[key] = replacement;
          break;
        }
        holder = next as Record<string, unknown>;
      }
      const decoded = decodeObject(copy);
      if (!decoded.ok) expect(decoded.problems.length).toBeGreaterThan(0);
    }),
    { numRuns: 1000 },
  );
});
