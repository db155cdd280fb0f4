import type { Table } from '../record/table.ts';
import { formatDuration, formatNumber, formatPercent } from './format.ts';
import { compareText, maybeNumber, numberOf, readTable, textOf } from './read-table.ts';
import { placementFigures } from './placement-story.ts';
import type { ReportFigure } from './report-input.ts';
import { quantileOf } from './series.ts';

type Tables = ReadonlyMap<string, Table>;

/** A workload that is meant to be available all the time. */
export interface ServedWorkload {
  readonly name: string;
  /** Share of the run in which it had as many ready pods as it wishes, 0 to 1. */
  readonly availability: number;
  /** Both in microseconds. */
  readonly unavailableUs: number;
  readonly longestOutageUs: number;
}

/** Workloads with an availability, the lowest first. */
export function servedWorkloads(tables: Tables): ServedWorkload[] {
  const columns = ['namespace', 'workload', 'availability_ratio', 'unavailable_s', 'longest_outage_s'] as const;
  return readTable(tables, 'workloads', columns)
    .filter((row) => row.availability_ratio !== undefined)
    .map((row) => ({
      name: `${textOf(row.namespace)}/${textOf(row.workload)}`,
      availability: numberOf(row.availability_ratio),
      unavailableUs: numberOf(row.unavailable_s),
      longestOutageUs: numberOf(row.longest_outage_s),
    }))
    .sort((a, b) => a.availability - b.availability || compareText(a.name, b.name));
}

/** Pods that no node was ever found for, and the last reason of the one that waited longest. */
export interface UnplacedPods {
  readonly count: number;
  readonly message: string;
}

/** See `UnplacedPods`. */
export function unplacedPods(tables: Tables): UnplacedPods {
  const pods = readTable(tables, 'pods', ['uid', 'bound_t_s', 'pending_s']).filter(
    (pod) => pod.bound_t_s === undefined && pod.pending_s !== undefined,
  );
  if (pods.length === 0) return { count: 0, message: '' };
  const longest = pods.reduce((best, pod) => (numberOf(pod.pending_s) > numberOf(best.pending_s) ? pod : best));
  // What no profile of a scheduler is for is not even tried.
  let message = 'no scheduler has tried it; is there one of its schedulerName?';
  for (const attempt of readTable(tables, 'scheduling_attempts', ['uid', 'message'])) {
    if (attempt.uid === longest.uid) message = textOf(attempt.message);
  }
  return { count: pods.length, message };
}

/** The three figures that matter: availability, waiting, and how full the cluster is. */
export function runFigures(tables: Tables): ReportFigure[] {
  if (tables.has('placements')) return placementFigures(tables);
  return [availabilityFigure(tables), pendingFigure(tables), utilisationFigure(tables)].filter(
    (figure) => figure !== undefined,
  );
}

function availabilityFigure(tables: Tables): ReportFigure | undefined {
  const served = servedWorkloads(tables);
  const [lowest, ...others] = served;
  if (lowest === undefined) return undefined;
  const label = 'service availability';
  const value = formatPercent(lowest.availability);
  if (lowest.availability >= 1) return { label, value, detail: `all ${served.length} workloads, all the time` };
  const perfect = others.filter(({ availability }) => availability >= 1).length;
  const rest =
    perfect === others.length
      ? 'all others 100 %'
      : `then ${others[0]!.name} ${formatPercent(others[0]!.availability)}`;
  const short = `${lowest.name}, below its wish for ${formatDuration(lowest.unavailableUs)}`;
  return { label, value, detail: others.length === 0 ? short : `${short}; ${rest}` };
}

function pendingFigure(tables: Tables): ReportFigure | undefined {
  const waits = readTable(tables, 'pods', ['pending_s'])
    .map((pod) => maybeNumber(pod.pending_s))
    .filter((us) => us !== undefined)
    .sort((a, b) => a - b);
  if (waits.length === 0) return undefined;
  const { count } = unplacedPods(tables);
  const unplaced = count === 0 ? '' : `; ${formatNumber(count)} ${count === 1 ? 'pod' : 'pods'} never placed`;
  const longest = formatDuration(waits.at(-1)!);
  return {
    label: 'pending time p99',
    value: formatDuration(quantileOf(waits, 0.99)!),
    detail: `p50 ${formatDuration(quantileOf(waits, 0.5)!)}, longest ${longest}${unplaced}`,
  };
}

function utilisationFigure(tables: Tables): ReportFigure | undefined {
  const names = ['cpu_requested_ratio', 'memory_requested_ratio', 'cpu_stranded_ratio'] as const;
  const [cpu, memory, stranded] = names.map((name) => seriesMean(tables, name));
  if (cpu === undefined) return undefined;
  const parts = [
    ...(memory === undefined ? [] : [`memory ${wholePercent(memory)}`]),
    ...(stranded === undefined ? [] : [`stranded cpu ${wholePercent(stranded)}`]),
  ];
  return { label: 'requested cpu', value: wholePercent(cpu), detail: parts.join(', ') };
}

/** The mean of a series over the run, each step weighted by its length. */
function seriesMean(tables: Tables, metric: string): number | undefined {
  let integral = 0;
  let length = 0;
  for (const row of readTable(tables, 'timeseries', ['metric', 'step_s', 'value_timeavg'])) {
    if (row.metric !== metric) continue;
    integral += numberOf(row.value_timeavg) * numberOf(row.step_s);
    length += numberOf(row.step_s);
  }
  return length === 0 ? undefined : integral / length;
}

const wholePercent = (ratio: number): string => `${formatNumber(100 * ratio, ratio < 0.1 ? 1 : 0)} %`;
