import { expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import type { SchedulingAttempt } from '../record/facts.ts';
import { FactScript, recordsOf } from '../testing/fact-script.ts';
import type { Table } from '../record/table.ts';
import { Histogram, exponentialBounds } from './histogram.ts';
import { schedulerMetricsMetric } from './scheduler-metrics.ts';

const counters = {
  pendingPods: [
    { queue: 'active', count: 2 },
    { queue: 'backoff', count: 1 },
  ],
  evaluations: [
    { profile: 'p', plugin: 'NodeName', point: 'filter', count: 7 },
    { profile: 'p', plugin: 'DynamicResources', point: 'postFilter', count: 4 },
    { profile: 'p', plugin: 'DefaultPreemption', point: 'postFilter', count: 3 },
  ],
};

/** `name{labels} value` for each sample whose name begins so. */
function samples(table: Table, prefix: string): string[] {
  return recordsOf(table)
    .filter(({ metric }) => String(metric).startsWith(prefix))
    .map(({ metric, labels, value }) => `${String(metric)}{${String(labels ?? '')}} ${String(value)}`);
}

function metricsOf(...attempts: readonly (Partial<SchedulingAttempt> & { at: number })[]): Table {
  const script = new FactScript({ schedulerCounters: () => counters });
  const metric = script.start(schedulerMetricsMetric);
  const pod = script.pod('a');
  for (const { at, ...rest } of attempts) {
    script.at(at).recorder.schedulingAttempt({
      ...{ pod, attempt: 1, startedAt: 0, initialAttemptAt: 0, result: 'scheduled', nodeName: 'n', evaluatedNodes: 1 },
      ...{ feasibleNodes: 1, score: 0, ties: 1, durationUs: 3000, message: '', refusals: [], profile: 'p', ...rest },
    });
  }
  metric.finish(100 * SECOND);
  return metric.tables()[0]!;
}

test('attempts are counted by profile and result, and last from the start of the cycle to its outcome', () => {
  const table = metricsOf(
    { at: 10, startedAt: 9.5 * SECOND, result: 'unschedulable' },
    { at: 12, startedAt: 12 * SECOND - 3000 },
    { at: 40, startedAt: 20 * SECOND },
  );
  expect(samples(table, 'scheduler_schedule_attempts_total')).toEqual([
    'scheduler_schedule_attempts_total{profile="p",result="unschedulable"} 1',
    'scheduler_schedule_attempts_total{profile="p",result="scheduled"} 2',
  ]);
  const durations = samples(table, 'scheduler_scheduling_attempt_duration_seconds');
  const scheduled = durations.filter((text) => text.includes('result="scheduled"'));
  expect(scheduled.slice(0, 4).map((text) => text.replace(/.*le=/, ''))).toEqual([
    '"0.001"} 0',
    '"0.002"} 0',
    '"0.004"} 1',
    '"0.008"} 1',
  ]);
  expect(scheduled.slice(-4).map((text) => text.replace('scheduler_scheduling_attempt_duration_seconds', ''))).toEqual([
    '_bucket{profile="p",result="scheduled",le="16.384"} 1',
    '_bucket{profile="p",result="scheduled",le="+Inf"} 2',
    '_sum{profile="p",result="scheduled"} 20.003',
    '_count{profile="p",result="scheduled"} 2',
  ]);
  expect(samples(table, 'scheduler_scheduling_algorithm_duration_seconds_sum')).toEqual([
    'scheduler_scheduling_algorithm_duration_seconds_sum{} 0.009',
  ]);
});

test('a pod that is placed waited since it could first be tried, under the number of its attempts', () => {
  const table = metricsOf(
    { at: 10, initialAttemptAt: 4 * SECOND, attempt: 3 },
    { at: 20, attempt: 15 },
    { at: 30, attempt: 40 },
    { at: 50, attempt: 3, result: 'unschedulable' },
  );
  expect(samples(table, 'scheduler_pod_scheduling_sli_duration_seconds_sum')).toEqual([
    'scheduler_pod_scheduling_sli_duration_seconds_sum{attempts="3"} 6',
    'scheduler_pod_scheduling_sli_duration_seconds_sum{attempts="15+"} 50',
  ]);
  expect(samples(table, 'scheduler_pod_scheduling_attempts')).toEqual([
    'scheduler_pod_scheduling_attempts_bucket{le="1"} 0',
    'scheduler_pod_scheduling_attempts_bucket{le="2"} 0',
    'scheduler_pod_scheduling_attempts_bucket{le="4"} 1',
    'scheduler_pod_scheduling_attempts_bucket{le="8"} 1',
    'scheduler_pod_scheduling_attempts_bucket{le="16"} 2',
    'scheduler_pod_scheduling_attempts_bucket{le="+Inf"} 3',
    'scheduler_pod_scheduling_attempts_sum{} 58',
    'scheduler_pod_scheduling_attempts_count{} 3',
  ]);
});

test('what the scheduler counts by itself stands under the names of kube-scheduler', () => {
  expect(samples(metricsOf(), '')).toEqual([
    'scheduler_pending_pods{queue="active"} 2',
    'scheduler_pending_pods{queue="backoff"} 1',
    'scheduler_plugin_evaluation_total{extension_point="Filter",plugin="NodeName",profile="p"} 7',
    'scheduler_preemption_attempts_total{} 3',
  ]);
});

test('bounds grow by the factor, and a value on a bound belongs to its bucket', () => {
  expect(exponentialBounds(1, 2, 4)).toEqual([1, 2, 4, 8]);
  const histogram = new Histogram([1, 2]);
  for (const value of [0.5, 1, 2, 3]) histogram.observe(value);
  expect(histogram.cumulative().map(([, count]) => count)).toEqual([2, 3]);
  expect([histogram.count, histogram.sum]).toEqual([4, 6.5]);
});
