import { nodeScoreMax } from '../framework/interface.ts';

/** Stretches integer scores to 0..100 between the lowest and the highest, in integers; where all are equal they become 0. */
export function minMaxNormalizeScore(scores: Float64Array): void {
  let min = Infinity;
  let max = -Infinity;
  for (let at = 0; at < scores.length; at++) {
    const score = scores[at]!;
    if (score < min) min = score;
    if (score > max) max = score;
  }
  const range = max - min;
  for (let at = 0; at < scores.length; at++) {
    scores[at] = range === 0 ? 0 : Math.trunc(((scores[at]! - min) * nodeScoreMax) / range);
  }
}
