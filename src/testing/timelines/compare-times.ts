/** Times of a replay held against their windows: rules 2 to 4 of `conformance/timelines/README.md`. */
import { batchesOf } from './moments.ts';
import type { Moment } from './moments.ts';
import type { ExpectedBatch, ExpectedStep, RecordedRun, Span, TimelineCase } from './timeline-case.ts';

/** Compares one time after the other, and counts. */
export class TimeComparison {
  /** How many were compared. */
  count = 0;
  /** The farthest that one lies from what was recorded, seconds; what a window allows beyond that counts too. */
  largestDifferenceS = 0;
  /** Those that do, one line each. */
  readonly misses: string[] = [];
  private readonly recorded: TimelineCase;
  private readonly run: RecordedRun;
  private readonly moments: ReadonlyMap<string, Moment>;

  constructor(recorded: TimelineCase, run: RecordedRun, moments: ReadonlyMap<string, Moment>) {
    this.recorded = recorded;
    this.run = run;
    this.moments = moments;
  }

  /** When a state began. */
  step(what: string, kind: string, step: ExpectedStep, t: number): void {
    if (step.t === 'before' || step.delayed === true) return;
    this.compare(what, kind, '', { ...step, t: step.t }, t, t);
  }

  /** Of a batch that lasts long the recordings say only when it began. */
  batch(label: string, kind: string, what: string, batch: ExpectedBatch, first: number, last: number): void {
    const [from, to] = batch.dt ?? batch.t;
    const isLong = batch.since !== undefined || (last - first > 1 && to - from < 1);
    this.compare(label, kind, what, batch, first, isLong ? first : last);
  }

  /** When something began and ended; of one moment both are the same. */
  compare(label: string, kind: string, what: string, expected: ExpectedBatch, first: number, last: number): void {
    if (expected.delayed === true) return;
    const { since } = expected;
    const origin = since && this.sinceTime(since.kind, since.of, since.what, since.index);
    const isSince = since !== undefined && origin !== undefined;
    const window = isSince ? since.dt : (expected.dt ?? expected.t);
    const zero = isSince ? origin : expected.op === undefined ? 0 : this.run.opTimes[expected.op]!;
    const slack = isSince ? 0.5 : this.slack(kind, what, window, expected.op);
    this.count++;
    const difference = Math.max(window[0] - (first - zero), last - zero - window[1], 0);
    this.largestDifferenceS = Math.max(this.largestDifferenceS, difference);
    if (difference - slack > 0.0005)
      this.misses.push(
        `${label}: ${round(first - zero)}..${round(last - zero)} instead of ${window[0]}..${window[1]} (+-${slack})`,
      );
  }

  /** How far outside of what was seen a time may lie, seconds. */
  private slack(kind: string, what: string, window: Span, op: number | undefined): number {
    const isPrompt = window[1] < 1;
    const isNarrow = window[1] - window[0] <= 1;
    const suite = this.recorded.kind;
    const operation = op === undefined ? undefined : this.recorded.ops[op];
    if (isPrompt) return 0.5;
    const hangsOnPass =
      operation !== undefined &&
      (operation.do.startsWith('node ') || operation.do.startsWith('kubelet')) &&
      (suite === 'node' || suite === 'zone');
    const isGone = operation?.do === 'DELETE' && operation.path!.includes('/nodes/');
    if (
      isGone ||
      what.includes('pod-garbage-collector') ||
      (suite === 'node' && this.recorded.id.includes('out-of-service'))
    )
      return 20;
    if (hangsOnPass) return 5;
    if (suite === 'job' || suite === 'cronjob') return 1;
    // Nothing happens for minutes: the flush of the unschedulable pods, every 30 s.
    if (suite === 'scheduler' && window[0] > 60) return 30;
    if (isNarrow) return 0.5;
    if (suite === 'volume' || kind.startsWith('PersistentVolume')) return 15;
    return kind === 'Scheduler' || suite === 'scheduler' ? 30 : 5;
  }

  private sinceTime(kind: string, of: string, what: string, index: number): number | undefined {
    const times = this.moments.get(`${kind}|${of}|${what}`)?.times ?? [];
    return batchesOf(times)[index]?.first;
  }
}

/** Seconds to the millisecond. */
export function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
