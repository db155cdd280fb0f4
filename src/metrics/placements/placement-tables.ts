/** The tables of a replay in order. */
import type { Pod } from '../../api/core-v1.ts';
import type { Cell, Column, Row, Table } from '../../record/table.ts';
import type { DeviceAccounts } from '../../scheduler/devices/device-accounts.ts';
import type { DeviceDemand } from '../../scheduler/devices/device-kind.ts';
import type { DeviceFragmentation } from '../../scheduler/devices/fragmentation.ts';
import { fragmentClasses } from '../../scheduler/devices/fragmentation.ts';
import type { TypicalPod } from '../../scheduler/devices/typical-pods.ts';
import type { NodeInfo } from '../../scheduler/framework/node-info.ts';
import type { PodNeeds } from '../../scheduler/framework/pod-info.ts';
import { column, rowsOf, textCell } from '../metric.ts';
import { summaryTable } from '../summary-metrics.ts';
import type { LoadPoint } from './load-curve.ts';

/** What became of one offer. */
export interface PlacementRecord {
  readonly pod: Pod;
  readonly needs: PodNeeds;
  readonly demand: DeviceDemand | undefined;
  /** Undefined = no node was feasible. */
  readonly node: NodeInfo | undefined;
  readonly devices: readonly number[];
  readonly score: number;
  readonly ties: number;
  readonly feasibleNodes: number;
}

/** What the tables are made of. */
export interface PlacementTablesInput {
  readonly records: readonly PlacementRecord[];
  readonly points: readonly LoadPoint[];
  /** As they are at the end. */
  readonly nodes: readonly NodeInfo[];
  readonly accounts: DeviceAccounts;
  readonly typical: readonly TypicalPod[];
  readonly fragmentation: DeviceFragmentation;
  readonly figures: ReadonlyMap<string, number>;
}

/** Loads at which figures of the curve stand in the summary, percent. */
export const figureLoads = [80, 90, 95, 100, 110, 120, 130] as const;

/** The figures behind the summary. */
export function placementFigures(
  records: readonly PlacementRecord[],
  points: readonly LoadPoint[],
): ReadonlyMap<string, number> {
  const placed = records.filter(({ node }) => node !== undefined).length;
  const figures = new Map([
    ['offers.count', records.length],
    ['offers.placed', placed],
    ['offers.failed', records.length - placed],
  ]);
  for (const load of figureLoads) {
    const { allocated, fragmented } = points[load]!;
    if (allocated !== undefined) figures.set(`devices.allocated.at.${load}`, allocated / 100);
    if (fragmented !== undefined) figures.set(`devices.fragmented.at.${load}`, fragmented / 100);
  }
  return figures;
}

/** All tables, `summary` first. */
export function placementTables(input: PlacementTablesInput): readonly Table[] {
  return [
    summaryTable(input.figures),
    arrivedLoad(input.points),
    failedPods(input.records),
    placements(input.records),
    nodeDevices(input),
    fragments(input),
    typicalPodTable(input.typical),
  ];
}

function arrivedLoad(points: readonly LoadPoint[]): Table {
  return {
    name: 'arrived_load',
    description:
      'How full and how fragmented the cluster is by how much has been offered to it: means over the offers at which the load rounds to the row.',
    columns: [
      column('load_pct', 'integer', 'What all offers so far ask for, failed ones included, in % of the devices'),
      column('allocated_pct', 'number', 'Devices given to pods, in % of all'),
      column('fragmented_pct', 'number', 'Free devices that typical pods cannot use, in % of all'),
      column('fragment_ratio_pct', 'number', 'The same, in % of what is free'),
    ],
    rows: points.map(({ load, allocated, fragmented, fragmentRatio }) => [load, allocated, fragmented, fragmentRatio]),
  };
}

const demandColumns: readonly Column[] = [
  column('cpu_milli', 'integer', 'Requested cpu, milliCPU'),
  column('gpu_count', 'integer', 'GPUs that it asks for'),
  column('gpu_milli', 'integer', 'Thousandths of each'),
  column('gpu_models', 'string', 'Models that it may get; missing = any'),
];

function demandCells(milliCpu: number, demand: DeviceDemand | undefined): Cell[] {
  if (demand === undefined) return [milliCpu, 0, 0, undefined];
  return [milliCpu, demand.count, demand.milli, textCell(demand.models.join('|'))];
}

function failedPods(records: readonly PlacementRecord[]): Table {
  const classes = new Map<string, { readonly cells: readonly Cell[]; pods: number }>();
  for (const { node, needs, demand } of records) {
    if (node !== undefined) continue;
    const cells = demandCells(needs.milliCpu, demand);
    const key = cells.join(' ');
    const known = classes.get(key);
    if (known === undefined) classes.set(key, { cells, pods: 1 });
    else known.pods++;
  }
  const sorted = [...classes].sort(([a, x], [b, y]) => y.pods - x.pods || (a < b ? -1 : 1));
  return {
    name: 'failed_pods',
    description: 'Pods for which no node was feasible, by what they ask for; the most frequent first.',
    columns: [...demandColumns, column('pods', 'integer', 'Pods of this class that failed')],
    rows: sorted.map(([, { cells, pods }]) => [...cells, pods]),
  };
}

function placements(records: readonly PlacementRecord[]): Table {
  return {
    name: 'placements',
    description: 'Every offer in its order, with the node and the GPUs that the pod got.',
    columns: [
      column('offer', 'integer', 'Number of the offer, from 0'),
      column('pod', 'string', 'Name; copies end in -tuned-<number>'),
      ...demandColumns,
      column('node', 'string', 'Node that it got; missing = none was feasible'),
      column('gpus', 'string', 'Numbers of its GPUs on the node, such as 0-1'),
      column('feasible_nodes', 'integer', 'Nodes that could have taken it'),
      column('score', 'integer', 'Score of the node; 0 where it was the only one'),
      column('ties', 'integer', 'Nodes with this score'),
    ],
    rows: rowsOf(records.length, (index) => placementRow(index, records[index]!)),
  };
}

function placementRow(index: number, record: PlacementRecord): Row {
  const { pod, needs, demand, node, devices, feasibleNodes, score, ties } = record;
  const demanded = demandCells(needs.milliCpu, demand);
  return [index, pod.metadata.name, ...demanded, node?.name, textCell(devices.join('-')), feasibleNodes, score, ties];
}

function nodeDevices({ nodes, accounts }: PlacementTablesInput): Table {
  return {
    name: 'node_devices',
    description: 'The nodes as they are after the last offer.',
    columns: [
      column('node', 'string', 'Name'),
      column('gpu_model', 'string', 'Model of its GPUs'),
      column('gpus', 'integer', 'Its GPUs'),
      column('gpu_free_milli', 'string', 'Free thousandths of each GPU, in their order, such as 0-540'),
      column('cpu_milli', 'integer', 'Allocatable cpu, milliCPU'),
      column('cpu_free_milli', 'integer', 'Of this not requested'),
      column('pods', 'integer', 'Pods on the node'),
    ],
    rows: rowsOf(nodes.length, (index) => {
      const node = nodes[index]!;
      const { model, free } = accounts.of(node);
      const { allocatableMilliCpu, requestedMilliCpu, podCount } = node;
      const freeCpu = allocatableMilliCpu - requestedMilliCpu;
      return [
        node.name,
        textCell(model),
        free.length,
        textCell(free.join('-')),
        allocatableMilliCpu,
        freeCpu,
        podCount,
      ];
    }),
  };
}

const classWords: Readonly<Record<(typeof fragmentClasses)[number], string>> = {
  q1: 'lacks cpu and GPUs',
  q2: 'lacks GPUs, or GPUs beside those that suffice are too small',
  q3: 'can be used',
  q4: 'lacks cpu',
  xL: 'pod without GPUs, cpu suffices',
  xR: 'pod without GPUs, cpu lacks too',
  NA: 'model not allowed',
};

function fragments({ nodes, accounts, fragmentation }: PlacementTablesInput): Table {
  const sums = new Float64Array(fragmentClasses.length);
  for (const node of nodes) {
    const { model, free } = accounts.of(node);
    fragmentation.of(node.allocatableMilliCpu - node.requestedMilliCpu, model, free);
    for (let at = 0; at < sums.length; at++) sums[at]! += fragmentation.parts[at]!;
  }
  return {
    name: 'fragmentation',
    description:
      'What is free after the last offer, by what a typical pod makes of it; all classes but q3 are fragments.',
    columns: [
      column('class', 'string', 'Class of node and typical pod'),
      column('meaning', 'string', 'In words'),
      column('gpu_milli', 'integer', 'Free thousandths of GPUs in this class, in expectation over the typical pods'),
    ],
    rows: fragmentClasses.map((name, at) => [name, classWords[name], Math.round(sums[at]!)]),
  };
}

function typicalPodTable(typical: readonly TypicalPod[]): Table {
  return {
    name: 'typical_pods',
    description:
      'The most frequent classes of the workload that make up 95 % of its pods: fragmentation is measured by them.',
    columns: [...demandColumns, column('share', 'number', 'Share of the typical pods')],
    rows: typical.map(({ milliCpu, devices, share }) => [...demandCells(milliCpu, devices), share]),
  };
}
