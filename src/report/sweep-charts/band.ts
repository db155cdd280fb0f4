/** Values over replications as a median and the quartiles around it. */

/** The middle half of some values. */
export interface Band {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** Median, first and third quartile of at least one value, interpolated as spreadsheets and R's default do (Hyndman and Fan, 7). */
export function bandOf(values: readonly number[]): Band {
  const sorted = Float64Array.from(values).sort((a, b) => a - b);
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const lower = sorted[below]!;
    return lower + (place - below) * ((sorted[below + 1] ?? lower) - lower);
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75), count: sorted.length };
}

/** "5", or "up to 5" where some have fewer. */
export function runsText(counts: readonly number[]): string {
  const most = Math.max(...counts);
  return Math.min(...counts) === most ? `${most}` : `up to ${most}`;
}
