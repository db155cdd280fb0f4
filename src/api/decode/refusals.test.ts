// What kube-apiserver 1.37 refuses, in its words (`pkg/apis/*/validation`); the other decoders' tests have the rest.
import { describe, expect, test } from 'vitest';
import { problemsOf, rawPod, rawPodWith, rawWorkload } from '../../testing/decode.ts';

const volumes = [{ name: 'v', emptyDir: {} }];
const container = { name: 'c', image: 'i:1' };
const probe = (handler: object): object => rawPodWith({ readinessProbe: handler });
const job = (spec: object): object => rawWorkload('Job', spec);
const indexed = (spec: object): object => job({ completionMode: 'Indexed', completions: 4, parallelism: 2, ...spec });
const failurePolicy = (...rules: object[]): object => job({ podFailurePolicy: { rules } });
const object = (apiVersion: string, kind: string, spec: object, name = 'x'): object => ({
  apiVersion,
  kind,
  metadata: { name },
  spec,
});
const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const hpa = (spec: object): object =>
  object('autoscaling/v2', 'HorizontalPodAutoscaler', { scaleTargetRef: target, maxReplicas: 5, ...spec });
const metric = (parts: object): object => hpa({ metrics: [{ type: 'Resource', ...parts }] });
const resource = (parts: object, name: object = { name: 'cpu' }): object =>
  metric({ resource: { ...name, target: { type: 'Utilization', averageUtilization: 50, ...parts } } });
const half = { type: 'Utilization', averageUtilization: 50 };
const scaleUp = (rules: object): object => hpa({ behavior: { scaleUp: rules } });
const daemonSet = (rollingUpdate: object): object => ({
  ...rawWorkload('Deployment', { updateStrategy: { rollingUpdate } }),
  kind: 'DaemonSet',
});
const cronJob = (spec: object, name = 'x'): object => {
  const { spec: jobSpec } = rawWorkload('Job') as { spec: object };
  return object('batch/v1', 'CronJob', { schedule: '* * * * *', jobTemplate: { spec: jobSpec }, ...spec }, name);
};
const service = (...ports: object[]): object => object('v1', 'Service', { ports });
const limitRange = (...limits: object[]): object => object('v1', 'LimitRange', { limits });

type Case = readonly [string, object, readonly string[]];

const pods: readonly Case[] = [
  [
    'numbers and booleans where a process is begun with texts',
    rawPodWith({ env: [{ name: 'A', value: 1 }], command: ['sh', true], args: [8080], workingDir: 3 }),
    [
      'spec.containers[0].env[0].value: Invalid value: 1: must be a string (put it in quotes)',
      'spec.containers[0].command[1]: Invalid value: true: must be a string (put it in quotes)',
      'spec.containers[0].args[0]: Invalid value: 8080: must be a string (put it in quotes)',
      'spec.containers[0].workingDir: Invalid value: 3: must be a string (put it in quotes)',
    ],
  ],
  [
    'names of ports twice in a container, too long, without a letter',
    rawPodWith({
      ports: [
        { name: 'web', containerPort: 1 },
        { name: 'web', containerPort: 2 },
        { name: 'a-name-that-is-too-long', containerPort: 3 },
        { name: '80', containerPort: 4 },
        { name: '-Web--x', containerPort: 5 },
      ],
    }),
    [
      'spec.containers[0].ports[1].name: Duplicate value: "web"',
      'spec.containers[0].ports[2].name: Invalid value: "a-name-that-is-too-long": must be no more than 15 characters',
      'spec.containers[0].ports[3].name: Invalid value: "80": must contain at least one letter (a-z)',
      'spec.containers[0].ports[4].name: Invalid value: "-Web--x": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'spec.containers[0].ports[4].name: Invalid value: "-Web--x": must not contain consecutive hyphens',
      'spec.containers[0].ports[4].name: Invalid value: "-Web--x": must not begin or end with a hyphen',
    ],
  ],
  [
    'a port of the host in two containers',
    rawPod({
      containers: [
        { ...container, ports: [{ containerPort: 80, hostPort: 8080 }] },
        { ...container, name: 'd', ports: [{ containerPort: 81, hostPort: 8080 }] },
      ],
    }),
    ['spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//8080"'],
  ],
  [
    'a probe with two handlers',
    probe({ httpGet: { port: 80 }, tcpSocket: { port: 80 } }),
    ['spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type'],
  ],
  [
    'a probe without a port, of a port that is none, by another scheme',
    rawPodWith({
      readinessProbe: { httpGet: {} },
      livenessProbe: { tcpSocket: { port: 'Web' } },
      startupProbe: { httpGet: { port: 80, scheme: 'http' } },
    }),
    [
      'spec.containers[0].startupProbe.httpGet.scheme: Unsupported value: "http": supported values: "HTTP", "HTTPS"',
      'spec.containers[0].readinessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.containers[0].livenessProbe.tcpSocket.port: Invalid value: "Web": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
    ],
  ],
  [
    'a probe that runs nothing, with a grace of zero and a negative period',
    probe({ exec: {}, terminationGracePeriodSeconds: 0, periodSeconds: -1 }),
    [
      'spec.containers[0].readinessProbe.exec.command: Required value',
      'spec.containers[0].readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0',
      'spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 0: must not be set for readinessProbes',
    ],
  ],
  [
    'hooks: none, two, one that sleeps beyond the grace',
    rawPod({
      containers: [
        { ...container, lifecycle: { postStart: {}, preStop: { exec: { command: ['a'] }, sleep: { seconds: 1 } } } },
        { ...container, name: 'd', lifecycle: { preStop: { sleep: { seconds: 31 } } } },
      ],
    }),
    [
      'spec.containers[0].lifecycle.postStart: Required value: must specify a handler type',
      'spec.containers[0].lifecycle.preStop.sleep: Forbidden: may not specify more than 1 handler type',
      'spec.containers[1].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)',
    ],
  ],
  [
    'mounts of a volume that is not there, without a path, twice at one path',
    rawPod({
      volumes,
      containers: [
        {
          ...container,
          volumeMounts: [
            { name: 'w', mountPath: '/w' },
            { name: 'v' },
            { name: 'v', mountPath: '/v' },
            { name: 'v', mountPath: '/v' },
          ],
        },
      ],
    }),
    [
      'spec.containers[0].volumeMounts[0].name: Not found: "w"',
      'spec.containers[0].volumeMounts[1].mountPath: Required value',
      'spec.containers[0].volumeMounts[3].mountPath: Invalid value: "/v": must be unique',
    ],
  ],
  ['a volume twice', rawPod({ volumes: [...volumes, ...volumes] }), ['spec.volumes[1].name: Duplicate value: "v"']],
  [
    'a deadline of zero',
    rawPod({ activeDeadlineSeconds: 0 }),
    ['spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive'],
  ],
  [
    'restart rules without a policy and without codes',
    rawPodWith({ restartPolicyRules: [{ action: 'Restart' }] }),
    [
      'spec.containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified',
      'spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used',
    ],
  ],
  [
    'a label of a bad value',
    rawPod({}, { labels: { app: 'web shop' } }),
    [
      "metadata.labels: Invalid value: \"web shop\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
  ],
];

const workloads: readonly Case[] = [
  [
    'a DaemonSet that may neither surge nor lack',
    daemonSet({ maxUnavailable: 0 }),
    ['spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0'],
  ],
  [
    'a DaemonSet that surges and lacks: one may lack by default',
    daemonSet({ maxSurge: '10%' }),
    [
      'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: "10%": may not be set when maxUnavailable is non-zero',
    ],
  ],
  [
    'a CronJob with a long name',
    cronJob({}, 'a'.repeat(53)),
    [`metadata.name: Invalid value: "${'a'.repeat(53)}": must be no more than 52 characters`],
  ],
  [
    'a CronJob with a negative deadline and policy',
    cronJob({ startingDeadlineSeconds: -1, concurrencyPolicy: 'Never' }),
    [
      'spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.concurrencyPolicy: Unsupported value: "Never": supported values: "Allow", "Forbid", "Replace"',
    ],
  ],
  [
    'failed indexes without a limit per index',
    indexed({ maxFailedIndexes: 5 }),
    [
      'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
      'spec.maxFailedIndexes: Invalid value: 5: must be less than or equal to completions',
    ],
  ],
  [
    'very many indexes',
    indexed({ completions: 200_000, parallelism: 20_000, backoffLimitPerIndex: 1 }),
    [
      'spec.maxFailedIndexes: Required value: must be specified when completions is above 100000',
      'spec.parallelism: Invalid value: 20000: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
    ],
  ],
  [
    'a failure policy that asks for nothing, for both, for an index',
    failurePolicy(
      { action: 'Ignore' },
      {
        action: 'FailIndex',
        onExitCodes: { operator: 'In', values: [1] },
        onPodConditions: [{ type: 'DisruptionTarget' }],
      },
    ),
    [
      'spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
      'spec.podFailurePolicy.rules[1].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set',
      'spec.podFailurePolicy.rules[1]: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported',
    ],
  ],
  [
    'exit codes: zero, twice, out of order, of another container, none',
    failurePolicy(
      { action: 'Count', onExitCodes: { operator: 'In', values: [3, 0, 0], containerName: 'd' } },
      { action: 'Count', onExitCodes: { operator: 'NotIn', values: [] } },
    ),
    [
      'spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "d": must be one of the container or initContainer names in the pod template',
      'spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator',
      'spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Invalid value: 0: must not be 0 for the In operator',
      'spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 0',
      'spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: a list: must be ordered',
      'spec.podFailurePolicy.rules[1].onExitCodes.values: Invalid value: a list: at least one value is required',
    ],
  ],
  [
    'a failure policy without action or operator, and with another replacement',
    job({
      podReplacementPolicy: 'TerminatingOrFailed',
      podFailurePolicy: { rules: [{ onExitCodes: { values: [1] } }] },
    }),
    [
      'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"',
      'spec.podFailurePolicy.rules[0].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]',
      'spec.podFailurePolicy.rules[0].onExitCodes.operator: Required value: valid values: ["In" "NotIn"]',
    ],
  ],
  [
    'another controller without a domain',
    job({ managedBy: 'kueue' }),
    ['spec.managedBy: Invalid value: "kueue": must be a domain-prefixed path (such as "acme.io/foo")'],
  ],
  [
    'another controller of no good domain',
    job({ managedBy: 'A_b/kueue' }),
    [expect.stringMatching(/^spec.managedBy: Invalid value: "A_b": a lowercase RFC 1123 subdomain must/) as string],
  ],
  [
    'a success policy without indexes',
    job({ successPolicy: { rules: [{ succeededCount: 1 }] } }),
    ['spec.successPolicy: Invalid value: an object: requires indexed completion mode'],
  ],
  [
    'a success policy that asks for nothing, for too many, for what is not there',
    indexed({
      successPolicy: {
        rules: [{}, { succeededCount: 5 }, { succeededIndexes: '0-2', succeededCount: 4 }, { succeededIndexes: '1,4' }],
      },
    }),
    [
      'spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified',
      'spec.successPolicy.rules[1].succeededCount: Invalid value: 5: must be less than or equal to 4 (the number of specified completions)',
      'spec.successPolicy.rules[2].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of indexes in the specified succeededIndexes field)',
      'spec.successPolicy.rules[3].succeededIndexes: Invalid value: "1,4": error parsing succeededIndexes: too large index: "4"',
    ],
  ],
];

const autoscalers: readonly Case[] = [
  [
    'no maximum',
    hpa({ maxReplicas: undefined }),
    [
      'spec.maxReplicas: Required value',
      'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
    ],
  ],
  [
    'less at most than at least',
    hpa({ minReplicas: 6 }),
    ['spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`'],
  ],
  [
    'none at least, by metrics of the pods alone',
    hpa({ minReplicas: 0 }),
    [
      'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
    ],
  ],
  [
    'a metric of no source',
    metric({}),
    [
      'spec.metrics[0].resource: Required value: must populate information for the given metric source',
      'spec.metrics[0].resource.name: Required value: must specify a resource name',
      'spec.metrics[0].resource.target.type: Required value: must specify a metric target type',
      'spec.metrics[0].resource.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue',
      'spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
    ],
  ],
  [
    'a target of zero',
    resource({ averageUtilization: 0 }),
    ['spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0'],
  ],
  [
    'two targets',
    resource({ averageValue: '1' }),
    [
      'spec.metrics[0].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization',
    ],
  ],
  [
    'a container without a name',
    metric({ type: 'ContainerResource', containerResource: { name: 'cpu', target: half } }),
    ['spec.metrics[0].containerResource.container: Required value: must specify a container'],
  ],
  [
    'a metric of pods as a whole',
    metric({ type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'Value', value: '5' } } }),
    ['spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue'],
  ],
  [
    'a metric of no object, without a name and a target',
    metric({ type: 'Object', object: { target: { type: 'Value' } } }),
    [
      'spec.metrics[0].object.describedObject.kind: Required value',
      'spec.metrics[0].object.describedObject.name: Required value',
      'spec.metrics[0].object.metric.name: Required value: must specify a metric name',
      'spec.metrics[0].object.target.averageValue: Required value: must set either a target value or averageValue',
    ],
  ],
  [
    'a metric from outside with two targets',
    metric({
      type: 'External',
      external: { metric: { name: 'queue' }, target: { type: 'Value', value: '5', averageValue: '-1' } },
    }),
    [
      'spec.metrics[0].external.target.averageValue: Invalid value: "-1": must be positive',
      'spec.metrics[0].external.target.value: Forbidden: may not set both a target value for metric and a per-pod target',
    ],
  ],
  [
    'rules: no policy, a window too long',
    scaleUp({ policies: [], stabilizationWindowSeconds: 3601 }),
    [
      'spec.behavior.scaleUp.policies: Required value: must specify at least one Policy',
      'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
    ],
  ],
  [
    'a policy of nothing',
    scaleUp({ stabilizationWindowSeconds: -1, policies: [{ type: 'Pods', value: 0, periodSeconds: 1801 }] }),
    [
      'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero',
      'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
      'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
    ],
  ],
];

const others: readonly Case[] = [
  [
    'a Service with ports that have no names, or one twice',
    service({ port: 80 }, { port: 81, name: 'a' }, { port: 81, name: 'a', targetPort: 'No' }),
    [
      'spec.ports[2].targetPort: Invalid value: "No": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'spec.ports[0].name: Required value',
      'spec.ports[2].name: Duplicate value: "a"',
      'spec.ports[2]: Duplicate value: an object',
    ],
  ],
  [
    'limits in the wrong order',
    limitRange({ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' }, defaultRequest: { cpu: '1500m' } }),
    [
      'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "1500m": min value 2 is greater than default request value 1500m',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "1500m": default request value 1500m is greater than max value 1',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "1500m": default request value 1500m is greater than default limit value 1',
      'spec.limits[0].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1',
    ],
  ],
  [
    'limits of pods with defaults, of claims without storage, of one type twice, with a ratio below one',
    limitRange(
      { type: 'Pod', default: { cpu: '1' }, maxLimitRequestRatio: { cpu: '500m' } },
      { type: 'PersistentVolumeClaim' },
      { type: 'Pod' },
    ),
    [
      "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
      'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1',
      'spec.limits[1].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
      'spec.limits[2].type: Duplicate value: "Pod"',
    ],
  ],
];

describe('refused, and told why', () => {
  test.each([...pods, ...workloads, ...autoscalers, ...others])('%s', (_, raw, messages) => {
    expect(problemsOf(raw)).toEqual(messages);
  });
});

test('claims of a StatefulSet may be mounted like volumes', () => {
  const mounted = { ...container, volumeMounts: [{ name: 'data', mountPath: '/data' }] };
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  const podSpec = { containers: [mounted] };
  expect(problemsOf(rawWorkload('StatefulSet', { volumeClaimTemplates: [claim] }, podSpec))).toEqual([]);
  expect(problemsOf(rawWorkload('StatefulSet', {}, podSpec))).toEqual([
    'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"',
  ]);
});
