/**
 * What may help a pod that InterPodAffinity refused (`pl/interpodaffinity/plugin.go`). As upstream, namespace selectors are
 * not looked up here: one with requirements is tried on an empty set of labels.
 */
import type { Node, Pod } from '../../api/core-v1.ts';
import { labelValue } from '../../api/meta-v1.ts';
import { ActionType, onClusterEvent } from '../framework/cluster-event.ts';
import type { ClusterEventWithHint, QueueingHint } from '../framework/cluster-event.ts';
import type { PodNeeds } from '../framework/pod-info.ts';
import { matchesAllTerms, matchesAnyTerm } from './affinity-terms.ts';

/** @param needsOf what a pod asks for. */
export function interPodAffinityEvents(needsOf: (pod: Pod) => PodNeeds): readonly ClusterEventWithHint[] {
  const hintOf = (isHelpful: boolean): QueueingHint => (isHelpful ? 'Queue' : 'Skip');
  return [
    onClusterEvent(
      'AssignedPod',
      ActionType.add | ActionType.updatePodLabel | ActionType.delete,
      (pod, before, after) => hintOf(isPodChangeHelpful(pod, before, after, needsOf)),
    ),
    onClusterEvent('TargetPod', ActionType.updatePodLabel, () => 'Queue'),
    onClusterEvent('Node', ActionType.add | ActionType.updateNodeLabel, (pod, before, after) =>
      hintOf(isNodeChangeHelpful(needsOf(pod), before, after!)),
    ),
  ];
}

function isPodChangeHelpful(
  pod: Pod,
  before: Pod | undefined,
  after: Pod | undefined,
  needsOf: (pod: Pod) => PodNeeds,
): boolean {
  if (isNowhere(before) || isNowhere(after)) return false;
  const { requiredAffinityTerms: terms, requiredAntiAffinityTerms: antiTerms } = needsOf(pod);
  if (after === undefined) {
    return matchesAnyTerm(antiTerms, before!) || matchesAnyTerm(needsOf(before!).requiredAntiAffinityTerms, pod);
  }
  if (before === undefined) return matchesAllTerms(terms, after);
  if (matchesAllTerms(terms, after) && !matchesAllTerms(terms, before)) return true;
  return matchesAnyTerm(antiTerms, before) && !matchesAnyTerm(antiTerms, after);
}

/** A pod with neither a node nor a nomination stands in nobody's way. */
function isNowhere(pod: Pod | undefined): boolean {
  return pod !== undefined && pod.spec.nodeName === '' && pod.status.nominatedNodeName === '';
}

function isNodeChangeHelpful(needs: PodNeeds, before: Node | undefined, after: Node): boolean {
  const { requiredAffinityTerms, requiredAntiAffinityTerms } = needs;
  const now = after.metadata.labels;
  const old = before?.metadata.labels;
  for (const { topologyKey } of requiredAffinityTerms) {
    const value = labelValue(now, topologyKey);
    if (value !== undefined && (old === undefined || labelValue(old, topologyKey) !== value)) return true;
  }
  for (const { topologyKey } of requiredAntiAffinityTerms) {
    if (old === undefined) return true;
    const value = labelValue(old, topologyKey);
    if (value !== undefined && labelValue(now, topologyKey) !== value) return true;
  }
  return false;
}
