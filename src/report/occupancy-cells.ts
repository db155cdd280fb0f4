import type { ChartInput } from './define-chart.ts';
import { compareText, groupBy, numberOf, readTable, textOf } from './read-table.ts';
import { rounded } from './series.ts';
import { secondsOf } from './time-axis.ts';

/** More nodes than this are drawn as averages over neighbours of one zone. */
export const ROWS_MAX = 200;
const COLUMNS_MAX = 120;

/** A rectangle of the heat map: one row, and as long as neither fullness nor readiness changes visibly. */
export interface OccupancyCell {
  readonly row: number;
  readonly t: number;
  u: number;
  /** Mean share of the requested cpu. */
  readonly full: number;
  /** Mean share of time and nodes that were not ready. */
  readonly down: number;
}

/** A zone and the rows it covers, [from, to). */
export interface ZoneBand {
  readonly zone: string;
  readonly from: number;
  readonly to: number;
}

/** The heat map as rows of cells. */
export interface Occupancy {
  readonly cells: readonly OccupancyCell[];
  readonly zones: readonly ZoneBand[];
  /** The name of each row: a node, or how many nodes it stands for. */
  readonly rows: readonly string[];
  readonly nodeCount: number;
}

interface Sample {
  readonly t: number;
  readonly step: number;
  readonly full: number;
  readonly ready: number;
}

interface NodeSeries {
  readonly node: string;
  readonly zone: string;
  readonly samples: readonly Sample[];
}

/** Nodes as rows in order of zone and name, at most 200 rows and 120 columns. */
export function occupancyOf(input: ChartInput): Occupancy {
  const nodes = nodeSeries(input);
  const zones: ZoneBand[] = [];
  const rows: string[] = [];
  const cells: OccupancyCell[] = [];
  const perRow = Math.ceil(nodes.length / ROWS_MAX);
  for (const [zone, members] of groupBy(nodes, (node) => node.zone)) {
    const from = rows.length;
    for (let i = 0; i < members.length; i += perRow) {
      const group = members.slice(i, i + perRow);
      cells.push(...rowCells(group, rows.length, input.horizonUs));
      rows.push(group.length === 1 ? group[0]!.node : `${group[0]!.node} and ${group.length - 1} more`);
    }
    zones.push({ zone, from, to: rows.length });
  }
  return { cells, zones, rows, nodeCount: nodes.length };
}

function nodeSeries(input: ChartInput): NodeSeries[] {
  const columns = ['t_s', 'step_s', 'node', 'zone', 'cpu_requested_ratio_timeavg', 'ready_ratio'] as const;
  const byNode = groupBy(readTable(input.tables, 'node_timeseries', columns), (row) => textOf(row.node));
  const nodes = [...byNode].map(([node, rows]) => ({
    node,
    zone: textOf(rows[0]!.zone),
    samples: rows.map((row) => ({
      t: numberOf(row.t_s),
      step: numberOf(row.step_s),
      full: numberOf(row.cpu_requested_ratio_timeavg),
      ready: numberOf(row.ready_ratio),
    })),
  }));
  return nodes.sort((a, b) => compareText(a.zone, b.zone) || compareNames(a.node, b.node));
}

/** Names with numbers in them in the order people expect: general-a-2 before general-a-10. */
export function compareNames(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? [];
  const right = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = Number(left[i]) - Number(right[i]);
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
    if (Number.isNaN(difference) && left[i] !== right[i]) return compareText(left[i]!, right[i]!);
  }
  return left.length - right.length || compareText(a, b);
}

/** The mean over the nodes of one row, column by column; columns in which none of them exists stay empty. */
function rowCells(nodes: readonly NodeSeries[], row: number, horizonUs: number): OccupancyCell[] {
  const columns = columnsOf(nodes, horizonUs);
  const cells: OccupancyCell[] = [];
  for (const { from, to, weight, full, ready } of columns) {
    if (weight === 0) continue;
    const place = { row, t: secondsOf(from), u: secondsOf(to) };
    // Two digits are more than eyes can tell, and make neighbours equal, so that they merge.
    const cell = { ...place, full: rounded(full / weight, 2), down: rounded(1 - ready / weight, 2) };
    const last = cells.at(-1);
    if (last !== undefined && last.u === cell.t && last.full === cell.full && last.down === cell.down) last.u = cell.u;
    else cells.push(cell);
  }
  return cells;
}

interface ColumnSum {
  readonly from: number;
  readonly to: number;
  weight: number;
  full: number;
  ready: number;
}

function columnsOf(nodes: readonly NodeSeries[], horizonUs: number): ColumnSum[] {
  const step = Math.max(1, ...nodes.map((node) => node.samples[0]?.step ?? 1));
  const width = step * Math.max(1, Math.ceil(horizonUs / step / COLUMNS_MAX));
  const columns = Array.from({ length: Math.ceil(horizonUs / width) }, (_, index): ColumnSum => {
    return { from: index * width, to: Math.min(horizonUs, (index + 1) * width), weight: 0, full: 0, ready: 0 };
  });
  for (const { samples } of nodes) {
    for (const sample of samples) {
      const column = columns[Math.floor(sample.t / width)];
      if (column === undefined) continue;
      column.weight += sample.step;
      column.full += sample.full * sample.step;
      column.ready += sample.ready * sample.step;
    }
  }
  return columns;
}
