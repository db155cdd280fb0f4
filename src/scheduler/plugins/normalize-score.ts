import { nodeScoreMax } from '../framework/interface.ts';

/**
 * Brings scores to 0..100 in proportion to the greatest (upstream `pl/helper/normalize_score.go` DefaultNormalizeScore).
 *
 * @param isReversed the greatest raw score gets 0. Where all are 0, everybody gets 100 then.
 */
export function defaultNormalizeScore(scores: Float64Array, isReversed: boolean): void {
  let max = 0;
  for (let at = 0; at < scores.length; at++) if (scores[at]! > max) max = scores[at]!;
  if (max === 0) {
    if (isReversed) scores.fill(nodeScoreMax);
    return;
  }
  for (let at = 0; at < scores.length; at++) {
    const score = Math.trunc((nodeScoreMax * scores[at]!) / max);
    scores[at] = isReversed ? nodeScoreMax - score : score;
  }
}
