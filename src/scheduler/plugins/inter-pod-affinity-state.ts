import type { Pod } from '../../api/core-v1.ts';
import type { Labels } from '../../api/meta-v1.ts';
import { labelValue } from '../../api/meta-v1.ts';
import type { StateValue } from '../framework/cycle-state.ts';
import { matchesAffinityTerm } from '../framework/pod-info.ts';
import type { AffinityTerm, PodInfo } from '../framework/pod-info.ts';
import { matchesAllTerms } from './affinity-terms.ts';
import { TopologyCounts } from './topology-counts.ts';

/** What stays the same through a cycle and its what-ifs. */
export interface IncomingPod {
  readonly pod: Pod;
  /** Labels of the pod's namespace; undefined = it is not known. */
  readonly namespaceLabels: Labels | undefined;
  /** Required terms, their namespaces merged. */
  readonly affinityTerms: readonly AffinityTerm[];
  readonly antiAffinityTerms: readonly AffinityTerm[];
  /** Whether the pod is one of those that its affinity terms ask for. */
  readonly matchesOwnAffinity: boolean;
}

/** Who is where, as far as required terms ask (upstream `preFilterState`). */
export class FilterState implements StateValue {
  readonly incoming: IncomingPod;
  /** Pods that match all affinity terms at once; each counts once for each term. */
  private readonly affinity: TopologyCounts;
  /** Pods that match an anti-affinity term, for that term. */
  private readonly antiAffinity: TopologyCounts;
  /** Anti-affinity terms of other pods that match the incoming one. */
  private readonly existingAntiAffinity: TopologyCounts;

  constructor(
    incoming: IncomingPod,
    affinity = new TopologyCounts(),
    antiAffinity = new TopologyCounts(),
    existingAntiAffinity = new TopologyCounts(),
  ) {
    this.incoming = incoming;
    this.affinity = affinity;
    this.antiAffinity = antiAffinity;
    this.existingAntiAffinity = existingAntiAffinity;
  }

  clone(): FilterState {
    const { incoming, affinity, antiAffinity, existingAntiAffinity } = this;
    return new FilterState(incoming, affinity.clone(), antiAffinity.clone(), existingAntiAffinity.clone());
  }

  /** Whether no node can be refused. */
  get isIdle(): boolean {
    const { affinityTerms, antiAffinityTerms } = this.incoming;
    return affinityTerms.length === 0 && antiAffinityTerms.length === 0 && this.existingAntiAffinity.isZero;
  }

  /** A pod that the incoming one's terms may mean is on a node with these labels, or (-1) is no longer. */
  countOwnTerms(pod: Pod, nodeLabels: Labels, sign: 1 | -1): void {
    const { affinityTerms, antiAffinityTerms } = this.incoming;
    if (matchesAllTerms(affinityTerms, pod)) {
      for (const { topologyKey } of affinityTerms) this.affinity.add(nodeLabels, topologyKey, sign);
    }
    for (const term of antiAffinityTerms) {
      if (matchesAffinityTerm(term, pod, undefined)) this.antiAffinity.add(nodeLabels, term.topologyKey, sign);
    }
  }

  /** The same for a pod whose own terms may mean the incoming one. */
  countExistingTerms({ needs }: PodInfo, nodeLabels: Labels, sign: 1 | -1): void {
    const { pod, namespaceLabels } = this.incoming;
    for (const term of needs.requiredAntiAffinityTerms) {
      if (!matchesAffinityTerm(term, pod, namespaceLabels)) continue;
      this.existingAntiAffinity.add(nodeLabels, term.topologyKey, sign);
    }
  }

  /** A what-if puts a pod on a node with these labels, or (-1) takes it off. */
  count(podInfo: PodInfo, nodeLabels: Labels, sign: 1 | -1): void {
    this.countExistingTerms(podInfo, nodeLabels, sign);
    this.countOwnTerms(podInfo.pod, nodeLabels, sign);
  }

  /**
   * Whether every affinity term finds its pod in the node's domain. Where no domain holds such a pod at all, one that
   * matches its own terms may be the first: else no pod of a group could ever start. The keys must be there even then.
   */
  satisfiesAffinity(nodeLabels: Labels): boolean {
    const { affinityTerms } = this.incoming;
    let isMet = true;
    for (let at = 0; at < affinityTerms.length; at++) {
      const { topologyKey } = affinityTerms[at]!;
      const value = labelValue(nodeLabels, topologyKey);
      if (value === undefined) return false;
      if (this.affinity.get(topologyKey, value) <= 0) isMet = false;
    }
    return isMet || (this.affinity.isZero && this.incoming.matchesOwnAffinity);
  }

  /** Whether no anti-affinity term finds a pod in the node's domain. */
  satisfiesAntiAffinity(nodeLabels: Labels): boolean {
    return this.antiAffinity.isZero || !this.antiAffinity.hasPositive(nodeLabels);
  }

  /** Whether no pod in the node's domains minds the incoming one. */
  satisfiesExistingAntiAffinity(nodeLabels: Labels): boolean {
    return this.existingAntiAffinity.isZero || !this.existingAntiAffinity.hasPositive(nodeLabels);
  }
}
