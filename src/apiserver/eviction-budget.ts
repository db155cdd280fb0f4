/** What disruption budgets say to an eviction (upstream pkg/registry/core/pod/storage/eviction.go). */
import type { Pod } from '../api/core-v1.ts';
import { compileSelector } from '../api/labels.ts';
import type { Timestamp } from '../api/meta-v1.ts';
import { isPodReady, isPodTerminal } from '../api/pod-conditions.ts';
import type { PodDisruptionBudget } from '../api/policy-v1.ts';
import type { ClusterState } from './cluster-state.ts';
import type { Refused } from './outcome.ts';
import { refused } from './outcome.ts';

/** Granted evictions whose pods are still there (MaxDisruptedPodSize). */
const disruptedPodsMax = 2000;

/** A refusal, or the version of the budget that the grant makes; neither: no budget has a say. */
export interface BudgetVerdict {
  readonly refusal?: Refused;
  readonly budget?: PodDisruptionBudget;
}

const free: BudgetVerdict = Object.freeze({});

/** Looks for the budget of a pod and takes one disruption from it. `now` in whole seconds. */
export function budgetVerdict(pod: Pod, state: ClusterState, now: Timestamp): BudgetVerdict {
  const { deletionTimestamp } = pod.metadata;
  if (isPodTerminal(pod) || pod.status.phase === 'Pending' || deletionTimestamp !== undefined) return free;
  const budgets = budgetsOf(pod, state);
  const [budget] = budgets;
  if (budget === undefined) return free;
  if (budgets.length > 1) {
    const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    return { refusal: refused('InternalError', message) };
  }
  if (!isPodReady(pod) && mayGoUnready(budget)) return free;
  return decremented(budget, pod.metadata.name, now);
}

function budgetsOf(pod: Pod, state: ClusterState): readonly PodDisruptionBudget[] {
  const { namespace, labels } = pod.metadata;
  const found: PodDisruptionBudget[] = [];
  for (const budget of state.list('PodDisruptionBudget')) {
    if (budget.metadata.namespace === namespace && compileSelector(budget.spec.selector)(labels)) found.push(budget);
  }
  return found;
}

/** A pod that is not ready guards nothing, unless the healthy ones are too few already. */
function mayGoUnready({ spec, status }: PodDisruptionBudget): boolean {
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  return status.currentHealthy >= status.desiredHealthy && status.desiredHealthy > 0;
}

function decremented(budget: PodDisruptionBudget, podName: string, now: Timestamp): BudgetVerdict {
  const { metadata, status } = budget;
  const { disruptionsAllowed, disruptedPods } = status;
  if (status.observedGeneration < metadata.generation || disruptionsAllowed === 0) {
    const message = "Cannot evict pod as it would violate the pod's disruption budget.";
    return { refusal: refused('TooManyRequests', message) };
  }
  if (disruptionsAllowed < 0 || disruptedPods.size > disruptedPodsMax) {
    const problem =
      disruptionsAllowed < 0
        ? 'pdb disruptions allowed is negative'
        : 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    const message = `poddisruptionbudgets.policy "${metadata.name}" is forbidden: ${problem}`;
    return { refusal: refused('Forbidden', message) };
  }
  const marked = new Map([...disruptedPods, [podName, now]]);
  return {
    budget: { ...budget, status: { ...status, disruptionsAllowed: disruptionsAllowed - 1, disruptedPods: marked } },
  };
}
