/** How many ready pods the disruption budgets want each workload to keep. */
import type { IntOrPercent } from '../api/apps-v1.ts';
import { compileSelector } from '../api/labels.ts';
import type { Labels } from '../api/meta-v1.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetSpec } from '../api/policy-v1.ts';

interface Template {
  readonly namespace: string;
  readonly labels: Labels;
}

/** Budgets and the workloads whose pods they select. */
export class BudgetLevels {
  private readonly templates: (Template | undefined)[] = [];
  private readonly budgets = new Map<string, PodDisruptionBudget>();
  /** What selects the pods of a workload, by owner; asked for once until something changes. */
  private readonly selecting: (readonly PodDisruptionBudgetSpec[] | undefined)[] = [];

  /** A workload with the labels of its pods, for the first time or changed. */
  workload(owner: number, namespace: string, labels: Labels): void {
    this.templates[owner] = { namespace, labels };
    this.selecting[owner] = undefined;
  }

  committed(before: PodDisruptionBudget | undefined, after: PodDisruptionBudget | undefined): void {
    const { namespace, name } = (after ?? before)!.metadata;
    if (after === undefined) this.budgets.delete(`${namespace}/${name}`);
    else this.budgets.set(`${namespace}/${name}`, after);
    this.selecting.length = 0;
  }

  /** The most that a budget wants; undefined where none selects the pods of the owner. */
  levelOf(owner: number, desired: number): number | undefined {
    if (this.budgets.size === 0) return undefined;
    const specs = (this.selecting[owner] ??= this.find(this.templates[owner]));
    if (specs.length === 0) return undefined;
    return specs.reduce((most, spec) => Math.max(most, levelOfBudget(spec, desired)), 0);
  }

  private find(template: Template | undefined): readonly PodDisruptionBudgetSpec[] {
    if (template === undefined) return [];
    const found: PodDisruptionBudgetSpec[] = [];
    for (const { metadata, spec } of this.budgets.values()) {
      if (metadata.namespace !== template.namespace || spec.selector === undefined) continue;
      if (compileSelector(spec.selector)(template.labels)) found.push(spec);
    }
    return found;
  }
}

/** As the disruption controller counts: percentages of the pods that are expected, rounded up. */
function levelOfBudget({ minAvailable, maxUnavailable }: PodDisruptionBudgetSpec, desired: number): number {
  if (minAvailable !== undefined) return roundedUp(minAvailable, desired);
  return maxUnavailable === undefined ? 0 : Math.max(0, desired - roundedUp(maxUnavailable, desired));
}

function roundedUp(value: IntOrPercent, total: number): number {
  return 'count' in value ? value.count : Math.ceil((value.percent * total) / 100);
}
