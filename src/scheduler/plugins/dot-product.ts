/**
 * DotProduct: the node whose free resources point least in the direction of the pod's requests, as in the comparison of Weng et al., "Beware
 * of Fragmentation" (USENIX ATC 2023): trunc(100 * (1 - sum over resources of weight * free / max * request / max)). It keeps
 * nodes with much of what the pod needs for later.
 */
import { definePlugin } from '../framework/define-plugin.ts';
import { nodeScoreMax } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { defaultPackingArgs, readPackingArgs, validatePackingArgs } from './packed-resources.ts';
import type { PackedRequest, PackingArgs } from './packed-resources.ts';
import { PackingScore } from './packing-score.ts';

class DotProduct extends PackingScore {
  readonly name = 'DotProduct';

  protected override scoreOf(requests: readonly PackedRequest[], node: NodeInfo): number {
    let product = 0;
    for (let at = 0; at < requests.length; at++) {
      const request = requests[at]!;
      const max = request.max(node);
      if (max > 0) product += (request.free(node) / max) * (request.amount / max) * request.weight;
    }
    // Only where `max` is less than a node has can it leave the range.
    return Math.min(nodeScoreMax, Math.max(0, Math.trunc((1 - product) * nodeScoreMax)));
  }
}

export const dotProduct = definePlugin<PackingArgs>({
  name: 'DotProduct',
  description: 'prefers the node whose free resources are least like the request',
  defaultArgs: defaultPackingArgs,
  readArgs: (given, problems) => readPackingArgs('DotProduct', given, problems),
  validateArgs: validatePackingArgs,
  create: (args, handle) => new DotProduct(args, handle),
});
