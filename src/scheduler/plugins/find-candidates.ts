/** Dry runs over the nodes on which preemption may help (`ps/framework/preemption/preemption.go` findCandidates). */
import type { Pod } from '../../api/core-v1.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import type { Handle } from '../framework/handle.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { NodeStatuses } from '../framework/node-statuses.ts';
import { Code, Status, unresolvable } from '../framework/status.ts';
import type { DefaultPreemptionArgs } from './default-preemption-args.ts';
import { DisruptionBudgets } from './disruption-budgets.ts';
import type { Candidate } from './select-victims.ts';
import { selectVictims } from './select-victims.ts';

const notHelpful = Object.freeze(unresolvable('Preemption is not helpful for scheduling'));

/** What the dry runs found. */
export interface CandidateSearch {
  /** Those that break no budget first, each group in the order of the dry runs. */
  readonly candidates: readonly Candidate[];
  /** Why the others are none; nodes that were not tried have the absent status. */
  readonly statuses: NodeStatuses;
  /** Texts of errors that plugins ran into. */
  readonly errors: readonly string[];
}

/** How many candidates are enough (upstream GetOffsetAndNumCandidates). */
export function candidatesToFind(args: DefaultPreemptionArgs, potentialCount: number): number {
  const share = Math.trunc((potentialCount * args.minCandidateNodesPercentage) / 100);
  return Math.min(Math.max(share, args.minCandidateNodesAbsolute), potentialCount);
}

/**
 * Tries nodes in a circle, until one breaks no budget and enough have been found.
 *
 * @param refusals what filters said of the nodes: only Unschedulable gives hope.
 * @param drawOffset where to begin, in 0..count-1; asked once, and only if there is a node to try.
 */
export function findCandidates(
  handle: Handle,
  state: CycleState,
  pod: Pod,
  refusals: NodeStatuses,
  args: DefaultPreemptionArgs,
  drawOffset: (count: number) => number,
): CandidateSearch {
  const potential = refusals.nodesWithCode(handle.snapshot.nodes, Code.unschedulable);
  const search = new Search(handle, state, pod);
  if (potential.length === 0) return search.result();
  const offset = drawOffset(potential.length);
  const wanted = candidatesToFind(args, potential.length);
  for (let at = 0; at < potential.length && !search.isEnough(wanted); at++) {
    search.tryNode(potential[(offset + at) % potential.length]!);
  }
  return search.result();
}

class Search {
  private readonly handle: Handle;
  private readonly state: CycleState;
  private readonly pod: Pod;
  private readonly budgets: DisruptionBudgets;
  private readonly clean: Candidate[] = [];
  private readonly violating: Candidate[] = [];
  private readonly statuses = new NodeStatuses();
  private readonly errors: string[] = [];

  constructor(handle: Handle, state: CycleState, pod: Pod) {
    this.handle = handle;
    this.state = state;
    this.pod = pod;
    this.budgets = new DisruptionBudgets(handle.cluster.list('PodDisruptionBudget'));
    this.statuses.absentStatus = notHelpful;
  }

  isEnough(wanted: number): boolean {
    return this.clean.length > 0 && this.clean.length + this.violating.length >= wanted;
  }

  tryNode(node: NodeInfo): void {
    const found = selectVictims(this.handle, this.state, this.pod, node, this.budgets);
    if (!(found instanceof Status)) {
      (found.violations === 0 ? this.clean : this.violating).push(found);
      return;
    }
    this.statuses.set(node, found);
    if (found.code === Code.error) this.errors.push(found.message);
  }

  result(): CandidateSearch {
    return { candidates: [...this.clean, ...this.violating], statuses: this.statuses, errors: this.errors };
  }
}
