/** The choice among nodes on which preemption would help (`ps/framework/preemption/preemption.go` pickOneNodeForPreemption). */
import type { Candidate } from './select-victims.ts';
import { earliestStartTime } from './victim-importance.ts';

/** Makes every priority positive, so that more victims weigh more even where priorities are negative. */
const priorityOffset = 2147483648;

/**
 * The best candidates by upstream's criteria, one after another; more than one are truly equal, and chance decides.
 *
 * @param nowSeconds for victims that have not started; may be a fraction.
 */
export function bestCandidates(candidates: readonly Candidate[], nowSeconds: number): readonly Candidate[] {
  const criteria: readonly ((candidate: Candidate) => number)[] = [
    ({ violations }) => violations,
    ({ victims }) => victims[0]!.spec.priority,
    ({ victims }) => victims.reduce((sum, { spec }) => sum + spec.priority + priorityOffset, 0),
    ({ victims }) => victims.length,
    ({ victims }) => -earliestStartTime(victims, nowSeconds),
  ];
  let best = candidates;
  for (const costOf of criteria) {
    if (best.length <= 1) break;
    best = cheapest(best, costOf);
  }
  return best;
}

function cheapest(candidates: readonly Candidate[], costOf: (candidate: Candidate) => number): readonly Candidate[] {
  const costs = candidates.map(costOf);
  const least = costs.reduce((min, cost) => Math.min(min, cost), Infinity);
  return candidates.filter((_, at) => costs[at] === least);
}
