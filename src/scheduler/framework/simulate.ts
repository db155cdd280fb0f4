/** "Would this pod fit there?" for whoever asks without scheduling: DaemonSet, drain, autoscaler. */
import type { Pod } from '../../api/core-v1.ts';
import { CycleState } from './cycle-state.ts';
import type { NodeInfo } from './node-info.ts';
import type { Framework } from './runtime.ts';
import { isSuccess, unresolvable } from './status.ts';
import type { Status } from './status.ts';

/**
 * Runs PreFilter and Filter of a profile for one node, against the snapshot as it is.
 *
 * @returns undefined when the pod fits, else the first refusal.
 */
export function wouldFit(framework: Framework, pod: Pod, node: NodeInfo): Status | undefined {
  const state = new CycleState();
  const { status, nodeNames } = framework.runPreFilter(state, pod, framework.snapshot.nodes);
  if (!isSuccess(status)) return status;
  if (nodeNames !== undefined && !nodeNames.has(node.name)) return framework.runFilter(state, pod, node) ?? outside;
  return framework.runFilterPluginsWithNominatedPods(state, pod, node);
}

const outside: Status = Object.freeze(unresolvable("node(s) didn't match the pod's node names"));
