import type { Table } from '../record/table.ts';

/** A piece of a vega-lite specification, as plain JSON. The tests compile every chart, so typos do not pass. */
export interface View {
  readonly [property: string]: unknown;
}

/** What a chart is drawn from. */
export interface ChartInput {
  /** By name; a table that is missing counts as empty. */
  readonly tables: ReadonlyMap<string, Table>;
  /** End of the run, in microseconds of virtual time; the time axis goes from 0 to here. */
  readonly horizonUs: number;
}

/** One chart: a pure function from tables to a vega-lite v6 specification with its data inside. */
export interface Chart {
  /** File name without extension, kebab-case. */
  readonly name: string;
  readonly title: string;
  /** The question the chart answers, in one sentence. */
  readonly question: string;
  /** Names of the tables it reads; without rows in the first of them it is left out. */
  readonly tables: readonly string[];
  /** Whether there is something to draw, when rows in the first table are not enough to tell. */
  readonly applies?: (input: ChartInput) => boolean;
  /** The specification without title and theme; `themedSpec` adds both. */
  readonly spec: (input: ChartInput) => View;
}

/** Names a chart definition, so that the registry test finds it. */
export function defineChart(chart: Chart): Chart {
  return chart;
}

/** Whether the chart has anything to show for this run. */
export function chartApplies(chart: Chart, input: ChartInput): boolean {
  const [first] = chart.tables;
  if (first !== undefined && !hasRows(input.tables.get(first))) return false;
  return chart.applies?.(input) ?? true;
}

function hasRows(table: Table | undefined): boolean {
  if (table === undefined) return false;
  for (const _row of table.rows) return true;
  return false;
}
