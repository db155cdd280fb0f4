/** What a metric is: an observer that folds facts into tables. One file each, one line in the registry. */
import { HOUR, MILLISECOND, MINUTE, SECOND } from '../engine/time.ts';
import type { Facts } from '../record/facts.ts';
import type { Cell, Column, ColumnType, Row, Table } from '../record/table.ts';
import type { ExpectedPods } from '../scheduler/framework/handle.ts';
import type { PodDirectory } from './pod-directory.ts';

/** What metrics may know of the run beside the facts. */
export interface RunDescription {
  /** Present virtual time, microseconds. */
  engineNow(): number;
  /** Planned length of the run, microseconds. */
  readonly horizon: number;
  /** Length of a step of the time series, microseconds, at least 1; see `defaultStep`. */
  readonly step: number;
  /** The node's zone; empty when it has none. */
  zoneOf(nodeName: string): string;
  /** The node pool of the scenario that the node belongs to; empty when none. */
  poolOf(nodeName: string): string;
  /** The pods that the workload is made of; absent where nobody knows them beforehand. */
  expectedPods?(): readonly ExpectedPods[];
  /** What the scheduler has counted by itself so far; absent in runs without one. */
  schedulerCounters?(): SchedulerCounters;
}

/** Counts that the scheduler keeps, as kube-scheduler's metrics name them. */
export interface SchedulerCounters {
  /** Pods that wait at present, by queue. */
  readonly pendingPods: readonly { readonly queue: string; readonly count: number }[];
  /** How often each plugin was asked; at `postFilter` for DefaultPreemption: how often preemption was tried. */
  readonly evaluations: readonly {
    readonly profile: string;
    readonly plugin: string;
    readonly point: string;
    readonly count: number;
  }[];
}

/** Figures by the names of `summaryMetrics`: durations in integer microseconds, everything else in its unit. */
export type Figures = ReadonlyMap<string, number>;

/** One metric at work in one run. */
export interface Metric extends Partial<Facts> {
  /** Told once, after the last fact: closes what is still open at `now` (microseconds). */
  finish(now: number): void;
  /** Only after `finish`. */
  tables(): readonly Table[];
  /** What the metric gives to the summary, only after `finish`; a figure that does not exist in this run is left out. */
  figures?(): Figures;
}

/** A metric as the registry knows it. */
export interface MetricDefinition {
  readonly name: string;
  /** One sentence for `orrery list metrics`. */
  readonly description: string;
  /** `pods` knows a pod before the metric hears that it was stored. */
  create(run: RunDescription, pods: PodDirectory): Metric;
}

const stepsMax = 240;
const niceSteps: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((count) => count * MILLISECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12, 24].map((count) => count * HOUR),
];

/** The shortest round step that cuts the horizon into at most 240 steps, microseconds; whole days for very long runs. */
export function defaultStep(horizon: number): number {
  const exact = horizon / stepsMax;
  const day = 24 * HOUR;
  return niceSteps.find((step) => step >= exact) ?? Math.ceil(exact / day) * day;
}

/** A column of a table. */
export function column(name: string, type: ColumnType, description: string): Column {
  return { name, type, description };
}

/** Columns that say which pod a row is about. */
export const podColumns: readonly Column[] = [
  column('namespace', 'string', 'Namespace of the pod.'),
  column('pod', 'string', 'Name of the pod.'),
  column('uid', 'string', 'Identity of the pod, never reused within a run.'),
];

/** Rows made when they are read: may be iterated several times and hold no memory. */
export function rowsOf(count: number, rowAt: (index: number) => Row): Iterable<Row> {
  return {
    *[Symbol.iterator]() {
      for (let index = 0; index < count; index++) yield rowAt(index);
    },
  };
}

/** A text cell: missing where the text is empty. */
export function textCell(text: string): Cell {
  return text === '' ? undefined : text;
}
