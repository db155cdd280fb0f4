// What a kube-apiserver of 1.37.2 answered to wrong objects that `refusals.test.ts` does not have.
import { expect, test } from 'vitest';
import { problemsOf, rawPod, rawPodWith, rawWorkload } from '../../testing/decode.ts';

const container = { name: 'c', image: 'i:1' };
const object = (apiVersion: string, kind: string, spec: object): object => ({
  apiVersion,
  kind,
  metadata: { name: 'x' },
  spec,
});
const volume = (spec: object): object =>
  object('v1', 'PersistentVolume', {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteOnce'],
    hostPath: { path: '/x' },
    ...spec,
  });
type Case = readonly [string, object, readonly string[]];

const statefulSet = (spec: object, name = 'x'): object => ({
  ...rawWorkload('Deployment', { serviceName: 'x', ...spec }),
  kind: 'StatefulSet',
  metadata: { name },
});
const claim = (spec: object): object => ({
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
});
const labelRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

const cases: readonly Case[] = [
  [
    'gates twice, and with a space',
    rawPod({ containers: [container], schedulingGates: [{ name: 'a' }, { name: 'a' }, { name: '' }] }),
    [
      'spec.schedulingGates[1]: Duplicate value: "a"',
      'spec.schedulingGates[2]: Invalid value: "": name part must be non-empty',
    ],
  ],
  [
    'a readiness gate without a type',
    rawPod({ containers: [container], readinessGates: [{ conditionType: '' }] }),
    ['spec.readinessGates[0].conditionType: Invalid value: "": name part must be non-empty'],
  ],
  [
    'a grace at a readiness probe',
    rawPodWith({ readinessProbe: { httpGet: { port: 80 }, terminationGracePeriodSeconds: 5 } }),
    [
      'spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes',
    ],
  ],
  [
    'port 0, another protocol, a blank before the image',
    rawPodWith({ image: ' i', ports: [{ containerPort: 0 }, { containerPort: 1, protocol: 'ICMP' }] }),
    [
      'spec.containers[0].image: Invalid value: " i": must not have leading or trailing whitespace',
      'spec.containers[0].ports[0].containerPort: Required value',
      'spec.containers[0].ports[1].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
    ],
  ],
  [
    'a restart policy of an init container that is none',
    rawPod({ containers: [container], initContainers: [{ name: 'a', image: 'i', restartPolicy: 'Sometimes' }] }),
    [
      'spec.initContainers[0].restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
    ],
  ],
  [
    'a StatefulSet whose own name and service are no labels',
    statefulSet({ serviceName: 'A_' }, 'a'.repeat(64)),
    [
      `metadata.name: Invalid value: "${'a'.repeat(64)}": must be no more than 63 characters`,
      `spec.serviceName: Invalid value: "A_": ${labelRule}`,
    ],
  ],
  [
    'claims of a StatefulSet that ask for nothing',
    statefulSet({ volumeClaimTemplates: [claim({ resources: {} }), claim({ accessModes: [] })] }),
    [
      'spec.volumeClaimTemplates[0].spec.resources[storage]: Required value',
      'spec.volumeClaimTemplates[1].spec.accessModes: Required value: at least 1 access mode is required',
    ],
  ],
  [
    'a local volume that any node could have',
    object('v1', 'PersistentVolume', {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      local: { path: '/x' },
    }),
    ['spec.nodeAffinity: Required value: Local volume requires node affinity'],
  ],
  [
    'a quota of half a pod, and of what nobody counts',
    object('v1', 'ResourceQuota', {
      hard: { foo: '1', pods: '1500m', 'count/jobs.batch': 2, 'requests.cpu': '1500m' },
    }),
    [
      'spec.hard[foo]: Invalid value: "foo": must be a standard resource for quota',
      'spec.hard[pods]: Invalid value: "1500m": must be an integer',
    ],
  ],
  [
    'a negative tolerance',
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      ...{ scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 5 },
      behavior: { scaleUp: { tolerance: '-1' } },
    }),
    ['spec.behavior.scaleUp.tolerance: Invalid value: "-1": must be greater than or equal to 0'],
  ],
  [
    'a type of limits that is none',
    object('v1', 'LimitRange', { limits: [{ type: 'X' }] }),
    ['spec.limits[0].type: Invalid value: "X": must be a standard limit type or fully qualified'],
  ],
  [
    'types of limits of a vendor, one with a name that is none',
    object('v1', 'LimitRange', { limits: [{ type: 'openshift.io/Image' }, { type: 'example.com/' }] }),
    ['spec.limits[1].type: Invalid value: "example.com/": name part must be non-empty'],
  ],
  [
    'a volume of something else than storage',
    volume({ capacity: { storage: '1Gi', cpu: '1' } }),
    ['spec.capacity: Unsupported value: an object: supported values: "storage"'],
  ],
  ['a volume of nothing', volume({ capacity: {} }), ['spec.capacity: Required value']],
  [
    'a volume that would wipe its node',
    volume({ hostPath: { path: '/' }, persistentVolumeReclaimPolicy: 'Recycle' }),
    ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
  ],
  [
    'a path upwards',
    volume({ hostPath: { path: '/a/../b' } }),
    [`spec.hostPath.path: Invalid value: "/a/../b": must not contain '..'`],
  ],
  ['a volume at no path', volume({ hostPath: {} }), ['spec.hostPath.path: Required value']],
  ['a PriorityClass without a value, which is 0', object('scheduling.k8s.io/v1', 'PriorityClass', {}), []],
];

test.each(cases)('%s', (_, raw, messages) => {
  expect(problemsOf(raw)).toEqual(messages);
});
