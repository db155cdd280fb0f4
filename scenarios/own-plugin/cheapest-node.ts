// A scoring plugin in one file: the cheaper a node, the higher its score.
import { definePlugin, labelValue } from 'kube-orrery/plugin';
import type { CycleState, NodeInfo, Pod } from 'kube-orrery/plugin';

interface CheapestNodeArgs {
  /** Node label that holds the price of an hour. */
  readonly priceLabel: string;
}

/** The price of a node in millionths; nodes without a price count as the dearest. */
function priceOf(node: NodeInfo, label: string): number {
  const text = labelValue(node.node!.metadata.labels, label);
  return text === undefined ? Number.MAX_SAFE_INTEGER : Math.round(Number(text) * 1_000_000);
}

export const cheapestNode = definePlugin<CheapestNodeArgs>({
  name: 'CheapestNode',
  description: 'prefers nodes with a low price label',
  defaultArgs: { priceLabel: 'example.com/price-per-hour' },
  readArgs: (given) => ({ priceLabel: 'example.com/price-per-hour', ...(given as Partial<CheapestNodeArgs>) }),
  create: ({ priceLabel }) => ({
    name: 'CheapestNode',
    score: (_state: CycleState, _pod: Pod, node: NodeInfo) => priceOf(node, priceLabel),
    /** The cheapest of the feasible nodes gets 100, the dearest 0. */
    normalizeScore(_state: CycleState, _pod: Pod, scores: Float64Array) {
      const lowest = scores.reduce((least, price) => Math.min(least, price), Infinity);
      const highest = scores.reduce((most, price) => Math.max(most, price), 0);
      for (let at = 0; at < scores.length; at++) {
        scores[at] = highest === lowest ? 100 : Math.trunc((100 * (highest - scores[at]!)) / (highest - lowest));
      }
      return undefined;
    },
  }),
});
