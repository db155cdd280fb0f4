/** Arrays of scores. */
import { nodeScoreMax } from './interface.ts';

/** Memory for one array of scores, which grows to the greatest number of nodes and is kept. */
export class ScoreBuffer {
  private memory = new Float64Array(0);
  private scores = this.memory;

  /** An array of just that length; what it holds is left over. */
  ofLength(length: number): Float64Array {
    if (this.scores.length === length) return this.scores;
    if (this.memory.length < length) this.memory = new Float64Array(length);
    this.scores = this.memory.subarray(0, length);
    return this.scores;
  }
}

/** An integer in 0..100. */
export function isValidScore(score: number): boolean {
  return score >= 0 && score <= nodeScoreMax && (score | 0) === score;
}

/** Adds up to the first score that is no integer in 0..100 and returns that one. */
export function addWeighted(totals: Float64Array, scores: Float64Array, weight: number): number | undefined {
  for (let at = 0; at < scores.length; at++) {
    const score = scores[at]!;
    if (!isValidScore(score)) return score;
    totals[at]! += score * weight;
  }
  return undefined;
}
