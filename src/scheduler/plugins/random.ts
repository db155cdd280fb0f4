/** Random: one of the feasible nodes, each as likely, gets 100 and the others 0. One draw for each pod that is scored. */
import type { Pod } from '../../api/core-v1.ts';
import { cycleStateKey } from '../framework/cycle-state.ts';
import type { CycleState, StateValue } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Handle } from '../framework/handle.ts';
import { nodeScoreMax } from '../framework/interface.ts';
import type { Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';

class DrawnNode implements StateValue {
  readonly node: NodeInfo;

  constructor(node: NodeInfo) {
    this.node = node;
  }

  clone(): DrawnNode {
    return this;
  }
}

const drawnKey = cycleStateKey<DrawnNode>('PreScoreRandom');

class Random implements Plugin {
  readonly name = 'Random';
  private readonly handle: Handle;

  constructor(handle: Handle) {
    this.handle = handle;
  }

  preScore(state: CycleState, _pod: Pod, nodes: readonly NodeInfo[]): undefined {
    state.write(drawnKey, new DrawnNode(nodes[this.handle.random('Random/node').below(nodes.length)]!));
  }

  score(state: CycleState, _pod: Pod, node: NodeInfo): number {
    return node === state.read(drawnKey)!.node ? nodeScoreMax : 0;
  }

  scoreNodes(state: CycleState, _pod: Pod, nodes: readonly NodeInfo[], scores: Float64Array): undefined {
    scores.fill(0);
    scores[nodes.indexOf(state.read(drawnKey)!.node)] = nodeScoreMax;
  }
}

export const random = definePlugin({
  name: 'Random',
  description: 'any feasible node, each as likely as the others',
  create: (_args, handle) => new Random(handle),
});
