import type { Node, Pod, Taint, TaintEffect, Toleration } from '../../api/core-v1.ts';
import { findUntoleratedTaint, isTaintTolerated } from '../../api/tolerations.ts';
import { ActionType, onClusterEvent } from '../framework/cluster-event.ts';
import type { ClusterEventWithHint, QueueingHint } from '../framework/cluster-event.ts';
import { cycleStateKey } from '../framework/cycle-state.ts';
import type { CycleState, StateValue } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { unresolvable } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';
import { defaultNormalizeScore } from './normalize-score.ts';

const hardEffects: readonly TaintEffect[] = ['NoSchedule', 'NoExecute'];
/** One text for all taints: since 1.36 the message does not name the taint. */
const refused = Object.freeze(unresolvable('node(s) had untolerated taint(s)'));

/** Tolerations that matter to PreferNoSchedule taints. */
class PreScoreState implements StateValue {
  readonly tolerations: readonly Toleration[];

  constructor(tolerations: readonly Toleration[]) {
    this.tolerations = tolerations;
  }

  clone(): PreScoreState {
    return this;
  }
}

const stateKey = cycleStateKey<PreScoreState>('PreScoreTaintToleration');

/** Keeps pods off tainted nodes (`pl/tainttoleration/taint_toleration.go`). */
class TaintToleration implements Plugin {
  readonly name = 'TaintToleration';
  readonly isNodeLocal = true;

  filter(_state: CycleState, pod: Pod, node: NodeInfo): Status | undefined {
    return areTolerated(node.taints, pod) ? undefined : refused;
  }

  preScore(state: CycleState, { spec }: Pod): undefined {
    const tolerations = spec.tolerations.filter(({ effect }) => effect === '' || effect === 'PreferNoSchedule');
    state.write(stateKey, new PreScoreState(tolerations));
  }

  score(state: CycleState, _pod: Pod, node: NodeInfo): number {
    return countUntolerated(node.taints, state.read(stateKey)!.tolerations);
  }

  scoreNodes(state: CycleState, _pod: Pod, nodes: readonly NodeInfo[], scores: Float64Array): undefined {
    const { tolerations } = state.read(stateKey)!;
    for (let at = 0; at < nodes.length; at++) scores[at] = countUntolerated(nodes[at]!.taints, tolerations);
  }

  normalizeScore(_state: CycleState, _pod: Pod, scores: Float64Array): undefined {
    defaultNormalizeScore(scores, true);
  }

  eventsToRegister(): readonly ClusterEventWithHint[] {
    return [
      onClusterEvent('Node', ActionType.add | ActionType.updateNodeTaint, afterNodeChange),
      onClusterEvent('TargetPod', ActionType.updatePodToleration, () => 'Queue'),
    ];
  }
}

/** Number of PreferNoSchedule taints that the pod does not tolerate. */
function countUntolerated(taints: readonly Taint[], tolerations: readonly Toleration[]): number {
  let count = 0;
  for (const taint of taints) {
    if (taint.effect === 'PreferNoSchedule' && !isTaintTolerated(taint, tolerations)) count++;
  }
  return count;
}

function areTolerated(taints: readonly Taint[], pod: Pod): boolean {
  return taints.length === 0 || findUntoleratedTaint(taints, pod.spec.tolerations, hardEffects) === undefined;
}

/** A node that had been open to the pod before did not refuse it. */
function afterNodeChange(pod: Pod, before: Node | undefined, after: Node | undefined): QueueingHint {
  const wasTolerated = before !== undefined && areTolerated(before.spec.taints, pod);
  return !wasTolerated && areTolerated(after!.spec.taints, pod) ? 'Queue' : 'Skip';
}

export const taintToleration = definePlugin({
  name: 'TaintToleration',
  description: 'refuses nodes with taints that the pod does not tolerate and avoids PreferNoSchedule ones',
  create: () => new TaintToleration(),
});
