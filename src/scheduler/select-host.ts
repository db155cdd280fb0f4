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

/** Equally good nodes, in whatever form they are known. */
export interface TiedNodes<T> {
  /** At least 1. */
  readonly count: number;
  /** In the order in which they were evaluated. */
  first(): T;
  firstByName(): T;
  /** In canonical order, from 0. */
  at(which: number): T;
}

/**
 * One of equally good nodes. `uniform` draws exactly once, also for a tie of one, so that the number of draws does not
 * depend on what the scores are.
 *
 * @param source has the stream `stream` of the draws.
 */
export function selectTied<T>(
  tied: TiedNodes<T>,
  tieBreak: TieBreak,
  source: { random(name: string): RandomStream },
  stream: string,
): T {
  switch (tieBreak) {
    case 'first':
    case 'heap':
      return tied.first();
    case 'lowest-name':
      return tied.firstByName();
    case 'uniform':
      return tied.at(source.random(stream).below(tied.count));
    default:
      return assertNever(tieBreak);
  }
}

/** Tied nodes one by one. */
export class TiedList implements TiedNodes<NodeInfo> {
  private readonly nodes: readonly NodeInfo[];
  private readonly order: { positionOf(node: NodeInfo): number };

  /** @param nodes as they were evaluated. @param order tells the place of each in the canonical order. */
  constructor(nodes: readonly NodeInfo[], order: { positionOf(node: NodeInfo): number }) {
    this.nodes = nodes;
    this.order = order;
  }

  get count(): number {
    return this.nodes.length;
  }

  first(): NodeInfo {
    return this.nodes[0]!;
  }

  firstByName(): NodeInfo {
    const { nodes } = this;
    let lowest = nodes[0]!;
    for (let at = 1; at < nodes.length; at++) if (nodes[at]!.name < lowest.name) lowest = nodes[at]!;
    return lowest;
  }

  at(which: number): NodeInfo {
    return this.nodes[(this.firstInOrder() + which) % this.nodes.length]!;
  }

  /** Nodes are evaluated in canonical order from some place on, so the tied ones are a rotation of that order. */
  private firstInOrder(): number {
    const { nodes, order } = this;
    let last = order.positionOf(nodes[0]!);
    for (let at = 1; at < nodes.length; at++) {
      const position = order.positionOf(nodes[at]!);
      if (position < last) return at;
      last = position;
    }
    return 0;
  }
}
