/** How much the pods of a domain and the incoming pod like one another (`pl/interpodaffinity/scoring.go`). */
import type { Pod } from '../../api/core-v1.ts';
import type { Labels } from '../../api/meta-v1.ts';
import type { StateValue } from '../framework/cycle-state.ts';
import type { ClusterLister } from '../framework/handle.ts';
import { nodeScoreMax } from '../framework/interface.ts';
import { matchesAffinityTerm } from '../framework/pod-info.ts';
import type { PodInfo, WeightedAffinityTerm } from '../framework/pod-info.ts';
import { mergeAffinityTermNamespaces } from './affinity-terms.ts';
import { TopologyCounts } from './topology-counts.ts';

/** Sums of weights by topology pair (upstream `preScoreState`). */
export class ScoreState implements StateValue {
  readonly scores = new TopologyCounts();
  private readonly pod: Pod;
  private readonly namespaceLabels: Labels | undefined;
  private readonly affinityTerms: readonly WeightedAffinityTerm[];
  private readonly antiAffinityTerms: readonly WeightedAffinityTerm[];

  constructor({ pod, needs }: PodInfo, namespaceLabels: Labels | undefined, cluster: ClusterLister) {
    this.pod = pod;
    this.namespaceLabels = namespaceLabels;
    this.affinityTerms = mergeWeighted(needs.preferredAffinityTerms, cluster);
    this.antiAffinityTerms = mergeWeighted(needs.preferredAntiAffinityTerms, cluster);
  }

  /** Scores are not touched by what-ifs. */
  clone(): ScoreState {
    return this;
  }

  /** Adds what the incoming pod prefers or avoids of a pod on a node with these labels. */
  addOwnTerms(existing: Pod, nodeLabels: Labels): void {
    this.addTerms(this.affinityTerms, existing, undefined, nodeLabels, 1);
    this.addTerms(this.antiAffinityTerms, existing, undefined, nodeLabels, -1);
  }

  /** Adds what that pod requires (with this weight), prefers or avoids of the incoming one. */
  addExistingTerms({ needs }: PodInfo, nodeLabels: Labels, hardPodAffinityWeight: number): void {
    const { pod, namespaceLabels, scores } = this;
    if (hardPodAffinityWeight > 0) {
      for (const term of needs.requiredAffinityTerms) {
        if (!matchesAffinityTerm(term, pod, namespaceLabels)) continue;
        scores.add(nodeLabels, term.topologyKey, hardPodAffinityWeight);
      }
    }
    this.addTerms(needs.preferredAffinityTerms, pod, namespaceLabels, nodeLabels, 1);
    this.addTerms(needs.preferredAntiAffinityTerms, pod, namespaceLabels, nodeLabels, -1);
  }

  private addTerms(
    terms: readonly WeightedAffinityTerm[],
    meant: Pod,
    namespaceLabels: Labels | undefined,
    nodeLabels: Labels,
    sign: 1 | -1,
  ): void {
    for (const { term, weight } of terms) {
      if (matchesAffinityTerm(term, meant, namespaceLabels)) {
        this.scores.add(nodeLabels, term.topologyKey, sign * weight);
      }
    }
  }
}

function mergeWeighted(
  terms: readonly WeightedAffinityTerm[],
  cluster: ClusterLister,
): readonly WeightedAffinityTerm[] {
  if (!terms.some(({ term }) => term.selectsNamespaces)) return terms;
  const plain = terms.map(({ term }) => term);
  const merged = mergeAffinityTermNamespaces(plain, cluster);
  return terms.map(({ weight }, at) => ({ weight, term: merged[at]! }));
}

/**
 * Spreads scores over 0..100 from the least to the greatest; all 0 where they are equal. The order of the operations is
 * upstream's: the quotient is rounded to a float64 before it is multiplied.
 */
export function normalizeBetweenExtremes(scores: Float64Array): void {
  let min = Infinity;
  let max = -Infinity;
  for (const score of scores) {
    if (score < min) min = score;
    if (score > max) max = score;
  }
  const range = max - min;
  for (let at = 0; at < scores.length; at++) {
    scores[at] = range > 0 ? Math.trunc(nodeScoreMax * ((scores[at]! - min) / range)) : 0;
  }
}
