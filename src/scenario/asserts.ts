/** Expectations of a scenario: entries of `assert`, held against the figures of a run. */
import { SECOND, formatDuration, formatSeconds } from '../engine/time.ts';

/** A bound: plain numbers for counts and ratios, durations for metrics of time. */
export interface AssertValue {
  /** Microseconds where `isDuration`. */
  readonly value: number;
  readonly isDuration: boolean;
}

/** The words for comparing in a scenario. */
export const comparisons = ['lessThan', 'atMost', 'greaterThan', 'atLeast', 'equals', 'between'] as const;

/** How a metric is compared; `between` includes both bounds. */
export type Comparison = (typeof comparisons)[number];

/** One entry of `assert`. */
export interface AssertEntry {
  readonly metric: string;
  readonly comparison: Comparison;
  /** Two for `between`, else one. */
  readonly bounds: readonly AssertValue[];
}

/** Whether an expectation holds, and the sentence that says so. */
export interface AssertOutcome {
  readonly entry: AssertEntry;
  /** As in the figures; undefined where the run has no such value. */
  readonly value: number | undefined;
  readonly passes: boolean;
  /** `faults.detected.max = 47.3s, expected between 40s and 55s`. */
  readonly text: string;
}

/**
 * Holds the expectations against the figures of a run, in their order. Figures have durations in microseconds; a metric
 * without a value, for example the longest repair where nothing broke, fails.
 */
export function evaluateAsserts(
  entries: readonly AssertEntry[],
  figures: ReadonlyMap<string, number>,
): readonly AssertOutcome[] {
  return entries.map((entry) => {
    const value = figures.get(entry.metric);
    if (value === undefined) {
      const text = `${entry.metric} has no value in this run, expected ${expectation(entry)}`;
      return { entry, value, passes: false, text };
    }
    const passes = holds(entry, value);
    return {
      entry,
      value,
      passes,
      text: `${entry.metric} = ${shown(entry, value, passes)}, expected ${expectation(entry)}`,
    };
  });
}

function holds({ comparison, bounds }: AssertEntry, value: number): boolean {
  const first = bounds[0]!.value;
  switch (comparison) {
    case 'lessThan':
      return value < first;
    case 'atMost':
      return value <= first;
    case 'greaterThan':
      return value > first;
    case 'atLeast':
      return value >= first;
    case 'equals':
      return value === first;
    case 'between':
      return value >= first && value <= bounds[1]!.value;
  }
}

const words: Readonly<Record<Exclude<Comparison, 'between'>, string>> = {
  lessThan: 'less than ',
  atMost: 'at most ',
  greaterThan: 'more than ',
  atLeast: 'at least ',
  equals: '',
};

function expectation({ comparison, bounds }: AssertEntry): string {
  const [first, second] = bounds.map(boundText);
  return comparison === 'between' ? `between ${first} and ${second}` : `${words[comparison]}${first}`;
}

/** A bound to the last digit: it is compared to the last digit. */
function boundText({ value, isDuration }: AssertValue): string {
  if (!isDuration) return String(value);
  const isRound = value % (SECOND / 10) === 0 && value < 60 * SECOND;
  return isRound || value % SECOND === 0 ? formatDuration(value) : `${formatSeconds(value)}s`;
}

/** Rounded for people, unless the rounded value would look like a bound that it misses. */
function shown({ bounds }: AssertEntry, value: number, passes: boolean): string {
  const isDuration = bounds[0]!.isDuration;
  const rounded = isDuration ? formatDuration(value) : String(Number(value.toPrecision(6)));
  const isMisleading = !passes && bounds.some((bound) => boundText(bound) === rounded && bound.value !== value);
  if (!isMisleading) return rounded;
  return isDuration ? `${formatSeconds(value)}s` : String(value);
}
