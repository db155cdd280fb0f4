/** The writes of the node lifecycle controller, as patches of the stored version. Pure. */
import { podWith } from '../apiserver/pod-object.ts';
import type { Node, Pod } from '../api/core-v1.ts';
import type { Condition, Timestamp } from '../api/meta-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import { nodeCondition, withBetaLabels } from '../api/node-conditions.ts';
import { observeCondition, statusWith } from '../api/pod-status.ts';
import {
  withNoExecuteTaint,
  withNoScheduleAdded,
  withNoScheduleRemoved,
  withoutNoExecuteTaints,
} from './node-taints.ts';

const unknownTypes: readonly string[] = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** What a silent kubelet is known to say: nothing. The argument is the time, whole seconds. */
export function unknownPatch(node: Node, argument: unknown): Node {
  const conditions = node.status.conditions.filter((condition) => !unknownTypes.includes(condition.type));
  for (const type of unknownTypes) conditions.push(unknownCondition(node, type, argument as Timestamp));
  return { ...node, status: { ...node.status, conditions } };
}

function unknownCondition(node: Node, type: string, now: Timestamp): Condition {
  const known = nodeCondition(node, type);
  const reason = known === undefined ? 'NodeStatusNeverUpdated' : 'NodeStatusUnknown';
  const message = known === undefined ? 'Kubelet never posted node status.' : 'Kubelet stopped posting node status.';
  const lastTransitionTime = known?.status === 'Unknown' ? known.lastTransitionTime : now;
  return { type, status: 'Unknown', lastTransitionTime, reason, message };
}

/** The NoSchedule taints that the conditions call for are there. */
export function noScheduleAddPatch(node: Node): Node {
  return tainted(node, withNoScheduleAdded(node));
}

/** The NoSchedule taints that the conditions do not call for are gone. */
export function noScheduleRemovePatch(node: Node): Node {
  return tainted(node, withNoScheduleRemoved(node));
}

/** A readiness NoExecute taint that a node is to have. */
export interface NoExecuteArgument {
  readonly key: string;
  /** Whole seconds. */
  readonly now: Timestamp;
}

/** The readiness NoExecute taint of the argument is there. */
export function noExecuteAddPatch(node: Node, argument: unknown): Node {
  const { key, now } = argument as NoExecuteArgument;
  return tainted(node, withNoExecuteTaint(node, key, now));
}

/** Of the readiness NoExecute taints only that of the argument, a key, may stay; undefined = none. */
export function noExecuteRemovePatch(node: Node, argument: unknown): Node {
  return tainted(node, withoutNoExecuteTaints(node, argument as string | undefined));
}

function tainted(node: Node, taints: Node['spec']['taints']): Node {
  return taints === node.spec.taints ? node : { ...node, spec: { ...node.spec, taints } };
}

/** The old names of a node's labels say what the new ones do. */
export function labelsPatch(node: Node): Node {
  const labels = withBetaLabels(node.metadata.labels);
  return labels === node.metadata.labels ? node : { ...node, metadata: metadataWith(node.metadata, { labels }) };
}

/** Ready=False; the argument is the time, whole seconds. */
export function podNotReadyPatch(pod: Pod, argument: unknown): Pod {
  const ready = observeCondition(pod.status.ready, false, argument as Timestamp);
  return ready === pod.status.ready ? pod : podWith(pod, { status: statusWith(pod.status, { ready }) });
}
