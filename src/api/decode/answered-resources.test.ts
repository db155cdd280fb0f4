// What a kube-apiserver of 1.37.2 answered to pods that ask for resources which nobody can give.
import { expect, test } from 'vitest';
import { decodedAs, problemsOf, rawPod, rawPodWith, rawWorkload } from '../../testing/decode.ts';
import { withPodLevelDefaults } from '../pod-level-resources.ts';
import { decodeObject } from './decode-object.ts';

const r = 'spec.containers[0].resources';
const pod = (resources: object, container: object = {}): object =>
  rawPod({ resources, containers: [{ name: 'c', image: 'i:1', resources: container }] });

test.each<[string, object, readonly string[]]>([
  [
    'huge pages alone',
    rawPodWith({ resources: { limits: { 'hugepages-2Mi': '4Mi' } } }),
    [`${r}: Forbidden: HugePages require cpu or memory`],
  ],
  [
    'parts of huge pages',
    rawPodWith({ resources: { limits: { cpu: 1, 'hugepages-2Mi': '3Mi' } } }),
    ['limits', 'requests'].map(
      (list) =>
        `${r}.${list}[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`,
    ),
  ],
  [
    'huge pages of no size, without a limit',
    rawPodWith({ resources: { requests: { memory: '1Gi', 'hugepages-x': 1 } } }),
    [
      `${r}.requests[hugepages-x]: Invalid value: "1": 1 is not positive integer multiple of hugepages-x`,
      `${r}.limits: Required value: Limit must be set for non overcommitable resources`,
    ],
  ],
  [
    'resources of quotas and of no vendor',
    rawPodWith({ resources: { limits: { pods: 1, 'requests.a/b': 1 } } }),
    ['limits', 'requests'].flatMap((list) => [
      `${r}.${list}[pods]: Invalid value: "pods": must be a standard resource for containers`,
      `${r}.${list}[requests.a/b]: Invalid value: "requests.a/b": doesn't follow extended resource name standard`,
    ]),
  ],
  [
    'more requests than limits of the whole pod',
    pod({ requests: { cpu: 2 }, limits: { cpu: 1 } }),
    ['spec.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
  ],
  [
    'containers that request more than their pod',
    pod({ requests: { cpu: '500m' } }, { requests: { cpu: 1 } }),
    [
      'spec.resources.requests[cpu]: Invalid value: "500m": must be greater than or equal to aggregate container requests of 1',
    ],
  ],
  [
    'containers that may use more than their pod',
    pod({ limits: { cpu: '500m', 'hugepages-2Mi': '2Mi' } }, { requests: { cpu: '100m' }, limits: { cpu: 1 } }),
    ['spec.resources.containers[0][cpu].limits: Invalid value: "1": must be less than or equal to pod limits of 500m'],
  ],
  [
    'more huge pages than those of the pod',
    pod({ requests: { cpu: 1 }, limits: { 'hugepages-2Mi': '2Mi' } }, { limits: { cpu: 1, 'hugepages-2Mi': '4Mi' } }),
    [
      'spec.resources.requests[hugepages-2Mi]: Invalid value: "2Mi": must be greater than or equal to aggregate container requests of 4Mi',
      'spec.resources.limits[hugepages-2Mi]: Invalid value: "2Mi": must be greater than or equal to aggregate container limits of 4Mi',
      'spec.resources.containers[0][hugepages-2Mi].limits: Invalid value: "4Mi": must be less than or equal to pod limits of 2Mi',
    ],
  ],
  [
    'what only containers can ask for',
    pod({ limits: { cpu: 1, 'nvidia.com/gpu': 1, foo: 1 }, claims: [{ name: 'c' }] }),
    [
      'spec.resources.claims: Forbidden: claims may not be set for Resources at pod-level',
      'spec.resources.claims[0]: Not found: "c": must be one of the names in pod.spec.resourceClaims which is empty',
      'spec.resources.limits[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
      'spec.resources.limits[nvidia.com/gpu]: Unsupported value: "nvidia.com/gpu": supported values: "cpu", "hugepages-", "memory"',
    ],
  ],
  [
    'pods of another system',
    rawPod({ os: { name: 'windows' }, resources: { limits: { foo: 1 } } }),
    ['spec.resources: Forbidden: may not be set for a windows pod'],
  ],
  [
    'parts of huge pages in a template, where nobody has written requests',
    rawWorkload(
      'Deployment',
      {},
      {
        containers: [{ name: 'c', image: 'i:1', resources: { limits: { cpu: 1, 'hugepages-2Mi': '3Mi' } } }],
      },
    ),
    [
      `spec.template.${r}.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`,
    ],
  ],
  [
    'a template',
    rawWorkload('Deployment', {}, { resources: { requests: { cpu: 2 }, limits: { cpu: 1 } } }),
    ['spec.template.spec.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
  ],
])('%s', (_, raw, messages) => {
  expect(problemsOf(raw)).toEqual(messages);
});

test('a pod with resources of its own gets those of its containers, and limits where all containers have one', () => {
  const raw = pod({ requests: { cpu: 2 } }, { limits: { cpu: 1, memory: '1Gi', 'hugepages-2Mi': '2Mi' } });
  const { requests, limits } = withPodLevelDefaults(decodedAs('Pod', raw).spec).resources!;
  const gigabyte = 1_073_741_824;
  const pages = 2_097_152;
  expect(Object.fromEntries(requests)).toEqual({ cpu: 2000, memory: gigabyte, 'hugepages-2Mi': pages });
  expect(Object.fromEntries(limits)).toEqual({ cpu: 2000, memory: gigabyte, 'hugepages-2Mi': pages });
});

const divided = (resource: string, divisor: unknown): object =>
  rawPodWith({ env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource, divisor } } }] });
const bytes = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei';

test.each([
  ['limits.cpu', '2', '1m and 1', 'cpu'],
  ['requests.cpu', '1Ki', '1m and 1', 'cpu'],
  ['limits.memory', '1m', bytes, 'memory'],
  ['requests.memory', '2Mi', bytes, 'memory'],
  ['limits.ephemeral-storage', '1e3', bytes, 'local ephemeral storage'],
  ['requests.hugepages-2Mi', '-1', bytes, 'hugepages'],
])('%s divided by %s is refused', (resource, divisor, values, words) => {
  expect(problemsOf(divided(resource, divisor))).toEqual([
    `spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "${resource}": only divisor's values ${values} are supported with the ${words} resource`,
  ]);
});

test.each([
  ...[['limits.cpu', 0] as const, ['limits.cpu', 1] as const, ['limits.cpu', '1000m'] as const],
  ...[['limits.cpu', '1m'] as const, ['limits.memory', '1024Ki'] as const, ['limits.memory', '1000'] as const],
  ...[['requests.hugepages-2Mi', '1Gi'] as const],
])('%s divided by %s is taken', (resource, divisor) => {
  expect(problemsOf(divided(resource, divisor))).toEqual([]);
});

const claiming = (claims: readonly object[], names: readonly string[]): object =>
  rawPod({
    containers: [{ name: 'c', image: 'i:1', resources: { claims } }],
    resourceClaims: names.map((name) => ({ name, resourceClaimName: 'r' })),
  });
const lost = 'must be one of the names in pod.spec.resourceClaims';

test.each<[readonly object[], readonly string[], readonly string[]]>([
  [[{ name: 'x' }], [], [`claims[0]: Not found: "x": ${lost} which is empty`]],
  [[{ name: 'y' }], ['x', 'a'], [`claims[0]: Not found: "y": ${lost}: a, x`]],
  [[{}], ['x'], ['claims[0]: Required value']],
  [[{ name: 'x' }, { name: 'x' }], ['x'], ['claims[1]: Duplicate value: "x"']],
  [[{ name: 'x', request: 'r' }, { name: 'x' }], ['x'], ['claims[1]: Duplicate value: "x"']],
  [
    [
      { name: 'x', request: 'r' },
      { name: 'x', request: 'r' },
    ],
    ['x'],
    ['claims[1]: Duplicate value: "x/r"'],
  ],
  [
    [
      { name: 'x', request: 'r' },
      { name: 'x', request: 's' },
    ],
    ['x'],
    [],
  ],
])('the claims %j of a pod that has %j', (claims, names, messages) => {
  expect(problemsOf(claiming(claims, names))).toEqual(messages.map((message) => `${r}.${message}`));
});

test('what a volume shows of its pod is named without its place in the list, and found at it', () => {
  const item = (resourceFieldRef: object): object => ({ path: 'a', resourceFieldRef });
  const items = [item({ resource: 'limits.cpu' }), item({ containerName: 'c', resource: 'limits.foo' })];
  const sources = [{ downwardAPI: { items: [item({ containerName: 'c', resource: 'limits.cpu', divisor: '2' })] } }];
  const volumes = [
    { name: 'v', downwardAPI: { items } },
    { name: 'w', projected: { sources } },
  ];
  const decoded = decodeObject(rawPod({ volumes }));
  expect(decoded.ok ? [] : decoded.problems.map(({ message, path }) => [message, path.slice(1)])).toEqual([
    [
      'spec.volumes[0].downwardAPI.resourceFieldRef.containerName: Required value',
      ['volumes', 0, 'downwardAPI', 'items', 0, 'resourceFieldRef', 'containerName'],
    ],
    [
      'spec.volumes[0].downwardAPI.resourceFieldRef.resource: Unsupported value: "limits.foo": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"',
      ['volumes', 0, 'downwardAPI', 'items', 1, 'resourceFieldRef', 'resource'],
    ],
    [
      'spec.volumes[1].projected.sources[0].downwardAPI.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource',
      ['volumes', 1, 'projected', 'sources', 0, 'downwardAPI', 'items', 0, 'resourceFieldRef', 'divisor'],
    ],
  ]);
});
