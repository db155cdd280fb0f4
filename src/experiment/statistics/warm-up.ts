/** The beginning of a run that starts empty and is not yet what it will be. */
import { assert } from '../../util/assert.ts';
import { batchMeansOf } from './batch-means.ts';

/** Where a series is taken to be steady. */
export interface WarmUp {
  /** Values at the beginning to leave out. */
  readonly cut: number;
  /** The cut lies in the second half, where the rule says nothing: the run is too short to have become steady. */
  readonly isTooShort: boolean;
}

/**
 * MSER-5: means of batches of 5 values; of all places to cut, the one where the squared standard error of the mean of what
 * stays is smallest. White, Cobb and Spratt, "A comparison of five steady-state truncation heuristics for simulation", WSC
 * 2000. Values that do not fill a last batch stay. A cut past the half is that of the half, and is marked.
 *
 * @param values of one output in order of time, at least 10
 */
export function mser5(values: readonly number[]): WarmUp {
  const means = batchMeansOf(values, batchSize);
  assert(means.length > 1, `${values.length} values are too few to find a warm-up period`);
  const half = Math.floor(means.length / 2);
  let [best, bestCut] = [Infinity, 0];
  let [sum, squares] = [0, 0];
  // From the end, so that each place costs one step; means around that of all keep the squares small.
  const center = means.reduce((total, mean) => total + mean, 0) / means.length;
  for (let cut = means.length - 1; cut >= 0; cut--) {
    const value = means[cut]! - center;
    sum += value;
    squares += value * value;
    const count = means.length - cut;
    // A tail of few batches can be equal by chance.
    if (count < tailMin) continue;
    const error = Math.max(0, squares - (sum * sum) / count) / (count * count);
    if (error <= best) [best, bestCut] = [error, cut];
  }
  return { cut: Math.min(bestCut, half) * batchSize, isTooShort: bestCut > half };
}

const batchSize = 5;
/** As in the authors' later work: the last five batches are never a candidate. */
const tailMin = 5;
