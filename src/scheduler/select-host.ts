/** Which of the best nodes is taken (upstream `pkg/scheduler/schedule_one.go`, selectHost). Pure but for the draw of a tie. */
import type { RandomStream } from '../engine/random.ts';
import { assertNever } from '../util/assert.ts';
import type { NodeInfo } from './framework/node-info.ts';

/**
 * How a tie among the best nodes is broken. Upstream's choice hangs on a race of its 16 workers; here it is explicit.
 * `uniform`: one draw per decision, the k-th of the tied nodes in canonical order; `lowest-name`; `first`: the first that
 * was evaluated; `heap`: what upstream 1.37 takes when nobody races, its heap over the nodes in order of evaluation.
 */
export const tieBreaks = ['uniform', 'lowest-name', 'first', 'heap'] as const;

/** One of `tieBreaks`. */
export type TieBreak = (typeof tieBreaks)[number];

/** The nodes with the highest total, in the order in which they were evaluated. */
export function bestNodes(
  nodes: readonly NodeInfo[],
  totals: Float64Array,
): { nodes: readonly NodeInfo[]; score: number } {
  let score = -Infinity;
  let ties = 0;
  for (let at = 0; at < nodes.length; at++) {
    const total = totals[at]!;
    if (total > score) {
      score = total;
      ties = 1;
    } else if (total === score) ties++;
  }
  const best = new Array<NodeInfo>(ties);
  for (let at = 0, next = 0; next < ties; at++) if (totals[at] === score) best[next++] = nodes[at]!;
  return { nodes: best, score };
}

/**
 * Which of `count` totals a binary heap has on top once it is built in place (Go container/heap Init): one of the best, though
 * not always the first of them.
 */
export function heapWinner(totals: Float64Array, count: number): number {
  const heap = Int32Array.from({ length: count }, (_, at) => at);
  const isBetter = (a: number, b: number): boolean => totals[heap[a]!]! > totals[heap[b]!]!;
  for (let top = (count >> 1) - 1; top >= 0; top--) {
    for (let at = top, child = 2 * at + 1; child < count; child = 2 * at + 1) {
      if (child + 1 < count && isBetter(child + 1, child)) child++;
      if (!isBetter(child, at)) break;
      const lifted = heap[child]!;
      heap[child] = heap[at]!;
      heap[at] = lifted;
      at = child;
    }
  }
  return heap[0]!;
}

/**
 * One of equally good nodes. `uniform` draws exactly once, also for a tie of one, so that the number of draws does not
 * depend on what the scores are.
 */
export function selectTied(
  tied: readonly NodeInfo[],
  tieBreak: TieBreak,
  random: () => RandomStream,
  positionOf: (node: NodeInfo) => number,
): NodeInfo {
  switch (tieBreak) {
    case 'first':
    case 'heap':
      return tied[0]!;
    case 'lowest-name':
      return lowestName(tied);
    case 'uniform': {
      const k = random().below(tied.length);
      return tied[(firstInOrder(tied, positionOf) + k) % tied.length]!;
    }
    default:
      return assertNever(tieBreak);
  }
}

function lowestName(nodes: readonly NodeInfo[]): NodeInfo {
  let lowest = nodes[0]!;
  for (let at = 1; at < nodes.length; at++) if (nodes[at]!.name < lowest.name) lowest = nodes[at]!;
  return lowest;
}

/** Nodes are evaluated in canonical order from some place on, so the tied ones are a rotation of that order. */
function firstInOrder(tied: readonly NodeInfo[], positionOf: (node: NodeInfo) => number): number {
  let last = positionOf(tied[0]!);
  for (let at = 1; at < tied.length; at++) {
    const position = positionOf(tied[at]!);
    if (position < last) return at;
    last = position;
  }
  return 0;
}
