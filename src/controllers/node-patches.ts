/** The writes of the node lifecycle controller, as patches of the stored version. Pure. */
import { podWith } from '../apiserver/pod-object.ts';
import type { Node, Pod } from '../api/core-v1.ts';
import type { Condition, Timestamp } from '../api/meta-v1.ts';
import { nodeCondition } from '../api/node-conditions.ts';
import { observeCondition, statusWith } from '../api/pod-status.ts';
import { withNoExecuteTaint, withNoScheduleTaints } from './node-taints.ts';

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

/** NoSchedule taints as the conditions call for. */
export function noSchedulePatch(node: Node): Node {
  const taints = withNoScheduleTaints(node);
  return taints === node.spec.taints ? node : { ...node, spec: { ...node.spec, taints } };
}

/** Which readiness NoExecute taint a node is to have. */
export interface NoExecuteArgument {
  /** undefined = none. */
  readonly key: string | undefined;
  /** Whole seconds. */
  readonly now: Timestamp;
}

/** Exactly the readiness NoExecute taint of the argument. */
export function noExecutePatch(node: Node, argument: unknown): Node {
  const { key, now } = argument as NoExecuteArgument;
  const taints = withNoExecuteTaint(node, key, now);
  return taints === node.spec.taints ? node : { ...node, spec: { ...node.spec, taints } };
}

/** Ready=False; the argument is the time, whole seconds. */
export function podNotReadyPatch(pod: Pod, argument: unknown): Pod {
  const ready = observeCondition(pod.status.ready, false, argument as Timestamp);
  return ready === pod.status.ready ? pod : podWith(pod, { status: statusWith(pod.status, { ready }) });
}
