/** The figures of a run by name: what `summary.csv` holds and what `assert` of a scenario may ask for. */
import type { Row, Table } from '../record/table.ts';
import { assert } from '../util/assert.ts';
import type { Figures } from './metric.ts';
import { column, rowsOf } from './metric.ts';

/** What a figure counts. `seconds`: integer microseconds in `Figures`, seconds in the table. */
export type SummaryUnit =
  'seconds' | 'ratio' | 'pods' | 'attempts' | 'workloads' | 'jobs' | 'faults' | 'restarts' | 'events' | 'hours';

/** One line of the summary. */
export interface SummaryMetric {
  /** Dotted, for example `pending.p99`. */
  readonly name: string;
  readonly unit: SummaryUnit;
  /** One sentence. */
  readonly description: string;
}

const one = (name: string, unit: SummaryUnit, description: string): SummaryMetric => ({ name, unit, description });

const shares: readonly (readonly [suffix: string, words: string])[] = [
  ['p50', 'Median'],
  ['p90', '90th percentile'],
  ['p99', '99th percentile'],
  ['max', 'Maximum'],
  ['mean', 'Mean'],
];

/** Percentiles are nearest rank: the smallest value that is not exceeded by at least that share of the values. */
const distribution = (name: string, of: string): readonly SummaryMetric[] =>
  shares.map(([suffix, words]) => one(`${name}.${suffix}`, 'seconds', `${words} ${of}`));

const range = (name: string, of: string): readonly SummaryMetric[] =>
  ['min', 'max', 'mean'].map((suffix) => one(`${name}.${suffix}`, 'seconds', `${wordOf(suffix)} over faults of ${of}`));

const wordOf = (suffix: string): string => (suffix === 'min' ? 'Minimum' : suffix === 'max' ? 'Maximum' : 'Mean');

/** In the order of the table. A figure that does not exist in a run (no pod waited, no fault was detected) is left out. */
export const summaryMetrics: readonly SummaryMetric[] = [
  one('pods.created', 'pods', 'Pods that were ever stored.'),
  one('pods.succeeded', 'pods', 'Of these, those whose last phase is Succeeded, removed ones included.'),
  one('pods.failed', 'pods', 'Of these, those whose last phase is Failed, removed ones included.'),
  one('pods.deleted', 'pods', 'Of these, those that were removed from the API server.'),
  one('pods.running.end', 'pods', 'Pods in phase Running at the end.'),
  one('pods.pending.end', 'pods', 'Pods in phase Pending at the end.'),
  one('pods.never.bound', 'pods', 'Pods that were never bound to a node.'),
  ...distribution(
    'pending',
    'over pods of the time from creation to binding; for pods that were never bound, the time they waited.',
  ),
  ...distribution('submit.to.running', 'over pods of the time from submission to the start of its containers.'),
  ...distribution('submit.to.ready', 'over pods of the time from submission to readiness.'),
  one('scheduling.attempts', 'attempts', 'Scheduling attempts.'),
  one('scheduling.scheduled', 'attempts', 'Scheduling attempts that found a node.'),
  one('scheduling.unschedulable', 'attempts', 'Scheduling attempts that found none.'),
  one('scheduling.error', 'attempts', 'Scheduling attempts that ended with an error.'),
  one('preemption.attempts', 'attempts', 'Times that a scheduler tried to make room for a pod.'),
  one('preemption.victims', 'pods', 'Pods that were chosen to make room.'),
  one('node.ready.ratio', 'ratio', 'Time-weighted mean share of the nodes with condition Ready True.'),
  one(
    'node.hours.used',
    'hours',
    'Node-hours with at least one bound pod that is not terminal: what a cluster has to pay for.',
  ),
  one('utilisation.cpu.mean', 'ratio', 'Time-weighted mean of requested by allocatable cpu.'),
  one('utilisation.memory.mean', 'ratio', 'Time-weighted mean of requested by allocatable memory.'),
  one('stranded.cpu.mean', 'ratio', 'Time-weighted mean of stranded by allocatable cpu.'),
  one('stranded.memory.mean', 'ratio', 'Time-weighted mean of stranded by allocatable memory.'),
  one('fragmentation.mean', 'ratio', 'Time-weighted mean of free cpu that pods do not fit on by allocatable cpu.'),
  one(
    'availability.min',
    'ratio',
    'Availability of the worst Deployment or ReplicaSet: share of time with all pods ready.',
  ),
  one('availability.mean', 'ratio', 'Mean of the availability over Deployments and ReplicaSets.'),
  one('outage.max', 'seconds', 'Longest time that a Deployment or ReplicaSet had fewer ready pods than desired.'),
  ...distribution('pods.unavailable', 'over missing ready pods of workloads of the time until each was back.'),
  one(
    'workloads.below.desired',
    'workloads',
    'Deployments and ReplicaSets with fewer ready pods than desired at the end.',
  ),
  one('jobs.completed', 'jobs', 'Jobs that reached condition Complete.'),
  one('jobs.failed', 'jobs', 'Jobs that reached condition Failed.'),
  one('faults.count', 'faults', 'Occurrences of faults.'),
  ...range('faults.detected', 'the time until the first node was Ready Unknown or False.'),
  ...range('faults.tainted', 'the time until the first node had a NoExecute taint.'),
  ...range('faults.evicted', 'the time until the last pod of the lost nodes was deleted.'),
  ...range('faults.recovered', 'the time until workloads had their ready pods back, of the faults that recovered.'),
  one('faults.unrecovered', 'faults', 'Faults of nodes whose workloads had not recovered at the end.'),
  one('faults.pods.lost', 'pods', 'Pods that were deleted or failed because of faults.'),
  one('restarts.total', 'restarts', 'Restarts of containers.'),
  one('restarts.max', 'restarts', 'Most restarts of containers of one pod.'),
  one('events.warnings', 'events', 'Kubernetes Events of type Warning.'),
];

/** The table `summary`. All figures must be listed in `summaryMetrics`. */
export function summaryTable(figures: Figures): Table {
  const known = new Set(summaryMetrics.map(({ name }) => name));
  for (const name of figures.keys()) assert(known.has(name), `figure ${name} is not in summaryMetrics`);
  const present = summaryMetrics.filter(({ name }) => figures.has(name));
  return {
    name: 'summary',
    description: 'The figures of the run. A figure that does not exist in this run has no row.',
    columns,
    rows: rowsOf(present.length, (index) => rowOf(present[index]!, figures)),
  };
}

function rowOf({ name, unit }: SummaryMetric, figures: Figures): Row {
  const figure = figures.get(name)!;
  return unit === 'seconds' ? [name, figure / 1_000_000, 's'] : [name, figure, unit];
}

const columns = [
  column('metric', 'string', 'Name of the figure, as in `assert` of a scenario.'),
  column('value', 'number', 'The figure.'),
  column('unit', 'string', 's = seconds, ratio = from 0 to 1, else what is counted.'),
];
