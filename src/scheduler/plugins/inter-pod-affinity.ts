import type { Pod } from '../../api/core-v1.ts';
import type { Labels } from '../../api/meta-v1.ts';
import type { ClusterEventWithHint } from '../framework/cluster-event.ts';
import { cycleStateKey } from '../framework/cycle-state.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Handle } from '../framework/handle.ts';
import type { Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import type { PodInfo } from '../framework/pod-info.ts';
import { skip, unresolvable, unschedulable } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';
import { matchesAllTerms, mergeAffinityTermNamespaces } from './affinity-terms.ts';
import {
  defaultInterPodAffinityArgs,
  readInterPodAffinityArgs,
  validateInterPodAffinityArgs,
} from './inter-pod-affinity-args.ts';
import type { InterPodAffinityArgs } from './inter-pod-affinity-args.ts';
import { interPodAffinityEvents } from './inter-pod-affinity-hints.ts';
import { ScoreState, normalizeBetweenExtremes } from './inter-pod-affinity-scores.ts';
import { FilterState } from './inter-pod-affinity-state.ts';

const filterKey = cycleStateKey<FilterState>('PreFilterInterPodAffinity');
const scoreKey = cycleStateKey<ScoreState>('PreScoreInterPodAffinity');
const refusedByAffinity = Object.freeze(unresolvable("node(s) didn't match pod affinity rules"));
const refusedByAntiAffinity = Object.freeze(unschedulable("node(s) didn't match pod anti-affinity rules"));
const refusedByExisting = Object.freeze(unschedulable("node(s) didn't satisfy existing pods anti-affinity rules"));

/** Pods that want to be with or without one another (`pl/interpodaffinity/filtering.go`, `scoring.go`). */
class InterPodAffinity implements Plugin {
  readonly name = 'InterPodAffinity';
  private readonly args: InterPodAffinityArgs;
  private readonly handle: Handle;

  constructor(args: InterPodAffinityArgs, handle: Handle) {
    this.args = args;
    this.handle = handle;
  }

  /** Pods with a deletionTimestamp count until they are gone. */
  preFilter(state: CycleState, pod: Pod, nodes: readonly NodeInfo[]): Status | undefined {
    const { requiredAffinityTerms, requiredAntiAffinityTerms } = this.handle.needsOf(pod);
    const hasTerms = requiredAffinityTerms.length > 0 || requiredAntiAffinityTerms.length > 0;
    const nodesWithTerms = this.handle.snapshot.nodesWithRequiredAntiAffinityPods;
    if (!hasTerms && nodesWithTerms.length === 0) return skip;
    const filterState = this.newFilterState(pod);
    for (const { node, podsWithRequiredAntiAffinity } of nodesWithTerms) {
      const { labels } = node!.metadata;
      for (const existing of podsWithRequiredAntiAffinity) filterState.countExistingTerms(existing, labels, 1);
    }
    if (hasTerms) {
      for (const { node, pods } of nodes) {
        for (const existing of pods) filterState.countOwnTerms(existing.pod, node!.metadata.labels, 1);
      }
    }
    if (filterState.isIdle) return skip;
    state.write(filterKey, filterState);
    return undefined;
  }

  private newFilterState(pod: Pod): FilterState {
    const { cluster } = this.handle;
    const { requiredAffinityTerms, requiredAntiAffinityTerms } = this.handle.needsOf(pod);
    const affinityTerms = mergeAffinityTermNamespaces(requiredAffinityTerms, cluster);
    return new FilterState({
      pod,
      namespaceLabels: this.namespaceLabelsOf(pod),
      affinityTerms,
      antiAffinityTerms: mergeAffinityTermNamespaces(requiredAntiAffinityTerms, cluster),
      matchesOwnAffinity: matchesAllTerms(affinityTerms, pod),
    });
  }

  private namespaceLabelsOf({ metadata }: Pod): Labels | undefined {
    return this.handle.cluster.get('Namespace', '', metadata.namespace)?.metadata.labels;
  }

  addPod(state: CycleState, _pod: Pod, added: PodInfo, node: NodeInfo): undefined {
    state.read(filterKey)!.count(added, node.node!.metadata.labels, 1);
  }

  removePod(state: CycleState, _pod: Pod, removed: PodInfo, node: NodeInfo): undefined {
    state.read(filterKey)!.count(removed, node.node!.metadata.labels, -1);
  }

  filter(state: CycleState, _pod: Pod, { node }: NodeInfo): Status | undefined {
    const filterState = state.read(filterKey);
    if (filterState === undefined) return undefined;
    const { labels } = node!.metadata;
    if (!filterState.satisfiesAffinity(labels)) return refusedByAffinity;
    if (!filterState.satisfiesAntiAffinity(labels)) return refusedByAntiAffinity;
    return filterState.satisfiesExistingAntiAffinity(labels) ? undefined : refusedByExisting;
  }

  /** A pod without preferences looks only at the pods that may have some about it. */
  preScore(state: CycleState, pod: Pod): Status | undefined {
    const { snapshot, cluster } = this.handle;
    const { hardPodAffinityWeight, ignorePreferredTermsOfExistingPods } = this.args;
    const podInfo = this.handle.podInfo(pod);
    const { preferredAffinityTerms, preferredAntiAffinityTerms } = podInfo.needs;
    const hasPreferences = preferredAffinityTerms.length > 0 || preferredAntiAffinityTerms.length > 0;
    const nodesWithTerms = snapshot.nodesWithAffinityPods;
    if (!hasPreferences && (ignorePreferredTermsOfExistingPods || nodesWithTerms.length === 0)) return skip;
    const scoreState = new ScoreState(podInfo, this.namespaceLabelsOf(pod), cluster);
    if (hasPreferences) {
      for (const { node, pods } of snapshot.nodes) {
        for (const existing of pods) scoreState.addOwnTerms(existing.pod, node!.metadata.labels);
      }
    }
    for (const { node, podsWithAffinity } of nodesWithTerms) {
      const { labels } = node!.metadata;
      for (const existing of podsWithAffinity) scoreState.addExistingTerms(existing, labels, hardPodAffinityWeight);
    }
    if (scoreState.scores.isUntouched) return skip;
    state.write(scoreKey, scoreState);
    return undefined;
  }

  score(state: CycleState, _pod: Pod, { node }: NodeInfo): number {
    return state.read(scoreKey)!.scores.sum(node!.metadata.labels);
  }

  scoreNodes(state: CycleState, _pod: Pod, nodes: readonly NodeInfo[], scores: Float64Array): undefined {
    const { scores: sums } = state.read(scoreKey)!;
    for (let at = 0; at < nodes.length; at++) scores[at] = sums.sum(nodes[at]!.node!.metadata.labels);
  }

  normalizeScore(_state: CycleState, _pod: Pod, scores: Float64Array): undefined {
    normalizeBetweenExtremes(scores);
  }

  eventsToRegister(): readonly ClusterEventWithHint[] {
    return interPodAffinityEvents((pod) => this.handle.needsOf(pod));
  }
}

export const interPodAffinity = definePlugin<InterPodAffinityArgs>({
  name: 'InterPodAffinity',
  description: 'keeps pods with or away from other pods by domain, as their affinity and anti-affinity ask',
  defaultArgs: defaultInterPodAffinityArgs,
  readArgs: readInterPodAffinityArgs,
  validateArgs: validateInterPodAffinityArgs,
  create: (args, handle) => new InterPodAffinity(args, handle),
});
