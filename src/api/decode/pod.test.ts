// Pods: defaults of `pkg/apis/core/v1/defaults.go`, messages of `pkg/apis/core/validation/validation.go`.
import { describe, expect, test } from 'vitest';
import { decodedAs, problemsOf, rawPod, rawPodWith } from '../../testing/decode.ts';
import { isConditionTrue } from '../pod-status.ts';

describe('a pod that says little', () => {
  test('has the defaults of the API server', () => {
    const { metadata, spec, status } = decodedAs('Pod', rawPod());
    expect(metadata).toMatchObject({
      name: 'p',
      namespace: 'default',
      labels: {},
      ownerReferences: [],
      deletionTimestamp: undefined,
    });
    expect(spec).toMatchObject({
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      schedulerName: 'default-scheduler',
      nodeName: '',
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
      hostNetwork: false,
      initContainers: [],
      tolerations: [],
      affinity: undefined,
      resources: undefined,
    });
    expect(status).toMatchObject({ phase: 'Pending', startTime: -1 });
  });

  test.each([
    ['web', 'Always'],
    ['web:latest', 'Always'],
    ['web:1.2', 'IfNotPresent'],
    ['registry.example.com:5000/web', 'Always'],
    ['registry.example.com:5000/web:1.2', 'IfNotPresent'],
    ['web@sha256:abc', 'IfNotPresent'],
    ['web:latest@sha256:abc', 'Always'],
  ])('the image %s is pulled %s', (image, policy) => {
    expect(decodedAs('Pod', rawPodWith({ image })).spec.containers[0]!.imagePullPolicy).toBe(policy);
  });

  test('requests what it is limited to', () => {
    const { requests, limits } = decodedAs(
      'Pod',
      rawPodWith({ resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: 0.25 } } }),
    ).spec.containers[0]!.resources;
    expect(new Map(requests)).toEqual(
      new Map([
        ['cpu', 250],
        ['memory', 1_073_741_824],
      ]),
    );
    expect(limits.get('cpu')).toBe(1000);
  });

  test('has probes with their defaults, a zero counting as absent', () => {
    const probe = { httpGet: { port: 80 }, periodSeconds: 0, failureThreshold: 5 };
    expect(decodedAs('Pod', rawPodWith({ readinessProbe: probe })).spec.containers[0]!.readinessProbe).toEqual({
      initialDelaySeconds: 0,
      periodSeconds: 10,
      timeoutSeconds: 1,
      successThreshold: 1,
      failureThreshold: 5,
    });
  });

  test('in the network of the host takes its ports there', () => {
    const raw = rawPod({ hostNetwork: true, containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }] });
    expect(decodedAs('Pod', raw).spec.containers[0]!.ports).toMatchObject([
      { containerPort: 80, hostPort: 80, protocol: 'TCP' },
    ]);
  });

  test('with a null is as if the field were not there', () => {
    const raw = rawPod(
      { nodeSelector: null, affinity: null, initContainers: null },
      { creationTimestamp: null, labels: null },
    );
    expect(decodedAs('Pod', raw)).toEqual(decodedAs('Pod', rawPod()));
  });

  test('with generateName gets a name', () => {
    expect(decodedAs('Pod', rawPod({}, { name: undefined, generateName: 'batch-' })).metadata.name).toMatch(
      /^batch-[a-z0-9]{5}$/,
    );
  });

  test('asked for a negative grace period has one second', () => {
    expect(decodedAs('Pod', rawPod({ terminationGracePeriodSeconds: -5 })).spec.terminationGracePeriodSeconds).toBe(1);
  });
});

describe('a pod with a mistake', () => {
  const resources = (requests: object, limits: object = {}): object => rawPodWith({ resources: { requests, limits } });
  const toleration = (parts: object): object => rawPod({ tolerations: [parts] });

  test.each<[string, object, readonly string[]]>([
    ['no containers', rawPod({ containers: [] }), ['spec.containers: Required value']],
    [
      'two of one name',
      rawPod({
        containers: [
          { name: 'c', image: 'i' },
          { name: 'c', image: 'j' },
        ],
      }),
      ['spec.containers[1].name: Duplicate value: "c"'],
    ],
    [
      'an init container of that name',
      rawPod({ initContainers: [{ name: 'c', image: 'i' }] }),
      ['spec.initContainers[0].name: Duplicate value: "c"'],
    ],
    ['no image', rawPod({ containers: [{ name: 'c' }] }), ['spec.containers[0].image: Required value']],
    [
      'another restart policy',
      rawPod({ restartPolicy: 'always' }),
      ['spec.restartPolicy: Unsupported value: "always": supported values: "Always", "OnFailure", "Never"'],
    ],
    [
      'a text for a number',
      rawPod({ terminationGracePeriodSeconds: '30' }),
      ['spec.terminationGracePeriodSeconds: Invalid value: "30": must be an integer'],
    ],
    [
      'a number for a text',
      rawPod({}, { labels: { version: 1 } }),
      ['metadata.labels[version]: Invalid value: 1: must be a string (put it in quotes)'],
    ],
    ['a list for a map', rawPod({ nodeSelector: [] }), ['spec.nodeSelector: Invalid value: a list: must be an object']],
    [
      'a negative request',
      resources({ cpu: -1 }),
      ['spec.containers[0].resources.requests[cpu]: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [
      'more than the limit',
      resources({ cpu: '2' }, { cpu: '1500m' }),
      ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1500m'],
    ],
    [
      'a device in parts',
      resources({}, { 'example.com/gpu': '500m' }),
      ['spec.containers[0].resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer'],
    ],
    [
      'a device without a limit',
      resources({ 'example.com/gpu': 1 }),
      ['spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources'],
    ],
    [
      'a device below its limit',
      resources({ 'example.com/gpu': 1 }, { 'example.com/gpu': 2 }),
      ['spec.containers[0].resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2'],
    ],
    [
      'a resource of no domain',
      resources({ gpu: 1 }),
      [
        'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
        'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers',
      ],
    ],
    [
      'a seconds toleration of NoSchedule',
      toleration({ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 5 }),
      [
        'spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set',
      ],
    ],
    [
      'a toleration without a key',
      toleration({ operator: 'Equal', value: 'x' }),
      [
        'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ],
    ],
    [
      'a value beside Exists',
      toleration({ key: 'a', operator: 'Exists', value: 'x' }),
      ['spec.tolerations[0].operator: Invalid value: "x": value must be empty when `operator` is \'Exists\''],
    ],
    [
      'an operator behind a gate',
      toleration({ key: 'a', operator: 'Gt', value: '5' }),
      ['spec.tolerations[0].operator: Unsupported value: "Gt": supported values: "Equal", "Exists"'],
    ],
    [
      'a probe without a handler',
      rawPodWith({ livenessProbe: { periodSeconds: 5 } }),
      ['spec.containers[0].livenessProbe: Required value: must specify a handler type'],
    ],
    [
      'a liveness probe that must succeed twice',
      rawPodWith({ livenessProbe: { exec: { command: ['a'] }, successThreshold: 2 } }),
      ['spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1'],
    ],
    [
      'a probe of an init container',
      rawPod({ initContainers: [{ name: 'i', image: 'i', readinessProbe: { exec: { command: ['a'] } } }] }),
      [
        'spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
      ],
    ],
    [
      'a port too high',
      rawPodWith({ ports: [{ containerPort: 65536 }] }),
      ['spec.containers[0].ports[0].containerPort: Invalid value: 65536: must be between 1 and 65535, inclusive'],
    ],
    [
      'an empty affinity',
      rawPod({
        affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } },
      }),
      [
        'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
      ],
    ],
    [
      'a weight of zero',
      rawPod({
        affinity: {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 0, preference: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } },
            ],
          },
        },
      }),
      [
        'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100',
      ],
    ],
    [
      'an affinity term without a topology',
      rawPod({
        affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: {} }] } },
      }),
      [
        'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty',
      ],
    ],
    [
      'label keys of an affinity term in both lists, or without a selector to go into',
      rawPod({
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { topologyKey: 'zone', labelSelector: {}, matchLabelKeys: ['a', 'v'], mismatchLabelKeys: ['v'] },
              { topologyKey: 'zone', matchLabelKeys: ['v'] },
            ],
          },
        },
      }),
      [
        'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys[1]: Invalid value: "v": exists in both matchLabelKeys and mismatchLabelKeys',
        'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[1].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
      ],
    ],
    [
      'a skew of zero',
      rawPod({ topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }] }),
      ['spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero'],
    ],
    [
      'two volume types',
      rawPod({ volumes: [{ name: 'v', emptyDir: {}, hostPath: {} }] }),
      ['spec.volumes[0].emptyDir: Forbidden: may not specify more than 1 volume type'],
    ],
    ['no name', rawPod({}, { name: undefined }), ['metadata.name: Required value: name or generateName is required']],
  ])('%s', (_, raw, messages) => {
    expect(problemsOf(raw)).toEqual(messages);
  });

  test('has all of its mistakes told at once', () => {
    expect(
      problemsOf(rawPod({ containers: [{ name: 'A' }, {}], restartPolicy: 'x' }, { namespace: 'A' })),
    ).toHaveLength(6);
  });
});

describe('a pod of a dump', () => {
  const status = {
    phase: 'Running',
    startTime: '2024-05-01T10:00:00Z',
    conditions: [
      { type: 'Ready', status: 'True', lastTransitionTime: '2024-05-01T10:00:05Z' },
      { type: 'PodScheduled', status: 'True' },
      { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' },
    ],
    containerStatuses: [
      {
        name: 'side',
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 1, reason: 'Error' } },
        restartCount: 4,
        ready: false,
      },
      {
        name: 'c',
        state: { running: { startedAt: '2024-05-01T10:00:03Z' } },
        restartCount: 0,
        ready: true,
        started: true,
      },
      { name: 'stranger', state: {} },
    ],
    qosClass: 'BestEffort',
  };
  const containers = [
    { name: 'c', image: 'i' },
    { name: 'side', image: 's' },
  ];

  test('keeps phase, conditions and container states, times set to zero', () => {
    const pod = decodedAs('Pod', { ...rawPod({ containers, nodeName: 'n1' }), status });
    expect(pod.spec.nodeName).toBe('n1');
    expect(pod.status).toMatchObject({ phase: 'Running', startTime: 0 });
    expect([isConditionTrue(pod.status.ready), isConditionTrue(pod.status.initialized)]).toEqual([true, false]);
    expect(pod.status.otherConditions.map(({ type }) => type)).toEqual(['DisruptionTarget']);
    expect(pod.status.containerStatuses).toMatchObject([
      { index: 0, state: { phase: 'running', startedAt: 0 }, ready: true },
      {
        index: 1,
        state: { phase: 'waiting', reason: 'CrashLoopBackOff' },
        lastState: { phase: 'terminated', exitCode: 1 },
        restartCount: 4,
      },
    ]);
  });

  test('that was being deleted says so, and identity of the old cluster is dropped', () => {
    const metadata = {
      uid: 'u',
      resourceVersion: '12',
      deletionTimestamp: '2024-05-01T10:00:00Z',
      deletionGracePeriodSeconds: 30,
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'x', controller: true }],
    };
    const pod = decodedAs('Pod', rawPod({}, metadata));
    expect(pod.metadata).toMatchObject({
      uid: 0,
      resourceVersion: 0,
      deletionTimestamp: 0,
      deletionGracePeriodSeconds: 30,
    });
    expect(pod.metadata.ownerReferences).toMatchObject([{ kind: 'ReplicaSet', name: 'r', uid: 0, controller: true }]);
  });
});

const withVolume = (container: object): object =>
  rawPod({ containers: [{ name: 'c', image: 'i:1', ...container }], volumes: [{ name: 'v', emptyDir: {} }] });

test('a container keeps its hooks, rules, mounts and the objects that its environment needs', () => {
  const container = decodedAs(
    'Pod',
    withVolume({
      restartPolicy: 'Never',
      restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
      lifecycle: { postStart: { exec: { command: ['post', 'now'] } }, preStop: { sleep: { seconds: 3 } } },
      livenessProbe: { exec: { command: ['live'] }, terminationGracePeriodSeconds: 5 },
      volumeMounts: [{ name: 'v', mountPath: '/v' }],
      envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'maybe', optional: true } }],
      env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'k' } } }],
    }),
  ).spec.containers[0]!;
  expect(container).toMatchObject({
    restartPolicy: 'Never',
    restartPolicyRules: [{ action: 'Restart', operator: 'In', exitCodes: [42] }],
    postStart: { command: 'post', sleepSeconds: -1 },
    preStop: { command: '', sleepSeconds: 3 },
    livenessProbe: { command: 'live', terminationGracePeriodSeconds: 5 },
    volumeMounts: ['v'],
    environmentSources: [
      { kind: 'configmap', name: 'settings' },
      { kind: 'secret', name: 'keys' },
    ],
  });
});
