/** Which victims would break a PodDisruptionBudget (`pl/defaultpreemption/default_preemption.go` filterPodsWithPDBViolation). */
import type { Pod } from '../../api/core-v1.ts';
import { compileSelector, sortedLabels } from '../../api/labels.ts';
import type { Labels, LabelSelector } from '../../api/meta-v1.ts';
import type { PodDisruptionBudget } from '../../api/policy-v1.ts';
import type { PodInfo } from '../framework/pod-info.ts';

/** A budget that can match pods, with its selector compiled. */
interface Budget {
  readonly namespace: string;
  readonly matches: (labels: Labels) => boolean;
  readonly disruptedPods: ReadonlyMap<string, number>;
  readonly disruptionsAllowed: number;
}

/** All budgets of the cluster, read once for a dry run; each node's victims find them untouched. */
export class DisruptionBudgets {
  private readonly budgets: readonly Budget[];

  constructor(budgets: readonly PodDisruptionBudget[]) {
    this.budgets = budgets.filter(({ spec }) => !isEmpty(spec.selector)).map(compile);
  }

  /** Parts victims, in order of importance, into those that break a budget and the others; both keep the order. */
  split(victims: readonly PodInfo[]): { readonly violating: readonly PodInfo[]; readonly others: readonly PodInfo[] } {
    const allowed = this.budgets.map(({ disruptionsAllowed }) => disruptionsAllowed);
    const violating: PodInfo[] = [];
    const others: PodInfo[] = [];
    for (const victim of victims) (this.charge(victim.pod, allowed) ? violating : others).push(victim);
    return { violating, others };
  }

  /** Takes the pod from its budgets up to the first that it breaks; whether it broke one. A pod without labels breaks none. */
  private charge({ metadata }: Pod, allowed: number[]): boolean {
    if (sortedLabels(metadata.labels).length === 0) return false;
    for (const [at, budget] of this.budgets.entries()) {
      if (budget.namespace !== metadata.namespace || !budget.matches(metadata.labels)) continue;
      // Its eviction was granted before and has been counted.
      if (budget.disruptedPods.has(metadata.name)) continue;
      if (--allowed[at]! < 0) return true;
    }
    return false;
  }
}

function compile({ metadata, spec, status }: PodDisruptionBudget): Budget {
  const { disruptedPods, disruptionsAllowed } = status;
  return { namespace: metadata.namespace, matches: compileSelector(spec.selector), disruptedPods, disruptionsAllowed };
}

/** In preemption a selector without requirements matches nothing, unlike elsewhere. */
function isEmpty(selector: LabelSelector | undefined): boolean {
  return (
    selector === undefined ||
    (sortedLabels(selector.matchLabels).length === 0 && selector.matchExpressions.length === 0)
  );
}
