/** The tables of a replay in order. */
import type { Pod } from '../../api/core-v1.ts';
import type { Cell, Row, Table } from '../../record/table.ts';
import type { ClusterFragmentation } from '../../scheduler/devices/cluster-fragmentation.ts';
import type { DeviceAccounts } from '../../scheduler/devices/device-accounts.ts';
import type { DeviceDemand } from '../../scheduler/devices/device-kind.ts';
import type { TypicalPod } from '../../scheduler/devices/typical-pods.ts';
import type { NodeInfo } from '../../scheduler/framework/node-info.ts';
import type { PodNeeds } from '../../scheduler/framework/pod-info.ts';
import { demandCells, demandColumns, fragmentationTable, typicalPodTable } from '../fragmentation-tables.ts';
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
  readonly fragmentation: ClusterFragmentation;
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
    fragmentationTable(input.fragmentation),
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
