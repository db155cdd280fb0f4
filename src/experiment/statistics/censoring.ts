/** Spans that had not ended when the run did: they are counted, and known to be at least as long as they had lasted. */
import { assert } from '../../util/assert.ts';

/** A span; censored = it was still going on, so that the true one is longer. */
export interface Span {
  readonly length: number;
  readonly isCensored: boolean;
}

/** A quantile of spans of which some are known from below only. */
export interface CensoredQuantile {
  readonly value: number;
  /** The true quantile may be longer than `value`. */
  readonly isLowerBound: boolean;
}

/** How much of a sample is known from below only. */
export interface CensoringCounts {
  readonly count: number;
  readonly censored: number;
  readonly censoredRatio: number;
}

/** Counts censored spans, of at least one span. */
export function censoringCounts(spans: readonly Span[]): CensoringCounts {
  assert(spans.length > 0, 'no spans');
  const censored = spans.filter(({ isCensored }) => isCensored).length;
  return { count: spans.length, censored, censoredRatio: censored / spans.length };
}

/**
 * The quantile `share` (0 < share <= 1) by nearest rank, each censored span counting with what it had lasted. It is exact if
 * every censored span is at least that long, for then none of them can change it; else it is a lower bound.
 */
export function censoredQuantile(spans: readonly Span[], share: number): CensoredQuantile {
  assert(spans.length > 0 && share > 0 && share <= 1, `no quantile of ${share} of ${spans.length} spans`);
  const sorted = Float64Array.from(spans, ({ length }) => length).sort((a, b) => a - b);
  // A product such as 0.07 * 100 may come out a hair above the integer that it is.
  const value = sorted[Math.max(0, Math.ceil(share * spans.length - 1e-9) - 1)]!;
  return { value, isLowerBound: spans.some(({ length, isCensored }) => isCensored && length <= value) };
}
