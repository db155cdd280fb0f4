/** Which taints the conditions of a node call for (upstream pkg/controller/nodelifecycle). Pure. */
import type { Node, Taint } from '../api/core-v1.ts';
import type { ConditionStatus } from '../api/meta-v1.ts';
import { nodeCondition } from '../api/node-conditions.ts';

export const notReadyTaint = 'node.kubernetes.io/not-ready';
export const unreachableTaint = 'node.kubernetes.io/unreachable';
const unschedulableTaint = 'node.kubernetes.io/unschedulable';

const taintsOfTrueConditions: ReadonlyMap<string, string> = new Map([
  ['MemoryPressure', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'node.kubernetes.io/disk-pressure'],
  ['PIDPressure', 'node.kubernetes.io/pid-pressure'],
  ['NetworkUnavailable', 'node.kubernetes.io/network-unavailable'],
]);

/** Keys of NoSchedule taints that this controller owns: it adds and removes them, and leaves all others alone. */
const ownedKeys: ReadonlySet<string> = new Set([
  notReadyTaint,
  unreachableTaint,
  unschedulableTaint,
  ...taintsOfTrueConditions.values(),
]);

/** Status of the Ready condition; a node without one is Unknown. */
export function readyStatus(node: Node): ConditionStatus {
  return nodeCondition(node, 'Ready')?.status ?? 'Unknown';
}

/** Whether anybody has ever said if the node is ready. */
export function isReadyPosted(node: Node): boolean {
  return nodeCondition(node, 'Ready') !== undefined;
}

/** Key of the taint that a Ready status calls for; undefined when ready. */
export function readinessTaint(status: ConditionStatus): string | undefined {
  return status === 'True' ? undefined : status === 'False' ? notReadyTaint : unreachableTaint;
}

/** The node's taints with NoSchedule taints as its conditions call for; the same list when nothing changes. */
export function withNoScheduleTaints(node: Node): readonly Taint[] {
  const wanted = wantedNoSchedule(node);
  const kept = node.spec.taints.filter((t) => t.effect !== 'NoSchedule' || !ownedKeys.has(t.key) || wanted.has(t.key));
  const missing = [...wanted].filter(
    (key) => !node.spec.taints.some((t) => t.key === key && t.effect === 'NoSchedule'),
  );
  if (missing.length === 0 && kept.length === node.spec.taints.length) return node.spec.taints;
  return [...kept, ...missing.map((key): Taint => ({ key, value: '', effect: 'NoSchedule', timeAdded: undefined }))];
}

function wantedNoSchedule(node: Node): ReadonlySet<string> {
  const wanted = new Set<string>();
  // A node without the condition keeps the taint that admission gave it: nothing is known that would take it away.
  const readiness = isReadyPosted(node) ? readinessTaint(readyStatus(node)) : notReadyTaint;
  if (readiness !== undefined) wanted.add(readiness);
  for (const { type, status } of node.status.conditions) {
    const key = taintsOfTrueConditions.get(type);
    if (key !== undefined && status === 'True') wanted.add(key);
  }
  if (node.spec.unschedulable) wanted.add(unschedulableTaint);
  return wanted;
}

/** Whether the node has the NoExecute taint of this key. */
export function hasNoExecute(node: Node, key: string): boolean {
  return node.spec.taints.some((t) => t.key === key && t.effect === 'NoExecute');
}

/** The node's taints with exactly this readiness NoExecute taint (undefined = none); the same list when nothing changes. */
export function withNoExecuteTaint(node: Node, key: string | undefined, nowSeconds: number): readonly Taint[] {
  const isOwned = (t: Taint): boolean =>
    t.effect === 'NoExecute' && (t.key === notReadyTaint || t.key === unreachableTaint);
  const kept = node.spec.taints.filter((t) => !isOwned(t) || t.key === key);
  const isMissing = key !== undefined && !kept.some((t) => isOwned(t));
  if (!isMissing) return kept.length === node.spec.taints.length ? node.spec.taints : kept;
  return [...kept, { key, value: '', effect: 'NoExecute', timeAdded: nowSeconds }];
}
