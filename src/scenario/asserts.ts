/** Expectations of a scenario: entries of `assert`, held against the summary of a run. */
import { formatDuration } from '../engine/time.ts';
import { nearest } from '../util/suggest.ts';

/** A bound: plain numbers for counts and ratios, durations for metrics of time. */
export interface AssertValue {
  /** Microseconds where `isDuration`. */
  readonly value: number;
  readonly isDuration: boolean;
}

export const comparisons = ['lessThan', 'atMost', 'greaterThan', 'atLeast', 'equals', 'between'] as const;

/** How a metric is compared; `between` includes both bounds. */
export type Comparison = (typeof comparisons)[number];

export interface AssertEntry {
  readonly metric: string;
  readonly comparison: Comparison;
  /** Two for `between`, else one. */
  readonly bounds: readonly AssertValue[];
}
