/** Kinds that are stored, listed, and otherwise without effect. */
import { kindsWithoutController } from '../api/kinds.ts';
import type { Kind } from '../api/kinds.ts';
import type { ClusterState } from '../apiserver/cluster-state.ts';

/** How many objects of a kind are stored. */
export interface InertKind {
  /** `ConfigMap v1`, `PodMonitor monitoring.coreos.com/v1`. */
  readonly kind: string;
  readonly count: number;
}

const missed = /^ReplicationController /;

/** 0 for kinds that would run or govern pods, which a reader will miss; 1 for the rest. `name` as in `InertKind.kind`. */
export function inertRank(name: string): 0 | 1 {
  return missed.test(name) ? 0 : 1;
}

/** Whether no controller acts on the objects of a store. */
export function isInertKind(store: Kind): boolean {
  return store === 'Custom' || kindsWithoutController.has(store);
}

/** The stored objects on which nothing acts, by kind: those that would run pods first, then in order of name. */
export function countInertKinds(state: ClusterState): readonly InertKind[] {
  const counts = new Map<string, number>();
  for (const store of ['Custom', ...kindsWithoutController] as const) {
    for (const { kind, apiVersion } of state.list(store)) {
      const name = `${kind} ${apiVersion}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return [...counts]
    .map(([kind, count]) => ({ kind, count }))
    .sort((a, b) => inertRank(a.kind) - inertRank(b.kind) || (a.kind < b.kind ? -1 : 1));
}
