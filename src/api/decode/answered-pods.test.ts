// What a kube-apiserver of 1.37.2 answered to pods with a wrong environment, name, resolver, size or resize policy.
import { expect, test } from 'vitest';
import { decodedAs, problemsOf, rawPod, rawPodWith, rawWorkload } from '../../testing/decode.ts';

const c = 'spec.containers[0]';
const labelRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const searchRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')";
const variableRule = "a valid environment variable name must consist only of printable ASCII characters other than '='";
const fromEach = (sources: readonly object[]): object =>
  rawPodWith({ env: sources.map((valueFrom) => ({ name: 'A', valueFrom })) });
const fromField = (fieldPath: string): object => ({ fieldRef: { fieldPath } });
const fieldPaths =
  '"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"';

test.each<[string, object, readonly string[]]>([
  [
    'variables without a name, with a wrong one and with two values',
    rawPodWith({
      env: [
        ...[{ value: 'x' }, { name: 'a=b' }, { name: '1a .' }, { name: 'ä' }],
        { name: 'A', value: '1', valueFrom: fromField('metadata.name') },
        { name: 'A', value: '', valueFrom: fromField('metadata.name') },
      ],
    }),
    [
      `${c}.env[0].name: Required value`,
      `${c}.env[1].name: Invalid value: "a=b": ${variableRule}`,
      `${c}.env[3].name: Invalid value: "ä": ${variableRule}`,
      `${c}.env[4].valueFrom: Invalid value: "": may not be specified when \`value\` is not empty`,
    ],
  ],
  [
    'variables from nowhere and from two places',
    fromEach([{}, { ...fromField('metadata.name'), configMapKeyRef: { name: 'x', key: 'k' } }]),
    [
      `${c}.env[0].valueFrom: Invalid value: "": must specify one of: \`fieldRef\`, \`resourceFieldRef\`, \`configMapKeyRef\`, \`secretKeyRef\` or \`fileKeyRef\``,
      `${c}.env[1].valueFrom: Invalid value: "": may not have more than one field specified at a time`,
    ],
  ],
  [
    'variables of fields that no pod tells',
    fromEach(['metadata.foo', '', 'metadata.labels', "status.podIP['x']"].map(fromField)),
    [
      `${c}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.foo": error converting fieldPath: field label not supported: metadata.foo`,
      `${c}.env[1].valueFrom.fieldRef.fieldPath: Required value`,
      `${c}.env[2].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: ${fieldPaths}`,
      `${c}.env[3].valueFrom.fieldRef.fieldPath: Invalid value: "status.podIP['x']": error converting fieldPath: field label does not support subscript: status.podIP['x']`,
    ],
  ],
  [
    'variables of resources that are none',
    fromEach([{ resourceFieldRef: { resource: 'limits.foo' } }, { resourceFieldRef: {} }]),
    [
      `${c}.env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.foo": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"`,
      `${c}.env[1].valueFrom.resourceFieldRef.resource: Required value`,
    ],
  ],
  [
    'a variable of no key',
    fromEach([{ configMapKeyRef: { name: 'x' } }]),
    [`${c}.env[0].valueFrom.configMapKeyRef.key: Required value`],
  ],
  [
    'whole environments from nowhere, from two places and from nothing',
    rawPodWith({
      envFrom: [
        ...[{}, { configMapRef: { name: '' } }, { configMapRef: { name: 'a' }, secretRef: { name: 'b' } }],
        { prefix: 'a=b', secretRef: { name: 'b' } },
      ],
    }),
    [
      `${c}.envFrom: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\``,
      `${c}.envFrom[1].configMapRef.name: Required value`,
      `${c}.envFrom: Invalid value: "": may not have more than one field specified at a time`,
      `${c}.envFrom[3].prefix: Invalid value: "a=b": ${variableRule}`,
    ],
  ],
  [
    'a host name that is no label, a subdomain of two',
    rawPod({ hostname: 'A_b', subdomain: 'x.y' }),
    [
      `spec.hostname: Invalid value: "A_b": ${labelRule}`,
      'spec.subdomain: Invalid value: "x.y": must not contain dots',
    ],
  ],
  [
    'another DNS policy',
    rawPod({ dnsPolicy: 'X' }),
    [
      'spec.dnsPolicy: Unsupported value: "X": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
    ],
  ],
  [
    'no DNS at all',
    rawPod({ dnsPolicy: 'None' }),
    ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
  ],
  [
    'no DNS server',
    rawPod({ dnsPolicy: 'None', dnsConfig: {} }),
    ['spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None'],
  ],
  [
    'too many DNS servers and search paths, an option without a name',
    rawPod({
      dnsConfig: {
        nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4'],
        searches: Array.from({ length: 33 }, () => 'a'),
        options: [{ name: 'ndots', value: '2' }, { value: 'x' }],
      },
    }),
    [
      'spec.dnsConfig.nameservers: Invalid value: ["1.1.1.1","1.1.1.2","1.1.1.3","1.1.1.4"]: must not have more than 3 nameservers',
      `spec.dnsConfig.searches: Invalid value: [${'"a",'.repeat(32)}"a"]: must not have more than 32 search paths`,
      'spec.dnsConfig.options[1]: Required value: must not be empty',
    ],
  ],
  [
    'DNS servers that are no addresses',
    rawPod({ dnsConfig: { nameservers: ['1.2.3', '1.2.3.04', '::ffff:1.2.3.4'] } }),
    [
      'spec.dnsConfig.nameservers[0]: Invalid value: "1.2.3": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'spec.dnsConfig.nameservers[1]: Invalid value: "1.2.3.04": must not have leading 0s',
      'spec.dnsConfig.nameservers[2]: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address',
    ],
  ],
  [
    'search paths that are no names',
    rawPod({ dnsConfig: { searches: ['.', 'svc.example.', '_tcp.a_b.example', 'A', '', 'a..b', 'b_', '-c'] } }),
    ['A', '', 'a..b', 'b_', '-c'].map(
      (path, at) => `spec.dnsConfig.searches[${at + 3}]: Invalid value: "${path}": ${searchRule}`,
    ),
  ],
  [
    'search paths that are too long together',
    rawPod({ dnsConfig: { searches: Array.from({ length: 9 }, () => 'a'.repeat(250)) } }),
    [
      `spec.dnsConfig.searches: Invalid value: ["${'a'.repeat(250)}","${'a'.repeat(250)}","${'a'.repeat(250)}","${'a'.repeat(239)}...: must not have more than 2048 characters (including spaces) in the search list`,
    ],
  ],
  [
    'another system',
    rawPod({ os: { name: 'mac' } }),
    ['spec.os: Unsupported value: "mac": supported values: "linux", "windows"'],
  ],
  ['a system without a name', rawPod({ os: {} }), ['spec.os.name: Required value']],
  [
    'processes shared with the pod and with the host',
    rawPod({ shareProcessNamespace: true, hostPID: true }),
    ['spec.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled'],
  ],
  [
    'a directory of less than nothing',
    rawPod({ volumes: [{ name: 'v', emptyDir: { sizeLimit: -1 } }] }),
    ['spec.volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity'],
  ],
  [
    'resize policies of other resources, twice and without one',
    rawPodWith({
      resizePolicy: [
        { resourceName: 'gpu', restartPolicy: 'X' },
        { resourceName: 'cpu' },
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
      ],
    }),
    [
      `${c}.resizePolicy: Unsupported value: "gpu": supported values: "cpu", "memory"`,
      `${c}.resizePolicy: Unsupported value: "X": supported values: "NotRequired", "RestartContainer"`,
      `${c}.resizePolicy: Required value`,
      `${c}.resizePolicy[2]: Duplicate value: "cpu"`,
    ],
  ],
  [
    'a restart for a resize where nothing restarts',
    rawPod({
      restartPolicy: 'Never',
      containers: [{ name: 'c', image: 'i:1' }],
      initContainers: [
        { name: 'd', image: 'i:1', resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] },
      ],
    }),
    [
      "spec.initContainers[0].resizePolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' when pod `restartPolicy` is 'Never'",
      'spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value: "RestartContainer": must not be set to \'RestartContainer\' for non-sidecar initContainers',
    ],
  ],
  [
    'finalizers of nobody',
    rawPod({}, { finalizers: ['foo', 'kubernetes', 'example.com/x', 'A_/b'] }),
    [
      'metadata.finalizers[0]: Invalid value: "foo": name is neither a standard finalizer name nor is it fully qualified',
      `metadata.finalizers: Invalid value: "A_/b": prefix part ${subdomainRule}`,
    ],
  ],
  [
    'an affinity to pods of a namespace that can be none',
    rawPod({
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', namespaces: ['web', 'A_'] }],
        },
      },
    }),
    [
      `spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].namespace: Invalid value: "A_": ${labelRule}`,
    ],
  ],
])('%s', (_, raw, messages) => {
  expect(problemsOf(raw)).toEqual(messages);
});

test('a pod as the API server prints it, defaults and all, is taken', () => {
  const env = [
    { name: 'A', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: "metadata.labels['app']" } } },
    { name: 'B', valueFrom: { resourceFieldRef: { divisor: '0', resource: 'limits.hugepages-2Mi' } } },
    { name: 'C', valueFrom: { secretKeyRef: { name: 's', key: 'k', optional: true } } },
    { name: 'D.e-f', value: '' },
  ];
  const raw = rawPod({
    containers: [
      {
        ...{ name: 'c', image: 'i:1', env, envFrom: [{ prefix: 'P_', configMapRef: { name: 'm' } }] },
        resizePolicy: [
          { resourceName: 'cpu', restartPolicy: 'NotRequired' },
          { resourceName: 'memory', restartPolicy: 'RestartContainer' },
        ],
      },
    ],
    ...{ dnsPolicy: 'ClusterFirst', hostname: 'web-0', subdomain: 'web', os: { name: 'linux' }, hostPID: true },
    ...{ dnsConfig: { options: [{ name: 'ndots', value: '2' }] }, shareProcessNamespace: false },
    volumes: [
      { name: 'v', emptyDir: {} },
      { name: 'w', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
    ],
  });
  expect(decodedAs('Pod', raw).spec.containers).toHaveLength(1);
});

test.each<[string, object, string]>([
  [
    'a selector',
    rawWorkload('Deployment', { selector: { matchLabels: 'x' } }),
    'spec.selector.matchLabels: Invalid value: "x": must be an object',
  ],
  [
    'a label',
    rawWorkload('Deployment', { selector: { matchLabels: { app: 1 } } }),
    'spec.selector.matchLabels[app]: Invalid value: 1: must be a string (put it in quotes)',
  ],
  ['a template', rawWorkload('Deployment', { template: 'x' }), 'spec.template: Invalid value: "x": must be an object'],
  ['containers', rawPod({ containers: {} }), 'spec.containers: Invalid value: an object: must be a list'],
  ['ports', rawPodWith({ ports: 80 }), 'spec.containers[0].ports: Invalid value: 80: must be a list'],
  ['replicas', rawWorkload('Deployment', { replicas: 'x' }), 'spec.replicas: Invalid value: "x": must be an integer'],
])('%s of the wrong type: one mistake, one message', (_, raw, message) => {
  expect(problemsOf(raw)).toEqual([message]);
});
