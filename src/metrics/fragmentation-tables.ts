/** What is free of the devices of a cluster by what typical pods make of it: the same tables for replays in order and simulations. */
import type { Cell, Column, Table } from '../record/table.ts';
import type { DeviceDemand } from '../scheduler/devices/device-kind.ts';
import type { ClusterFragmentation } from '../scheduler/devices/cluster-fragmentation.ts';
import { fragmentClasses } from '../scheduler/devices/fragmentation.ts';
import type { TypicalPod } from '../scheduler/devices/typical-pods.ts';
import { column, textCell } from './metric.ts';

/** What a pod asks for; see `demandCells`. */
export const demandColumns: readonly Column[] = [
  column('cpu_milli', 'integer', 'Requested cpu, milliCPU'),
  column('gpu_count', 'integer', 'GPUs that it asks for'),
  column('gpu_milli', 'integer', 'Thousandths of each'),
  column('gpu_models', 'string', 'Models that it may get; missing = any'),
];

/** Cells of `demandColumns`. */
export function demandCells(milliCpu: number, demand: DeviceDemand | undefined): Cell[] {
  if (demand === undefined) return [milliCpu, 0, 0, undefined];
  return [milliCpu, demand.count, demand.milli, textCell(demand.models.join('|'))];
}

/** A class of (node, typical pod) in words. */
export const classWords: Readonly<Record<(typeof fragmentClasses)[number], string>> = {
  q1: 'lacks cpu and GPUs',
  q2: 'lacks GPUs, or GPUs beside those that suffice are too small',
  q3: 'can be used',
  q4: 'lacks cpu',
  xL: 'pod without GPUs, cpu suffices',
  xR: 'pod without GPUs, cpu lacks too',
  NA: 'model not allowed',
};

/** The table `fragmentation`: the cluster as it is at the end. */
export function fragmentationTable({ millionths }: ClusterFragmentation): Table {
  return {
    name: 'fragmentation',
    description: 'What is free at the end, by what a typical pod makes of it; all classes but q3 are fragments.',
    columns: [
      column('class', 'string', 'Class of node and typical pod'),
      column('meaning', 'string', 'In words'),
      column('gpu_milli', 'integer', 'Free thousandths of GPUs in this class, in expectation over the typical pods'),
    ],
    rows: fragmentClasses.map((name, at) => [name, classWords[name], Math.round(millionths[at]! / 1000)]),
  };
}

/** The table `typical_pods`. */
export function typicalPodTable(typical: readonly TypicalPod[]): Table {
  return {
    name: 'typical_pods',
    description:
      'The most frequent classes of the workload that make up 95 % of its pods: fragmentation is measured by them.',
    columns: [...demandColumns, column('share', 'number', 'Share of the typical pods')],
    rows: typical.map(({ milliCpu, devices, share }) => [...demandCells(milliCpu, devices), share]),
  };
}
