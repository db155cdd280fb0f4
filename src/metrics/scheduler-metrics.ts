/** kube-scheduler's own metrics (`ps/metrics/metrics.go`), under its names, with its labels and buckets. */
import { SECOND } from '../engine/time.ts';
import type { SchedulingAttempt } from '../record/facts.ts';
import type { Row, Table } from '../record/table.ts';
import { Histogram, exponentialBounds } from './histogram.ts';
import type { Metric, MetricDefinition, RunDescription, SchedulerCounters } from './metric.ts';
import { column, textCell } from './metric.ts';

/** Bounds, and how many units of what is observed make one of theirs. */
interface Buckets {
  readonly bounds: readonly number[];
  readonly scale: number;
}

/** Observed in microseconds. */
const attemptDurations: Buckets = { bounds: exponentialBounds(0.001, 2, 15), scale: SECOND };
const sliDurations: Buckets = { bounds: exponentialBounds(0.01, 2, 20), scale: SECOND };
const attemptNumbers: Buckets = { bounds: exponentialBounds(1, 2, 5), scale: 1 };
/** From here on attempts share one label. */
const attemptsMax = 15;

class SchedulerMetrics implements Metric {
  private readonly run: RunDescription;
  private readonly attemptsTotal = new Map<string, number>();
  private readonly histograms = new Map<string, { name: string; labels: string; histogram: Histogram }>();
  private counters: SchedulerCounters | undefined;

  constructor(run: RunDescription) {
    this.run = run;
  }

  schedulingAttempt(attempt: SchedulingAttempt): void {
    const now = this.run.engineNow();
    const { profile, result, startedAt, durationUs } = attempt;
    const labels = joined(label('profile', profile), label('result', result));
    this.count(labels);
    this.observe('scheduling_attempt_duration_seconds', labels, attemptDurations, now - startedAt);
    this.observe('scheduling_algorithm_duration_seconds', '', attemptDurations, durationUs);
    if (result !== 'scheduled') return;
    const number = attempt.attempt >= attemptsMax ? `${attemptsMax}+` : String(attempt.attempt);
    const waited = now - attempt.initialAttemptAt;
    this.observe('pod_scheduling_sli_duration_seconds', label('attempts', number), sliDurations, waited);
    this.observe('pod_scheduling_attempts', '', attemptNumbers, attempt.attempt);
  }

  finish(): void {
    this.counters = this.run.schedulerCounters?.();
  }

  tables(): readonly Table[] {
    return [
      {
        name: 'scheduler_metrics',
        description: "kube-scheduler's own metrics at the end of the run, a sample a row as at its endpoint /metrics.",
        columns,
        rows: this.rows(),
      },
    ];
  }

  private count(labels: string): void {
    this.attemptsTotal.set(labels, (this.attemptsTotal.get(labels) ?? 0) + 1);
  }

  private observe(name: string, labels: string, { bounds, scale }: Buckets, value: number): void {
    const key = `${name} ${labels}`;
    let entry = this.histograms.get(key);
    if (entry === undefined) {
      entry = { name, labels, histogram: new Histogram(bounds, scale) };
      this.histograms.set(key, entry);
    }
    entry.histogram.observe(value);
  }

  /** By name, then by labels in the order of their first appearance. */
  private rows(): readonly Row[] {
    const histograms = [...this.histograms.values()].map((entry) => ({ ...entry, rows: histogramRows(entry) }));
    const series = [
      {
        name: 'schedule_attempts_total',
        rows: [...this.attemptsTotal].map(([labels, count]) => sample('schedule_attempts_total', labels, count)),
      },
      ...histograms,
      ...counterSeries(this.counters),
    ];
    return series.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)).flatMap(({ rows }) => rows);
  }
}

function histogramRows({ name, labels, histogram }: { name: string; labels: string; histogram: Histogram }): Row[] {
  const bucket = (bound: string, count: number): Row =>
    sample(`${name}_bucket`, joined(labels, label('le', bound)), count);
  return [
    ...histogram.cumulative().map(([bound, count]) => bucket(String(bound), count)),
    bucket('+Inf', histogram.count),
    sample(`${name}_sum`, labels, histogram.sum),
    sample(`${name}_count`, labels, histogram.count),
  ];
}

function counterSeries(counters: SchedulerCounters | undefined): readonly { name: string; rows: Row[] }[] {
  if (counters === undefined) return [];
  const { pendingPods, evaluations } = counters;
  const tries = evaluations.filter(({ plugin, point }) => plugin === 'DefaultPreemption' && point === 'postFilter');
  const asked = evaluations.filter(({ point }) => point !== 'postFilter');
  const total = tries.reduce((sum, { count }) => sum + count, 0);
  return [
    {
      name: 'pending_pods',
      rows: pendingPods.map(({ queue, count }) => sample('pending_pods', label('queue', queue), count)),
    },
    { name: 'preemption_attempts_total', rows: [sample('preemption_attempts_total', '', total)] },
    { name: 'plugin_evaluation_total', rows: asked.map(evaluationRow) },
  ];
}

function evaluationRow({ point, plugin, profile, count }: SchedulerCounters['evaluations'][number]): Row {
  // Upstream writes the points with a capital: PreFilter.
  const extensionPoint = point.charAt(0).toUpperCase() + point.slice(1);
  const labels = joined(label('extension_point', extensionPoint), label('plugin', plugin), label('profile', profile));
  return sample('plugin_evaluation_total', labels, count);
}

function sample(name: string, labels: string, value: number): Row {
  return [`scheduler_${name}`, textCell(labels), value];
}

/** `profile="default-scheduler"`. */
function label(name: string, value: string): string {
  return `${name}=${JSON.stringify(value)}`;
}

function joined(...labels: readonly string[]): string {
  return labels.filter((text) => text !== '').join(',');
}

const columns = [
  column('metric', 'string', 'Name of the sample; the parts of a histogram end in _bucket, _sum and _count.'),
  column(
    'labels',
    'string',
    'Labels as Prometheus writes them; le is the upper bound of a bucket, in the unit of the name.',
  ),
  column('value', 'number', 'Value at the end of the run.'),
];

/** The table `scheduler_metrics`. */
export const schedulerMetricsMetric: MetricDefinition = {
  name: 'scheduler-metrics',
  description:
    "kube-scheduler's own metrics: attempts, durations, pending pods by queue, preemptions, plugin evaluations.",
  create: (run) => new SchedulerMetrics(run),
};
