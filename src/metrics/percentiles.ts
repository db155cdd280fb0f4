/** Exact percentiles by nearest rank: always a value that was observed, never one in between. */

/** The smallest value such that at least `percent` (1 to 100, an integer) of the sorted values are not above it. */
export function percentileOf(sorted: Float64Array, percent: number): number | undefined {
  // In integers: 0.07 * 100 is 7.000000000000001 and would be one rank too high.
  return sorted[Math.max(0, Math.ceil((percent * sorted.length) / 100) - 1)];
}

/** The values, smallest first. */
export function sortedValues(values: Iterable<number>): Float64Array {
  return Float64Array.from(values).sort((a, b) => a - b);
}

/** Mean, rounded to an integer; undefined without values. */
export function roundedMean(values: Iterable<number>): number | undefined {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    sum += value;
    count++;
  }
  return count === 0 ? undefined : Math.round(sum / count);
}

/** `name.p50`, `.p90`, `.p99`, `.max` and `.mean` of the values; nothing without values. */
export function distributionFigures(name: string, values: Iterable<number>): [string, number][] {
  const sorted = sortedValues(values);
  if (sorted.length === 0) return [];
  return [
    ...[50, 90, 99].map((percent): [string, number] => [`${name}.p${percent}`, percentileOf(sorted, percent)!]),
    [`${name}.max`, sorted.at(-1)!],
    [`${name}.mean`, roundedMean(sorted)!],
  ];
}

/** `name.min`, `.max` and `.mean` of the values; nothing without values. */
export function rangeFigures(name: string, values: readonly number[]): [string, number][] {
  const mean = roundedMean(values);
  if (mean === undefined) return [];
  const min = values.reduce((least, value) => Math.min(least, value));
  const max = values.reduce((most, value) => Math.max(most, value));
  return [
    [`${name}.min`, min],
    [`${name}.max`, max],
    [`${name}.mean`, mean],
  ];
}
