/** Small whole objects for tests: everything a test does not name has the API's default. */
import { newPod } from '../apiserver/pod-object.ts';
import type { Container, Node, Pod, PodSpec } from '../api/core-v1.ts';
import type { Labels, ObjectMeta } from '../api/meta-v1.ts';
import { newObjectMeta } from '../api/meta-v1.ts';
import { newPodStatus } from '../api/pod-status.ts';
import type { PodStatus } from '../api/pod-status.ts';

/** Requests in milliCPU and bytes, by resource name. */
export type Amounts = Readonly<Record<string, number>>;

export function makeContainer(parts: Partial<Container> & { readonly requests?: Amounts } = {}): Container {
  const { requests = {}, ...rest } = parts;
  return {
    name: 'c',
    image: 'app:1',
    imagePullPolicy: 'IfNotPresent',
    resources: { requests: new Map(Object.entries(requests)), limits: new Map() },
    ports: [],
    restartPolicy: undefined,
    startupProbe: undefined,
    readinessProbe: undefined,
    livenessProbe: undefined,
    ...rest,
  };
}

export function makePodSpec(parts: Partial<PodSpec> = {}): PodSpec {
  return {
    containers: [makeContainer()],
    initContainers: [],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    activeDeadlineSeconds: undefined,
    nodeName: '',
    nodeSelector: {},
    affinity: undefined,
    tolerations: [],
    topologySpreadConstraints: [],
    schedulerName: 'default-scheduler',
    schedulingGates: [],
    priorityClassName: '',
    priority: 0,
    preemptionPolicy: 'PreemptLowerPriority',
    overhead: new Map(),
    resources: undefined,
    volumes: [],
    hostNetwork: false,
    readinessGates: [],
    resourceClaims: [],
    runtimeClassName: '',
    ...parts,
  };
}

/** A pod in namespace `default`; `requests` are those of its only container, unless `spec.containers` says otherwise. */
export function makePod(
  name: string,
  parts: {
    readonly requests?: Amounts;
    readonly labels?: Labels;
    readonly spec?: Partial<PodSpec>;
    readonly metadata?: Partial<ObjectMeta>;
    readonly status?: Partial<PodStatus>;
  } = {},
): Pod {
  const metadata = { ...newObjectMeta({ name, namespace: 'default', labels: parts.labels ?? {} }), ...parts.metadata };
  const containers = [makeContainer({ requests: parts.requests ?? {} })];
  return newPod(metadata, makePodSpec({ containers, ...parts.spec }), { ...newPodStatus, ...parts.status });
}

/** A node with 4 CPU, 16 GiB and room for 110 pods, labelled with its hostname; no conditions. */
export function makeNode(
  name: string,
  parts: {
    readonly allocatable?: Amounts;
    readonly labels?: Labels;
    readonly spec?: Partial<Node['spec']>;
    readonly status?: Partial<Node['status']>;
  } = {},
): Node {
  const allocatable = new Map(
    Object.entries({ cpu: 4000, memory: 16 * 1024 * 1024 * 1024, pods: 110, ...parts.allocatable }),
  );
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: newObjectMeta({ name, labels: { 'kubernetes.io/hostname': name, ...parts.labels } }),
    spec: { unschedulable: false, taints: [], podCIDR: '', providerID: '', ...parts.spec },
    status: { capacity: allocatable, allocatable, conditions: [], images: [], declaredFeatures: [], ...parts.status },
  };
}
