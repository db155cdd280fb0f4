import type { Pod } from '../../api/core-v1.ts';
import { labelsOf, matchesLabels, sortedLabels } from '../../api/labels.ts';
import type { LabelSelector, LabelSelectorRequirement } from '../../api/meta-v1.ts';
import { controllerOf } from '../../api/meta-v1.ts';
import { byNamespace } from '../../apiserver/cluster-state.ts';
import type { ClusterLister } from '../framework/handle.ts';

/**
 * The pods that do the same work as this one: those of all Services that select it, and of the ReplicaSet, StatefulSet or
 * ReplicationController that controls it (upstream `pl/helper/spread.go` DefaultSelector). Empty if there is none of these.
 */
export function defaultSelector(pod: Pod, cluster: ClusterLister): LabelSelector {
  const { namespace, labels } = pod.metadata;
  const merged = new Map<string, string>();
  for (const { selector } of cluster.by('Service', byNamespace, namespace)) {
    if (selector === undefined || !matchesLabels(selector, labels)) continue;
    for (const [key, value] of sortedLabels(selector)) merged.set(key, value);
  }
  const owner = controllerOf(pod);
  let matchExpressions: readonly LabelSelectorRequirement[] = [];
  switch (owner === undefined ? '' : `${owner.apiVersion} ${owner.kind}`) {
    case 'v1 ReplicationController': {
      const controller = cluster.get('ReplicationController', namespace, owner!.name);
      if (controller === undefined) break;
      for (const [key, value] of sortedLabels(controller.spec.selector.matchLabels)) merged.set(key, value);
      break;
    }
    case 'apps/v1 ReplicaSet':
      matchExpressions = requirementsOf(cluster.get('ReplicaSet', namespace, owner!.name)?.spec.selector);
      break;
    case 'apps/v1 StatefulSet':
      matchExpressions = requirementsOf(cluster.get('StatefulSet', namespace, owner!.name)?.spec.selector);
      break;
  }
  return { matchLabels: labelsOf(merged), matchExpressions };
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
