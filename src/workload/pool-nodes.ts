/** The nodes of a scenario's node pools, as kubelets and the control plane would long since have made them. */
import type { Node, NodeStatus, ResourceList } from '../api/core-v1.ts';
import { labelsOf, sortedLabels } from '../api/labels.ts';
import type { Condition, Labels } from '../api/meta-v1.ts';
import { newObjectMeta } from '../api/meta-v1.ts';
import { hostnameLabel, regionLabel, withBetaLabels, zoneLabel } from '../api/node-conditions.ts';
import type { NodePool } from './node-pool.ts';

/** Names the pool of a node. */
export const poolLabel = 'orrery.dev/node-pool';

/** Names the rack of a node: `<zone>-<n>`, or the number alone in a pool without zones. */
export const rackLabel = 'topology.kubernetes.io/rack';

/** Upstream `maxPods` of a kubelet. */
const defaultPods = 110;

/**
 * The nodes of all pools, zones in turn: `<pool>-<zone>-<n>`, or `<pool>-<n>` without zones, n from 1 within the zone. They are
 * ready from time 0 and carry no taints but the pool's own.
 */
export function nodesOfPools(pools: readonly NodePool[]): readonly Node[] {
  const sized = pools.map(withPods);
  const rangeSize = podRangeSize(Math.max(0, ...sized.map(({ allocatable }) => allocatable.get('pods')!)));
  const nodes: Node[] = [];
  for (const pool of sized) {
    const status = statusOf(pool);
    for (let at = 0; at < pool.count; at++) nodes.push(nodeOf(pool, at, status, podRange(nodes.length, rangeSize)));
  }
  return nodes;
}

function withPods(pool: NodePool): NodePool {
  const pods = pool.capacity.get('pods') ?? pool.allocatable.get('pods') ?? defaultPods;
  const complete = (list: ResourceList): ResourceList => (list.has('pods') ? list : new Map([...list, ['pods', pods]]));
  return { ...pool, capacity: complete(pool.capacity), allocatable: complete(pool.allocatable) };
}

function nodeOf(pool: NodePool, at: number, status: NodeStatus, podCIDR: string): Node {
  const { name, zones, region } = pool;
  const zone = zones.length === 0 ? '' : zones[at % zones.length]!;
  const inZone = zones.length === 0 ? at : Math.floor(at / zones.length);
  const nodeName = zone === '' ? `${name}-${inZone + 1}` : `${name}-${zone}-${inZone + 1}`;
  const rack = pool.racks === undefined ? '' : rackName(zone, (inZone % pool.racks) + 1);
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: newObjectMeta({ name: nodeName, labels: nodeLabels(pool, nodeName, { zone, region, rack }) }),
    spec: { unschedulable: false, taints: pool.taints, podCIDR, providerID: '' },
    status,
  };
}

function rackName(zone: string, at: number): string {
  return zone === '' ? String(at) : `${zone}-${at}`;
}

/** What the kubelet sets, then the pool's own labels; name, zone and pool are not theirs to change. */
function nodeLabels(
  pool: NodePool,
  nodeName: string,
  { zone, region, rack }: { readonly zone: string; readonly region: string; readonly rack: string },
): Labels {
  const labels = new Map([
    ['kubernetes.io/arch', 'amd64'],
    ['kubernetes.io/os', 'linux'],
    ...sortedLabels(pool.labels),
    [hostnameLabel, nodeName],
    [poolLabel, pool.name],
  ]);
  if (zone !== '') labels.set(zoneLabel, zone);
  if (region !== '') labels.set(regionLabel, region);
  if (rack !== '') labels.set(rackLabel, rack);
  return withBetaLabels(labelsOf(labels));
}

function statusOf({ capacity, allocatable, images }: NodePool): NodeStatus {
  return { capacity, allocatable, conditions: healthyConditions, images, declaredFeatures: [] };
}

/** Conditions of a node that has long been ready: in the kubelet's order, with its reasons and messages. */
export const healthyConditions: readonly Condition[] = [
  condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
  condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
  condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
  condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
];

function condition(type: string, status: 'True' | 'False', reason: string, message: string): Condition {
  return { type, status, lastTransitionTime: 0, reason, message };
}

/** Addresses per node: 256 as upstream (--node-cidr-mask-size 24), doubled until so many pods find room. */
export function podRangeSize(podsMax: number): number {
  let size = 256;
  while (size < podsMax + 2) size *= 2;
  return size;
}

/** The range of the node at a position: slices of <block>.0.0.0 onwards, none twice. Pools have block 10. */
export function podRange(position: number, size: number, block = 10): string {
  const first = block * 16_777_216 + position * size;
  const byte = (shift: number): number => Math.floor(first / shift) % 256;
  const maskBits = 32 - Math.log2(size);
  return `${byte(16_777_216)}.${byte(65_536)}.${byte(256)}.${byte(1)}/${maskBits}`;
}
