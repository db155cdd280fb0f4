import type { Pod } from '../../api/core-v1.ts';
import { labelsOf, matchesLabels, sortedLabels } from '../../api/labels.ts';
import type { LabelSelector, LabelSelectorRequirement, Labels } from '../../api/meta-v1.ts';
import { controllerOf } from '../../api/meta-v1.ts';
import { byNamespace } from '../../apiserver/cluster-state.ts';
import type { ClusterLister } from '../framework/handle.ts';
import type { PodSelector } from './pod-selector.ts';
import { podSelector } from './pod-selector.ts';

/**
 * The pods that do the same work as this one: those of all Services that select it, and of the ReplicaSet, StatefulSet or
 * ReplicationController that controls it (upstream `pl/helper/spread.go` DefaultSelector). Empty if there is none of these.
 */
export function defaultSelector(pod: Pod, cluster: ClusterLister): LabelSelector {
  const merged = new Map<string, string>();
  for (const labels of labelSelectors(pod, cluster)) {
    for (const [key, value] of sortedLabels(labels)) merged.set(key, value);
  }
  return { matchLabels: labelsOf(merged), matchExpressions: requirementsOf(selectorOfSet(pod, cluster)) };
}

/** Compiled default selectors; one for all pods of a ReplicaSet or StatefulSet that no Service selects. */
export class DefaultSelectors {
  private readonly known = new WeakMap<LabelSelector, PodSelector>();

  of(pod: Pod, cluster: ClusterLister): PodSelector {
    const { namespace } = pod.metadata;
    const own = labelSelectors(pod, cluster).length === 0 ? selectorOfSet(pod, cluster) : undefined;
    if (own === undefined) return podSelector(defaultSelector(pod, cluster), namespace);
    let selector = this.known.get(own);
    if (selector?.namespace !== namespace) {
      selector = podSelector(defaultSelector(pod, cluster), namespace);
      this.known.set(own, selector);
    }
    return selector;
  }
}

/** Of the Services that select the pod, and of a ReplicationController that controls it: those that consist of labels. */
function labelSelectors(pod: Pod, cluster: ClusterLister): readonly Labels[] {
  const { namespace, labels } = pod.metadata;
  const found: Labels[] = [];
  for (const { selector } of cluster.by('Service', byNamespace, namespace)) {
    if (selector !== undefined && matchesLabels(selector, labels)) found.push(selector);
  }
  const owner = controllerOf(pod);
  if (owner?.apiVersion === 'v1' && owner.kind === 'ReplicationController') {
    const controller = cluster.get('ReplicationController', namespace, owner.name);
    if (controller !== undefined) found.push(controller.spec.selector.matchLabels);
  }
  return found;
}

/** Of the ReplicaSet or StatefulSet that controls the pod. */
function selectorOfSet(pod: Pod, cluster: ClusterLister): LabelSelector | undefined {
  const owner = controllerOf(pod);
  if (owner?.apiVersion !== 'apps/v1') return undefined;
  if (owner.kind !== 'ReplicaSet' && owner.kind !== 'StatefulSet') return undefined;
  return cluster.get(owner.kind, pod.metadata.namespace, owner.name)?.spec.selector;
}

/** A label may be asked for by a Service and by the owner, with different values: both requirements stand. */
function requirementsOf(selector: LabelSelector | undefined): readonly LabelSelectorRequirement[] {
  if (selector === undefined) return [];
  const labels = sortedLabels(selector.matchLabels);
  return [
    ...labels.map(([key, value]): LabelSelectorRequirement => ({ key, operator: 'In', values: [value] })),
    ...selector.matchExpressions,
  ];
}
