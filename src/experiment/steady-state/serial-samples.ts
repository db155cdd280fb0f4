/** One run of each policy as a sample: its figures slice by slice of time, out of which batches are made. */
import { formatClock } from '../../report/format.ts';
import type { Samples } from '../comparison/samples.ts';
import { batchesMax } from '../statistics/batch-means.ts';
import type { RunTables } from './span-figures.ts';
import { spanFigures } from './span-figures.ts';

const slicesWanted = 2 * batchesMax;

/**
 * Slices of the runs of several policies from `from` microseconds on; the runs have the same steps. Steps that are left over
 * at the beginning are left out. Undefined where there are fewer than 30 of them.
 */
export function serialSamples(
  policies: readonly string[],
  runs: readonly RunTables[],
  from: number,
): Samples | undefined {
  const steps = runs[0]!.steps.filter(({ start }) => start >= from);
  const size = Math.max(1, Math.floor(steps.length / slicesWanted));
  const count = Math.floor(steps.length / size);
  if (count < batchesMax) return undefined;
  const spans = Array.from({ length: count }, (_, index) => {
    const first = steps.length - (count - index) * size;
    const last = steps[first + size - 1]!;
    return { from: steps[first]!.start, to: last.start + last.length };
  });
  return {
    policies,
    worlds: spans.map((span) => `from ${formatClock(span.from)}`),
    figures: runs.map((run) => spans.map((span) => spanFigures(run, span))),
    incomplete: [],
    unshared: [],
    isSerial: true,
    warmUp: undefined,
  };
}
