/** Figures of a part of a run, out of its tables `timeseries` and `pods`: without the warm-up, or batch by batch. */
import { HOUR } from '../../engine/time.ts';
import { distributionFigures } from '../../metrics/percentiles.ts';

/** One step of the table `timeseries`; times in microseconds. */
export interface SeriesStep {
  readonly start: number;
  readonly length: number;
  /** By the names of the series that are of the whole cluster. */
  readonly values: ReadonlyMap<string, number>;
}

/** One row of the table `pods`; times in microseconds, undefined = never. */
export interface PodSpan {
  readonly ownerKind: string;
  readonly node: string;
  readonly phase: string;
  readonly created: number;
  readonly bound: number | undefined;
  readonly finished: number | undefined;
  readonly deleted: number | undefined;
  /** Undefined for a pod that came with a node. */
  readonly pending: number | undefined;
}

/** What is kept of a run. */
export interface RunTables {
  /** In order of time, without gaps. */
  readonly steps: readonly SeriesStep[];
  readonly pods: readonly PodSpan[];
}

/** A part of a run, microseconds: from the start of a step to the end of one. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Figures that are means of a series over time. */
const seriesFigures: readonly (readonly [figure: string, series: string])[] = [
  ['utilisation.cpu.mean', 'cpu_requested_ratio'],
  ['utilisation.memory.mean', 'memory_requested_ratio'],
  ['stranded.cpu.mean', 'cpu_stranded_ratio'],
  ['stranded.memory.mean', 'memory_stranded_ratio'],
  ['fragmentation.mean', 'fragmentation_ratio'],
];

/**
 * The figures of a span, by the names of the summary: pods count where they were created in it, series over its steps,
 * node-hours within its bounds. A ratio over nodes is the mean of its steps, each weighing as much as it has nodes: that of the
 * run where all nodes are of one size.
 */
export function spanFigures({ steps, pods }: RunTables, span: Span): Map<string, number> {
  const inside = steps.filter(({ start }) => start >= span.from && start < span.to);
  const created = pods.filter((pod) => pod.created >= span.from && pod.created < span.to);
  const count = (isCounted: (pod: PodSpan) => boolean): number => created.filter(isCounted).length;
  const means = seriesFigures.flatMap(([figure, series]): [string, number][] => {
    const mean = meanOver(inside, series);
    return mean === undefined ? [] : [[figure, mean]];
  });
  return new Map([
    ['pods.created', created.length],
    ['pods.succeeded', count(({ phase }) => phase === 'Succeeded')],
    ['pods.failed', count(({ phase }) => phase === 'Failed')],
    ['pods.deleted', count(({ deleted }) => deleted !== undefined)],
    ['pods.never.bound', count(({ node }) => node === '')],
    ...distributionFigures(
      'pending',
      created.map(({ pending }) => pending).filter((us) => us !== undefined),
    ),
    ['node.hours.used', usedNodes(pods, span) / HOUR],
    ...means,
  ]);
}

function meanOver(steps: readonly SeriesStep[], series: string): number | undefined {
  let [sum, weight] = [0, 0];
  for (const { length, values } of steps) {
    const value = values.get(series);
    if (value === undefined) continue;
    const nodes = length * (values.get('nodes') ?? 0);
    sum += value * nodes;
    weight += nodes;
  }
  return weight > 0 ? sum / weight : undefined;
}

/** Time with at least one pod that is neither terminal nor of a DaemonSet, summed over nodes, microseconds. */
function usedNodes(pods: readonly PodSpan[], { from, to }: Span): number {
  const held = pods
    .filter(({ bound, ownerKind }) => bound !== undefined && ownerKind !== 'DaemonSet')
    .map(({ node, bound, finished = Infinity, deleted = Infinity }) => ({
      node,
      start: Math.max(from, bound!),
      end: Math.min(to, finished, deleted),
    }))
    .sort((a, b) => a.start - b.start);
  const until = new Map<string, number>();
  let sum = 0;
  for (const { node, start, end } of held) {
    const fresh = Math.max(start, until.get(node) ?? 0);
    if (end <= fresh) continue;
    sum += end - fresh;
    until.set(node, end);
  }
  return sum;
}
