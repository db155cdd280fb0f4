/** What a trace that was replayed in order came to, in words. */
import type { Table } from '../record/table.ts';
import { formatNumber } from './format.ts';
import { maybeNumber, numberOf, readTable, textOf } from './read-table.ts';
import type { ReportFigure } from './report-input.ts';

type Tables = ReadonlyMap<string, Table>;

/** The load at which policies are compared, percent of the devices. */
const fullLoad = 100;

/** The answer in a sentence or two. */
export function placementAnswer(tables: Tables): string {
  const offers = readTable(tables, 'placements', ['node']);
  const placed = offers.filter(({ node }) => node !== undefined).length;
  const first = `${formatNumber(placed)} of ${formatNumber(offers.length)} offered pods got a node.`;
  const at = loadRow(tables, fullLoad);
  if (at?.allocated === undefined) return first;
  const fragments = at.fragmented === undefined ? '' : `, ${formatNumber(at.fragmented, 1)} % free and of no use`;
  return `${first} When all GPUs had been asked for, ${formatNumber(at.allocated, 1)} % were given to pods${fragments}.`;
}

/** The figures that matter. */
export function placementFigures(tables: Tables): ReportFigure[] {
  const full = loadRow(tables, fullLoad);
  const last = loadRow(tables, 130);
  const figures: ReportFigure[] = [];
  if (full?.allocated !== undefined) {
    const detail = last?.allocated === undefined ? '' : `at 130 % load ${percent(last.allocated)}`;
    figures.push({ label: 'GPUs allocated at 100 % load', value: percent(full.allocated), detail });
  }
  if (full?.fragmented !== undefined) {
    const detail = `${percent(full.fragmentRatio ?? 0)} of what is free`;
    figures.push({ label: 'GPUs fragmented at 100 % load', value: percent(full.fragmented), detail });
  }
  const failed = readTable(tables, 'failed_pods', ['cpu_milli', 'gpu_count', 'gpu_milli', 'pods']);
  const count = failed.reduce((sum, { pods }) => sum + numberOf(pods), 0);
  const [most] = failed;
  const detail =
    most === undefined
      ? ''
      : `most often ${textOf(most.cpu_milli)} milliCPU, ${textOf(most.gpu_count)} GPU of ${textOf(most.gpu_milli)} thousandths`;
  figures.push({ label: 'pods without a node', value: formatNumber(count), detail });
  return figures;
}

const percent = (value: number): string => `${formatNumber(value, 1)} %`;

interface LoadRow {
  readonly allocated: number | undefined;
  readonly fragmented: number | undefined;
  readonly fragmentRatio: number | undefined;
}

function loadRow(tables: Tables, load: number): LoadRow | undefined {
  const columns = ['load_pct', 'allocated_pct', 'fragmented_pct', 'fragment_ratio_pct'] as const;
  const row = readTable(tables, 'arrived_load', columns).find(({ load_pct }) => load_pct === load);
  if (row === undefined) return undefined;
  return {
    allocated: maybeNumber(row.allocated_pct),
    fragmented: maybeNumber(row.fragmented_pct),
    fragmentRatio: maybeNumber(row.fragment_ratio_pct),
  };
}
