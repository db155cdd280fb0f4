import type { Node, Pod, Taint } from '../../api/core-v1.ts';
import { isTaintTolerated } from '../../api/tolerations.ts';
import { ActionType, onClusterEvent } from '../framework/cluster-event.ts';
import type { ClusterEventWithHint, QueueingHint } from '../framework/cluster-event.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { unresolvable } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';

/** What a pod has to tolerate; the node itself need not carry the taint. */
const unschedulableTaint: Taint = Object.freeze({
  key: 'node.kubernetes.io/unschedulable',
  value: '',
  effect: 'NoSchedule',
  timeAdded: undefined,
});
const refused = Object.freeze(unresolvable('node(s) were unschedulable'));

/** Refuses cordoned nodes (`pl/nodeunschedulable/node_unschedulable.go`). */
class NodeUnschedulable implements Plugin {
  readonly name = 'NodeUnschedulable';
  readonly isNodeLocal = true;

  filter(_state: CycleState, pod: Pod, node: NodeInfo): Status | undefined {
    return !node.isUnschedulable || isTolerating(pod) ? undefined : refused;
  }

  eventsToRegister(): readonly ClusterEventWithHint[] {
    return [
      onClusterEvent('Node', ActionType.add | ActionType.updateNodeTaint, afterNodeChange),
      onClusterEvent('TargetPod', ActionType.updatePodToleration, (_pod, _before, after) =>
        after === undefined || isTolerating(after) ? 'Queue' : 'Skip',
      ),
    ];
  }
}

function isTolerating(pod: Pod): boolean {
  return isTaintTolerated(unschedulableTaint, pod.spec.tolerations);
}

function afterNodeChange(_pod: Pod, before: Node | undefined, after: Node | undefined): QueueingHint {
  const wasOpen = before !== undefined && !before.spec.unschedulable;
  return wasOpen || after!.spec.unschedulable ? 'Skip' : 'Queue';
}

export const nodeUnschedulable = definePlugin({
  name: 'NodeUnschedulable',
  description: 'refuses cordoned nodes',
  create: () => new NodeUnschedulable(),
});
