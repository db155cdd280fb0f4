/** The mean of a quantity over [t, t + step), all in seconds. */
export interface SeriesPoint {
  readonly t: number;
  readonly step: number;
  readonly value: number;
}

/** At most `pointsMax` points with the same integral: neighbours are merged, weighted by how long they last. */
export function thinSeries(points: readonly SeriesPoint[], pointsMax: number): SeriesPoint[] {
  const factor = Math.ceil(points.length / pointsMax);
  if (factor <= 1) return [...points];
  const thinned: SeriesPoint[] = [];
  for (let i = 0; i < points.length; i += factor) thinned.push(merge(points.slice(i, i + factor)));
  return thinned;
}

function merge(points: readonly SeriesPoint[]): SeriesPoint {
  const step = points.reduce((sum, point) => sum + point.step, 0);
  const integral = points.reduce((sum, point) => sum + point.value * point.step, 0);
  return { t: points[0]!.t, step, value: step === 0 ? 0 : integral / step };
}

/** Rounds to a number of digits after the point, to keep specifications small; never used for tables. */
export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** The smallest value such that a share of at least `quantile` of the sorted values is not above it. */
export function quantileOf(sorted: readonly number[], quantile: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)];
}
