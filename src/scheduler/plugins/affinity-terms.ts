/** Terms of the pod that is being decided, matched against other pods (`pl/interpodaffinity/filtering.go`). */
import type { Pod } from '../../api/core-v1.ts';
import type { ClusterLister } from '../framework/handle.ts';
import { matchesAffinityTerm } from '../framework/pod-info.ts';
import type { AffinityTerm } from '../framework/pod-info.ts';

/**
 * The terms with the namespaces that their selectors mean by now. A selector without requirements means every namespace,
 * also one that is not known, and stays. Upstream `mergeAffinityTermNamespacesIfNotEmpty`.
 */
export function mergeAffinityTermNamespaces(
  terms: readonly AffinityTerm[],
  cluster: ClusterLister,
): readonly AffinityTerm[] {
  if (!terms.some(({ selectsNamespaces }) => selectsNamespaces)) return terms;
  return terms.map((term) => (term.selectsNamespaces ? mergeTerm(term, cluster) : term));
}

function mergeTerm(term: AffinityTerm, cluster: ClusterLister): AffinityTerm {
  const namespaces = new Set(term.namespaces);
  for (const { metadata } of cluster.list('Namespace')) {
    if (term.matchesNamespaceLabels(metadata.labels)) namespaces.add(metadata.name);
  }
  return { ...term, namespaces, matchesNamespaceLabels: () => false, selectsNamespaces: false };
}

/** Whether a pod is meant by all of the terms; by no terms none is. */
export function matchesAllTerms(terms: readonly AffinityTerm[], pod: Pod): boolean {
  for (let at = 0; at < terms.length; at++) if (!matchesAffinityTerm(terms[at]!, pod, undefined)) return false;
  return terms.length > 0;
}

/** Whether a pod is meant by one of the terms. */
export function matchesAnyTerm(terms: readonly AffinityTerm[], pod: Pod): boolean {
  for (let at = 0; at < terms.length; at++) if (matchesAffinityTerm(terms[at]!, pod, undefined)) return true;
  return false;
}
