/** Whether a node takes a pod that was bound to it (upstream `pkg/kubelet/lifecycle/predicate.go`). */
import type { ContainerPort, Node, PodSpec, ResourceList } from '../api/core-v1.ts';
import { labelValue } from '../api/meta-v1.ts';
import { matchesRequiredNodeAffinity } from '../api/node-selector.ts';
import { isBestEffort } from '../api/pod-qos.ts';
import { findUntoleratedTaint } from '../api/tolerations.ts';
import { criticalPriority } from './defaults.ts';
import type { Pressure } from './node-pressure.ts';
import { pressures } from './node-pressure.ts';

/** Why a pod is refused: reason and message of its Failed status. */
export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

/** What runs on a node already. */
export interface NodeUsage {
  readonly podCount: number;
  /** What the node is short of. */
  readonly pressures: ReadonlySet<Pressure>;
  readonly isShuttingDown: boolean;
  /** Sum of the requests of its pods; undefined = 0. */
  requested(resource: string): number;
  /** Host ports in use. */
  readonly hostPorts: readonly ContainerPort[];
}

/** The first reason to refuse a pod, in upstream's order, or undefined. `requests` are those of the pod as a whole. */
export function admit(
  spec: PodSpec,
  requests: ResourceList,
  node: Node | undefined,
  usage: NodeUsage,
  maxPods: number,
): Rejection | undefined {
  const refusal = refusedBeforehand(spec, requests, usage);
  if (refusal !== undefined) return refusal;
  if (node === undefined) return { reason: 'InvalidNodeInfo', message: 'Kubelet cannot get node info.' };
  if ((spec.osName ?? nodeOs(node)) !== nodeOs(node)) {
    return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" };
  }
  const lack = insufficientResource(requests, node, usage, maxPods);
  if (lack !== undefined) return lack;
  if (!matchesRequiredNodeAffinity(node, spec)) {
    return {
      reason: 'NodeAffinity',
      message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    };
  }
  if (spec.nodeName !== node.metadata.name) {
    return { reason: 'NodeName', message: "Predicate NodeName failed: node(s) didn't match the requested node name" };
  }
  if (hasPortConflict(spec, usage.hostPorts)) {
    return {
      reason: 'NodePorts',
      message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    };
  }
  if (findUntoleratedTaint(node.spec.taints, spec.tolerations, ['NoExecute']) !== undefined) {
    return {
      reason: 'TaintToleration',
      message: "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
    };
  }
  return undefined;
}

function nodeOs({ metadata }: Node): string {
  return labelValue(metadata.labels, 'kubernetes.io/os') ?? 'linux';
}

/** Critical pods are; where only memory is short, so are pods with requests, and those that tolerate its taint (`eviction_manager.go` Admit). */
function isTakenUnderPressure(spec: PodSpec, requests: ResourceList, held: ReadonlySet<Pressure>): boolean {
  if (spec.priority >= criticalPriority) return true;
  if (held.size > 1 || !held.has('MemoryPressure')) return false;
  if (!isBestEffort(spec, requests)) return true;
  return findUntoleratedTaint([memoryPressureTaint], spec.tolerations, ['NoSchedule']) === undefined;
}

const memoryPressureTaint = {
  key: 'node.kubernetes.io/memory-pressure',
  value: '',
  effect: 'NoSchedule',
  timeAdded: undefined,
} as const;

/** What is looked at before the node: pressures, a shutdown, and kernel parameters. */
function refusedBeforehand(spec: PodSpec, requests: ResourceList, usage: NodeUsage): Rejection | undefined {
  if (usage.pressures.size > 0 && !isTakenUnderPressure(spec, requests, usage.pressures)) {
    const held = pressures.filter((each) => usage.pressures.has(each));
    return { reason: 'Evicted', message: `The node had condition: [${held.join(' ')}]. ` };
  }
  if (usage.isShuttingDown) {
    return { reason: 'NodeShutdown', message: 'Pod was rejected as the node is shutting down.' };
  }
  const forbidden = spec.sysctls?.find((name) => !safeSysctls.includes(name));
  if (forbidden === undefined) return undefined;
  return { reason: 'SysctlForbidden', message: `forbidden sysctl: "${forbidden}" not allowlisted` };
}

/** Kernel parameters that any pod may set (upstream `pkg/kubelet/sysctl/safe_sysctls.go`). */
const safeSysctls: readonly string[] = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
];

/** What the node lacks for a pod, by resource; none where it fits. */
export function lackingResources(requests: ResourceList, node: Node, usage: NodeUsage, maxPods: number): ResourceList {
  const { allocatable } = node.status;
  const lacking = new Map<string, number>();
  const note = (name: string, request: number, capacity: number, used: number): void => {
    if (request > 0 && used + request > capacity) lacking.set(name, used + request - capacity);
  };
  note('pods', 1, allocatable.get('pods') ?? maxPods, usage.podCount);
  for (const [name, request] of requests) {
    const capacity = allocatable.get(name);
    if (capacity !== undefined || !name.includes('/')) note(name, request, capacity ?? 0, usage.requested(name));
  }
  return lacking;
}

/** Extended resources that the node does not advertise are not looked at: they may belong to the cluster. */
function insufficientResource(
  requests: ResourceList,
  node: Node,
  usage: NodeUsage,
  maxPods: number,
): Rejection | undefined {
  const { allocatable } = node.status;
  const podCapacity = allocatable.get('pods') ?? maxPods;
  if (usage.podCount + 1 > podCapacity) return outOf('pods', 1, usage.podCount, podCapacity);
  for (const resource of inOrder(requests)) {
    const request = requests.get(resource)!;
    const capacity = allocatable.get(resource);
    if (request === 0 || (capacity === undefined && resource.includes('/'))) continue;
    const used = usage.requested(resource);
    if (used + request > (capacity ?? 0)) return outOf(resource, request, used, capacity ?? 0);
  }
  return undefined;
}

const firstResources = ['cpu', 'memory', 'ephemeral-storage'];

/** As the scheduler's fit: the basic resources, then the others; these by name, since upstream's map has no order. */
function inOrder(requests: ResourceList): readonly string[] {
  const others: string[] = [];
  for (const resource of requests.keys()) if (!firstResources.includes(resource)) others.push(resource);
  if (others.length > 1) others.sort((a, b) => (a < b ? -1 : 1));
  const first = firstResources.filter((resource) => requests.has(resource));
  return others.length === 0 ? first : [...first, ...others];
}

function outOf(resource: string, requested: number, used: number, capacity: number): Rejection {
  return {
    reason: `OutOf${resource}`,
    message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
  };
}

function hasPortConflict(spec: PodSpec, taken: readonly ContainerPort[]): boolean {
  if (taken.length === 0) return false;
  for (const port of hostPortsOf(spec)) for (const other of taken) if (areInConflict(port, other)) return true;
  return false;
}

function areInConflict(a: ContainerPort, b: ContainerPort): boolean {
  if (a.hostPort !== b.hostPort || a.protocol !== b.protocol) return false;
  return isAnyAddress(a.hostIP) || isAnyAddress(b.hostIP) || a.hostIP === b.hostIP;
}

function isAnyAddress(hostIP: string): boolean {
  return hostIP === '' || hostIP === '0.0.0.0';
}

/** The host ports that a pod's containers and sidecars ask for. */
export function hostPortsOf(spec: PodSpec): readonly ContainerPort[] {
  let ports: ContainerPort[] | undefined;
  for (const container of spec.containers) ports = addHostPorts(ports, container.ports);
  for (const container of spec.initContainers) {
    if (container.restartPolicy === 'Always') ports = addHostPorts(ports, container.ports);
  }
  return ports ?? noPorts;
}

function addHostPorts(list: ContainerPort[] | undefined, ports: readonly ContainerPort[]): ContainerPort[] | undefined {
  let all = list;
  for (const port of ports) if (port.hostPort > 0) (all ??= []).push(port);
  return all;
}

const noPorts: readonly ContainerPort[] = [];
