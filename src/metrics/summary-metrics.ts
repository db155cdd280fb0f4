/** The figures of a run by name: what `summary.csv` holds and what `assert` of a scenario may ask for. */
import type { Row, Table } from '../record/table.ts';
import { assert } from '../util/assert.ts';
import type { Figures } from './metric.ts';
import { column, rowsOf } from './metric.ts';

/** What a figure counts. `seconds`: integer microseconds in `Figures`, seconds in the table. */
export type SummaryUnit =
  | 'seconds'
  | 'hours'
  | 'ratio'
  | 'pods'
  | 'attempts'
  | 'workloads'
  | 'jobs'
  | 'faults'
  | 'restarts'
  | 'events'
  | 'zones';

/** What a comparison says about a metric: which way is good, and how people say so. */
export interface Judgement {
  /** In prose: "pending time p99". */
  readonly noun: string;
  /** Undefined = neither. */
  readonly better: 'less' | 'more' | undefined;
  /** Of something with less of it, and with more: "cheaper", "dearer". */
  readonly words: readonly [less: string, more: string];
  /** The same as parts of a sentence that begins with a name: `{}` is the amount, "needs {} fewer node-hours". */
  readonly phrases: readonly [less: string, more: string];
  /** Compared where nobody says what to compare. */
  readonly isHeadline: boolean;
}

/** One line of the summary. */
export interface SummaryMetric {
  /** Dotted, for example `pending.p99`. */
  readonly name: string;
  readonly unit: SummaryUnit;
  /** One sentence. */
  readonly description: string;
  readonly judgement: Judgement;
}

const one = (name: string, unit: SummaryUnit, description: string, judged: Partial<Judgement> = {}): SummaryMetric => ({
  name,
  unit,
  description,
  judgement: judgementOf(name, judged),
});

function judgementOf(name: string, judged: Partial<Judgement>): Judgement {
  const { noun = name.replaceAll('.', ' '), better, isHeadline = false } = judged;
  const words = { less: ['better', 'worse'], more: ['worse', 'better'], neither: ['lower', 'higher'] } as const;
  return {
    noun,
    better,
    words: judged.words ?? words[better ?? 'neither'],
    phrases: judged.phrases ?? [`has {} less ${noun}`, `has {} more ${noun}`],
    isHeadline,
  };
}

const less: Partial<Judgement> = { better: 'less' };
const more: Partial<Judgement> = { better: 'more' };
const headline: Partial<Judgement> = { isHeadline: true };

/** Of a time: shorter is better. */
const sooner = (noun: string, verb: string, note: string): Partial<Judgement> => ({
  ...less,
  noun,
  words: ['faster', 'slower'],
  phrases: [`${verb} {} sooner${note}`, `${verb} {} later${note}`],
});

const shares: readonly (readonly [suffix: string, words: string])[] = [
  ['p50', 'Median'],
  ['p90', '90th percentile'],
  ['p99', '99th percentile'],
  ['max', 'Maximum'],
  ['mean', 'Mean'],
];

/** Percentiles are nearest rank: the smallest value that is not exceeded by at least that share of the values. */
const distribution = (
  name: string,
  of: string,
  judged: (suffix: string) => Partial<Judgement> = () => less,
): readonly SummaryMetric[] =>
  shares.map(([suffix, words]) => one(`${name}.${suffix}`, 'seconds', `${words} ${of}`, judged(suffix)));

const range = (name: string, of: string): readonly SummaryMetric[] =>
  ['min', 'max', 'mean'].map((suffix) =>
    one(`${name}.${suffix}`, 'seconds', `${wordOf(suffix)} over faults of ${of}`, less),
  );

const wordOf = (suffix: string): string => (suffix === 'min' ? 'Minimum' : suffix === 'max' ? 'Maximum' : 'Mean');

/** Of a replay in order, when so many percent of the devices have been asked for; the bars of the published study are at 100 %. */
const atLoad = (load: number): readonly SummaryMetric[] => [
  one(`devices.allocated.at.${load}`, 'ratio', `Devices given to pods by all, when ${load} % have been asked for.`, {
    ...more,
    isHeadline: load === 100,
    noun: `devices given to pods at ${load} % load`,
    phrases: [
      `gives pods {} less of the devices at ${load} % load`,
      `gives pods {} more of the devices at ${load} % load`,
    ],
  }),
  one(`devices.fragmented.at.${load}`, 'ratio', `Free devices that typical pods cannot use by all, at ${load} %.`, {
    ...less,
    isHeadline: load === 100,
    noun: `fragmented devices at ${load} % load`,
    phrases: [
      `leaves {} less of the devices fragmented at ${load} % load`,
      `leaves {} more of the devices fragmented at ${load} % load`,
    ],
  }),
];

/** In the order of the table. A figure that does not exist in a run (no pod waited, no fault was detected) is left out. */
export const summaryMetrics: readonly SummaryMetric[] = [
  one('pods.created', 'pods', 'Pods that were ever stored.'),
  one('pods.succeeded', 'pods', 'Of these, those whose last phase is Succeeded, removed ones included.'),
  one('pods.failed', 'pods', 'Of these, those whose last phase is Failed, removed ones included.', less),
  one('pods.deleted', 'pods', 'Of these, those that were removed from the API server.'),
  one('pods.running.end', 'pods', 'Pods in phase Running at the end.'),
  one('pods.pending.end', 'pods', 'Pods in phase Pending at the end.', less),
  one('pods.never.bound', 'pods', 'Pods that were never bound to a node.', { ...less, noun: 'pods that never fitted' }),
  ...distribution(
    'pending',
    'over pods of the time from creation to binding; for pods that were never bound, the time they waited.',
    (suffix) => ({
      ...sooner(`pending time ${suffix}`, 'binds pods', ` (${suffix})`),
      isHeadline: suffix === 'p50' || suffix === 'p99',
    }),
  ),
  ...distribution(
    'submit.to.running',
    'over pods of the time from submission to the start of its containers.',
    (suffix) => sooner(`time to running ${suffix}`, 'starts pods', ` (${suffix})`),
  ),
  ...distribution('submit.to.ready', 'over pods of the time from submission to readiness.', (suffix) =>
    sooner(`time to ready ${suffix}`, 'has pods ready', ` (${suffix})`),
  ),
  one('scheduling.attempts', 'attempts', 'Scheduling attempts.'),
  one('scheduling.scheduled', 'attempts', 'Scheduling attempts that found a node.'),
  one('scheduling.unschedulable', 'attempts', 'Scheduling attempts that found none.'),
  one('scheduling.error', 'attempts', 'Scheduling attempts that ended with an error.'),
  one('preemption.attempts', 'attempts', 'Times that a scheduler tried to make room for a pod.'),
  one('preemption.victims', 'pods', 'Pods that were chosen to make room.', less),
  one(
    'node.hours.used',
    'hours',
    'Time that nodes had at least one pod that was neither terminal nor of a DaemonSet, summed over nodes: what a cluster that ' +
      'fits exactly would cost.',
    {
      ...less,
      ...headline,
      noun: 'node-hours',
      words: ['cheaper', 'dearer'],
      phrases: ['needs {} fewer node-hours', 'needs {} more node-hours'],
    },
  ),
  one('node.ready.ratio', 'ratio', 'Time-weighted mean share of the nodes with condition Ready True.'),
  one('utilisation.cpu.mean', 'ratio', 'Time-weighted mean of requested by allocatable cpu.', {
    noun: 'cpu utilisation',
  }),
  one('utilisation.memory.mean', 'ratio', 'Time-weighted mean of requested by allocatable memory.', {
    noun: 'memory utilisation',
  }),
  one('stranded.cpu.mean', 'ratio', 'Time-weighted mean of stranded by allocatable cpu.', {
    ...less,
    noun: 'stranded cpu',
  }),
  one('stranded.memory.mean', 'ratio', 'Time-weighted mean of stranded by allocatable memory.', {
    ...less,
    noun: 'stranded memory',
  }),
  one('fragmentation.mean', 'ratio', 'Time-weighted mean of free cpu that pods do not fit on by allocatable cpu.', {
    ...less,
    ...headline,
    noun: 'fragmentation',
  }),
  one('devices.allocated.mean', 'ratio', 'Time-weighted mean of the GPUs given to pods by all GPUs.', {
    ...more,
    noun: 'GPUs given to pods',
  }),
  one(
    'devices.fragmented.mean',
    'ratio',
    'Time-weighted mean of the free GPUs that typical pods cannot use by all GPUs.',
    {
      ...less,
      ...headline,
      noun: 'fragmented GPUs',
    },
  ),
  one('devices.fragmented.end', 'ratio', 'The same at the end of the run.', {
    ...less,
    noun: 'fragmented GPUs at the end',
  }),
  one(
    'availability.min',
    'ratio',
    'Availability of the worst workload that is no Job: share of time with all pods ready.',
    more,
  ),
  one('availability.mean', 'ratio', 'Mean of the availability over workloads that are no Jobs.', more),
  one(
    'unavailability.mean',
    'ratio',
    'Share of time with fewer ready pods than desired, mean over workloads that are no Jobs.',
    {
      ...less,
      ...headline,
      noun: 'unavailability',
      phrases: [
        'leaves services short of pods {} less of the time',
        'leaves services short of pods {} more of the time',
      ],
    },
  ),
  one('outage.max', 'seconds', 'Longest time that a workload that is no Job had fewer ready pods than desired.', less),
  ...distribution('pods.unavailable', 'over missing ready pods of workloads of the time until each was back.'),
  one(
    'workloads.below.desired',
    'workloads',
    'Workloads that are no Jobs with fewer ready pods than desired at the end.',
    less,
  ),
  one('jobs.completed', 'jobs', 'Jobs that reached condition Complete.', more),
  one('jobs.failed', 'jobs', 'Jobs that reached condition Failed.', less),
  one('faults.count', 'faults', 'Occurrences of faults.'),
  ...range(
    'faults.detected',
    'the time until the first node was Ready Unknown or False, or a killed container was reported.',
  ),
  ...range('faults.tainted', 'the time until the first node had a NoExecute taint.'),
  ...range('faults.evicted', 'the time until the last pod of the lost nodes was deleted.'),
  ...range('faults.recreated', 'the time until the last pod was made for one that was lost.'),
  ...range('faults.recovered', 'the time until workloads had their ready pods back, of the faults that recovered.'),
  one('faults.unrecovered', 'faults', 'Faults whose workloads had not recovered at the end.', less),
  one('faults.pods.lost', 'pods', 'Pods that were deleted or failed because of faults.', less),
  one(
    'faults.pods.lost.mean',
    'pods',
    'Mean over faults of nodes of the pods that were deleted or failed because of it.',
    {
      ...less,
      ...headline,
      noun: 'pods lost per fault',
      phrases: ['loses {} fewer pods per fault', 'loses {} more pods per fault'],
    },
  ),
  one(
    'pods.disrupted',
    'pods',
    'Pods that were deleted or failed before they had done their work, for whatever reason.',
    less,
  ),
  one('pods.evicted', 'pods', 'Of these, evicted: by a taint, by node pressure, or by the eviction API.', less),
  one('pods.stray', 'pods', 'Pods that were given up while their containers ran on, on nodes without contact.', less),
  one('pods.double.running', 'pods', 'Of these, those that ran beside their replacement.', less),
  one('double.running.max', 'seconds', 'Longest time that a pod ran beside its replacement.', less),
  one('rollouts.count', 'workloads', 'Changes of the template of a Deployment.'),
  one('rollouts.complete', 'workloads', 'Of these, those that came to their end.'),
  ...['min', 'max', 'mean'].map((suffix) =>
    one(`rollouts.duration.${suffix}`, 'seconds', `${wordOf(suffix)} over complete rollouts of their duration.`),
  ),
  one('zones.disrupted', 'zones', 'Times that the node lifecycle controller found a zone partly or fully disrupted.'),
  one('restarts.total', 'restarts', 'Restarts of containers.', less),
  one('restarts.max', 'restarts', 'Most restarts of containers of one pod.'),
  one('offers.count', 'pods', 'Pods that a replay in order has offered.'),
  one('offers.placed', 'pods', 'Of these, those that got a node.', {
    ...more,
    noun: 'pods that found a node',
    phrases: ['finds a node for {} fewer pods', 'finds a node for {} more pods'],
  }),
  one('offers.failed', 'pods', 'Of these, those for which no node was feasible.', {
    ...less,
    ...headline,
    noun: 'pods that found no node',
    phrases: ['finds no node for {} fewer pods', 'finds no node for {} more pods'],
  }),
  ...[80, 90, 95, 100, 110, 120, 130].flatMap(atLoad),
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
