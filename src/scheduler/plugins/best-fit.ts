/**
 * BestFit: the node on which least is left once the pod is there, as in the comparison of Weng et al., "Beware of Fragmentation" (USENIX
 * ATC 2023): trunc(100 * (1 - sum over resources of weight * (free - request) / max)), then stretched to 0..100 over the feasible
 * nodes.
 */
import type { Pod } from '../../api/core-v1.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import { nodeScoreMax } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { minMaxNormalizeScore } from './min-max-scores.ts';
import { defaultPackingArgs, readPackingArgs, validatePackingArgs } from './packed-resources.ts';
import type { PackedRequest, PackingArgs } from './packed-resources.ts';
import { PackingScore } from './packing-score.ts';

class BestFit extends PackingScore {
  readonly name = 'BestFit';

  protected override scoreOf(requests: readonly PackedRequest[], node: NodeInfo): number {
    let left = 0;
    for (let at = 0; at < requests.length; at++) {
      const request = requests[at]!;
      const max = request.max(node);
      if (max > 0) left += ((request.free(node) - request.amount) / max) * request.weight;
    }
    return Math.trunc((1 - left) * nodeScoreMax);
  }

  normalizeScore(_state: CycleState, _pod: Pod, scores: Float64Array): undefined {
    minMaxNormalizeScore(scores);
  }
}

export const bestFit = definePlugin<PackingArgs>({
  name: 'BestFit',
  description: 'prefers the node on which least is left of the resources',
  defaultArgs: defaultPackingArgs,
  readArgs: (given, problems) => readPackingArgs('BestFit', given, problems),
  validateArgs: validatePackingArgs,
  create: (args, handle) => new BestFit(args, handle),
});
