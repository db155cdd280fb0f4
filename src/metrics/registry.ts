/** All metrics. Adding one: its file, its test and one line here. */
import type { Recorder } from '../record/recorder.ts';
import type { Table } from '../record/table.ts';
import { assert } from '../util/assert.ts';
import { causesMetric } from './causes.ts';
import { deviceFragmentationMetric } from './device-fragmentation.ts';
import { doubleRunningMetric } from './double-running.ts';
import { eventsMetric } from './events.ts';
import { faultsMetric } from './faults.ts';
import type { Metric, MetricDefinition, RunDescription } from './metric.ts';
import { nodesMetric } from './nodes.ts';
import { PodDirectory } from './pod-directory.ts';
import { podLifecycleMetric } from './pod-lifecycle.ts';
import { podsMetric } from './pods.ts';
import { preemptionsMetric } from './preemptions.ts';
import { restartsMetric } from './restarts.ts';
import { rolloutsMetric } from './rollouts.ts';
import { schedulerMetricsMetric } from './scheduler-metrics.ts';
import { schedulingAttemptsMetric } from './scheduling-attempts.ts';
import { summaryTable } from './summary-metrics.ts';
import { timeseriesMetric } from './timeseries.ts';
import { workloadsMetric } from './workloads.ts';
import { zoneStatesMetric } from './zone-states.ts';

/** In the order of the tables. */
export const metrics: readonly MetricDefinition[] = [
  podsMetric,
  podLifecycleMetric,
  schedulingAttemptsMetric,
  schedulerMetricsMetric,
  preemptionsMetric,
  nodesMetric,
  timeseriesMetric,
  deviceFragmentationMetric,
  workloadsMetric,
  faultsMetric,
  causesMetric,
  rolloutsMetric,
  zoneStatesMetric,
  doubleRunningMetric,
  restartsMetric,
  eventsMetric,
];

/** Creates the metrics of a run and has them listen; to be called before the first object is committed. */
export function startMetrics(
  run: RunDescription,
  recorder: Recorder,
  definitions: readonly MetricDefinition[] = metrics,
): readonly Metric[] {
  assert(run.step >= 1 && Number.isSafeInteger(run.step), `a step of ${run.step} us is not a positive integer`);
  const pods = new PodDirectory();
  recorder.observe(pods);
  const started = definitions.map((definition) => definition.create(run, pods));
  for (const metric of started) recorder.observe(metric);
  return started;
}

/** What a run came to: its tables by name, `summary` first, and the figures behind the summary. */
export interface Collected {
  readonly tables: Map<string, Table>;
  /** By the names of `summaryMetrics`; durations in integer microseconds. */
  readonly figures: Map<string, number>;
}

/**
 * Closes the metrics at `now` (microseconds, the end of the run) and collects tables and figures. Once per run.
 */
export function collect(started: readonly Metric[], now: number): Collected {
  const figures = new Map<string, number>();
  const tables: Table[] = [];
  for (const metric of started) {
    metric.finish(now);
    tables.push(...metric.tables());
    for (const [name, value] of metric.figures?.() ?? []) figures.set(name, value);
  }
  const all = [summaryTable(figures), ...tables];
  return { tables: new Map(all.map((table) => [table.name, table])), figures };
}
