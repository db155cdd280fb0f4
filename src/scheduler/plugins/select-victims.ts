/** The dry run of preemption on one node (`pl/defaultpreemption/default_preemption.go` SelectVictimsOnNode). */
import type { Pod } from '../../api/core-v1.ts';
import { SECOND } from '../../engine/time.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import type { Handle } from '../framework/handle.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import type { PodInfo } from '../framework/pod-info.ts';
import { errorStatus, isSuccess, unresolvable } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';
import type { DisruptionBudgets } from './disruption-budgets.ts';
import { sortByImportance } from './victim-importance.ts';

/** A node on which the pod fits once its victims are gone. */
export interface Candidate {
  readonly node: NodeInfo;
  /** At least one; the most important first. */
  readonly victims: readonly Pod[];
  /** How many of the victims break a budget. */
  readonly violations: number;
}

const noVictims = Object.freeze(unresolvable('No preemption victims found for incoming pod'));

/**
 * Takes all pods of lower priority off a copy of the node; if the pod then fits, puts back as many as it tolerates, those that break a
 * budget first, each group from the most important. A Status says why the node is no candidate. `state` and `node` stay as they are.
 */
export function selectVictims(
  handle: Handle,
  state: CycleState,
  pod: Pod,
  node: NodeInfo,
  budgets: DisruptionBudgets,
): Candidate | Status {
  const lower = node.pods.filter(({ pod: other }) => other.spec.priority < pod.spec.priority);
  if (lower.length === 0) return noVictims;
  const trial = new Trial(handle, state, pod, node);
  for (const victim of lower) trial.remove(victim);
  const status = trial.verdict();
  if (!isSuccess(status)) return status!;
  const nowSeconds = handle.now / SECOND;
  sortByImportance(lower, nowSeconds);
  const { violating, others } = budgets.split(lower);
  const broken = violating.filter((victim) => !trial.reprieve(victim));
  const victims = [...broken, ...others.filter((victim) => !trial.reprieve(victim))];
  if (trial.failure !== undefined) return trial.failure;
  if (violating.length > 0 && others.length > 0) sortByImportance(victims, nowSeconds);
  if (victims.length === 0) return errorStatus(`expected at least one victim pod on node "${node.name}"`);
  return { node, victims: victims.map((victim) => victim.pod), violations: broken.length };
}

/** A copy of one node on which pods come and go. */
class Trial {
  /** The first error of a plugin. */
  failure: Status | undefined = undefined;
  private readonly handle: Handle;
  private readonly state: CycleState;
  private readonly pod: Pod;
  private readonly node: NodeInfo;

  constructor(handle: Handle, state: CycleState, pod: Pod, node: NodeInfo) {
    this.handle = handle;
    this.state = state.clone();
    this.pod = pod;
    this.node = node.clone();
  }

  remove(victim: PodInfo): void {
    this.node.removePod(victim.pod);
    this.note(this.handle.runRemovePod(this.state, this.pod, victim, this.node));
  }

  verdict(): Status | undefined {
    return this.failure ?? this.handle.runFilterPluginsWithNominatedPods(this.state, this.pod, this.node);
  }

  /** Puts a victim back if the pod fits all the same; whether it stays. */
  reprieve(victim: PodInfo): boolean {
    this.node.addPod(victim);
    this.note(this.handle.runAddPod(this.state, this.pod, victim, this.node));
    const fits = isSuccess(this.verdict());
    if (!fits) this.remove(victim);
    return fits;
  }

  private note(status: Status | undefined): void {
    if (!isSuccess(status)) this.failure ??= status;
  }
}
