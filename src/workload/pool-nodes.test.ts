import { expect, test } from 'vitest';
import { isNodeReady, regionOf, zoneOf } from '../api/node-conditions.ts';
import type { NodePool } from './node-pool.ts';
import { nodesOfPools, poolLabel, rackLabel } from './pool-nodes.ts';

const pool = (parts: Partial<NodePool> = {}): NodePool => ({
  name: 'general',
  count: 5,
  zones: ['a', 'b'],
  region: 'north',
  labels: {},
  taints: [],
  capacity: new Map([['cpu', 16_000]]),
  allocatable: new Map([['cpu', 15_000]]),
  images: [],
  ...parts,
});

test('nodes take the zones in turn and are numbered within their zone', () => {
  const nodes = nodesOfPools([pool()]);
  const names = nodes.map((node) => node.metadata.name);
  expect(names).toEqual(['general-a-1', 'general-b-1', 'general-a-2', 'general-b-2', 'general-a-3']);
  expect(nodes.map(zoneOf)).toEqual(['a', 'b', 'a', 'b', 'a']);
  expect(nodes.map(regionOf)).toEqual(Array.from(nodes, () => 'north'));
});

test('racks of a zone are taken in turn, and named after it', () => {
  const racksOf = (parts: Partial<NodePool>) =>
    nodesOfPools([pool({ racks: 2, ...parts })]).map(({ metadata }) => metadata.labels[rackLabel]);
  // a-1, b-1, a-2, b-2, a-3 in the order of the nodes.
  expect(racksOf({})).toEqual(['a-1', 'b-1', 'a-2', 'b-2', 'a-1']);
  expect(racksOf({ zones: [], count: 3 })).toEqual(['1', '2', '1']);
});

test('without zones nodes are numbered and have no topology labels', () => {
  const [first, second] = nodesOfPools([pool({ zones: [], region: '', count: 2 })]);
  expect(first!.metadata.name).toBe('general-1');
  expect(second!.metadata.labels).toEqual({
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': 'general-2',
    'kubernetes.io/os': 'linux',
    [poolLabel]: 'general',
  });
});

test("the pool's labels may say another architecture but not another name, zone or pool", () => {
  const labels = {
    disk: 'ssd',
    'kubernetes.io/arch': 'arm64',
    'kubernetes.io/hostname': 'x',
    'topology.kubernetes.io/zone': 'x',
    [poolLabel]: 'x',
  };
  const [node] = nodesOfPools([pool({ labels })]);
  expect(node!.metadata.labels).toMatchObject({ disk: 'ssd', 'kubernetes.io/arch': 'arm64' });
  expect(zoneOf(node!)).toBe('a');
  expect(node!.metadata.labels['kubernetes.io/hostname']).toBe('general-a-1');
  expect(node!.metadata.labels[poolLabel]).toBe('general');
});

test('nodes are ready from time 0 and carry the taints of their pool only', () => {
  const taint = { key: 'gpu', value: '', effect: 'NoSchedule', timeAdded: undefined } as const;
  const [node] = nodesOfPools([pool({ taints: [taint] })]);
  expect(isNodeReady(node!)).toBe(true);
  expect(node!.status.conditions.map(({ type, status }) => `${type}=${status}`)).toEqual([
    'MemoryPressure=False',
    'DiskPressure=False',
    'PIDPressure=False',
    'Ready=True',
  ]);
  expect(node!.spec.taints).toEqual([taint]);
});

test('room for 110 pods unless the pool says otherwise', () => {
  const podsOf = (parts: Partial<NodePool>): unknown[] => {
    const { status } = nodesOfPools([pool(parts)])[0]!;
    return [status.capacity.get('pods'), status.allocatable.get('pods'), status.allocatable.get('cpu')];
  };
  expect(podsOf({})).toEqual([110, 110, 15_000]);
  expect(podsOf({ capacity: new Map([['pods', 50]]) })).toEqual([50, 50, 15_000]);
  expect(podsOf({ allocatable: new Map([['pods', 40]]) })).toEqual([40, 40, undefined]);
});

/** First and last address of a range in CIDR notation. */
function spanOf(cidr: string): readonly [number, number] {
  const [address, bits] = cidr.split('/') as [string, string];
  const first = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  return [first, first + 2 ** (32 - Number(bits)) - 1];
}

test('pod ranges are 256 addresses each and never overlap, over all pools', () => {
  const nodes = nodesOfPools([pool({ count: 300 }), pool({ name: 'other', count: 300 })]);
  expect(nodes[0]!.spec.podCIDR).toBe('10.0.0.0/24');
  expect(nodes[257]!.spec.podCIDR).toBe('10.1.1.0/24');
  const spans = nodes.map((node) => spanOf(node.spec.podCIDR));
  for (const [at, [first, last]] of spans.entries()) {
    expect(last - first).toBe(255);
    if (at > 0) expect(first).toBeGreaterThan(spans[at - 1]![1]);
  }
});

test('ranges grow with the pods of the largest node', () => {
  const nodes = nodesOfPools([pool({ count: 2, allocatable: new Map([['pods', 500]]) })]);
  expect(nodes.map((node) => node.spec.podCIDR)).toEqual(['10.0.0.0/23', '10.0.2.0/23']);
});
