/** Kinds that are stored, listed, and otherwise without effect. */
import { isPublished, publishedObjects } from '../api/published-objects.ts';
import type { ClusterState } from '../apiserver/cluster-state.ts';

/** How many objects of a kind are stored. */
export interface InertKind {
  /** `ConfigMap v1`, `PodMonitor monitoring.coreos.com/v1`. */
  readonly kind: string;
  readonly count: number;
}

/** The stored objects on which nothing acts, by kind, in order of name. */
export function countInertKinds(state: ClusterState): readonly InertKind[] {
  const counts = new Map<string, number>();
  for (const object of state.list('Custom')) {
    if (publishedObjects.some((published) => isPublished(object, published))) continue;
    const { kind, apiVersion } = object;
    const name = `${kind} ${apiVersion}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => ({ kind, count })).sort((a, b) => (a.kind < b.kind ? -1 : 1));
}
