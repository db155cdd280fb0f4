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

/** The node's taints and those NoSchedule taints that its conditions call for; the same list when none is missing. */
export function withNoScheduleAdded(node: Node): readonly Taint[] {
  const { taints } = node.spec;
  const missing = [...wantedNoSchedule(node)].filter(
    (key) => !taints.some((t) => t.key === key && t.effect === 'NoSchedule'),
  );
  if (missing.length === 0) return taints;
  return [...taints, ...missing.map((key): Taint => ({ key, value: '', effect: 'NoSchedule', timeAdded: undefined }))];
}

/** The node's taints without those NoSchedule taints that its conditions do not call for; the same list when there is none. */
export function withNoScheduleRemoved(node: Node): readonly Taint[] {
  const { taints } = node.spec;
  const wanted = wantedNoSchedule(node);
  const kept = taints.filter((t) => t.effect !== 'NoSchedule' || !ownedKeys.has(t.key) || wanted.has(t.key));
  return kept.length === taints.length ? taints : kept;
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

/** The node's taints and this readiness NoExecute taint; the same list when it is there. */
export function withNoExecuteTaint(node: Node, key: string, nowSeconds: number): readonly Taint[] {
  if (hasNoExecute(node, key)) return node.spec.taints;
  return [...node.spec.taints, { key, value: '', effect: 'NoExecute', timeAdded: nowSeconds }];
}

/** The node's taints without readiness NoExecute taints but one (undefined = none); the same list when there is none. */
export function withoutNoExecuteTaints(node: Node, keptKey: string | undefined): readonly Taint[] {
  const { taints } = node.spec;
  const isOwned = (t: Taint): boolean =>
    t.effect === 'NoExecute' && (t.key === notReadyTaint || t.key === unreachableTaint);
  const kept = taints.filter((t) => !isOwned(t) || t.key === keptKey);
  return kept.length === taints.length ? taints : kept;
}
