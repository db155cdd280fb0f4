import type { Pod } from '../../api/core-v1.ts';
import { ActionType, onClusterEvent } from '../framework/cluster-event.ts';
import type { ClusterEventWithHint } from '../framework/cluster-event.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Plugin, PreFilterResult } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { unresolvable } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';

const refused = Object.freeze(unresolvable("node(s) didn't match the requested node name"));

/** Honours `spec.nodeName` (`pl/nodename/node_name.go`). */
class NodeName implements Plugin {
  readonly name = 'NodeName';
  readonly isNodeLocal = true;

  preFilter(_state: CycleState, { spec: { nodeName } }: Pod): PreFilterResult | undefined {
    return nodeName === '' ? undefined : { nodeNames: new Set([nodeName]) };
  }

  filter(_state: CycleState, { spec: { nodeName } }: Pod, node: NodeInfo): Status | undefined {
    return nodeName === '' || nodeName === node.name ? undefined : refused;
  }

  eventsToRegister(): readonly ClusterEventWithHint[] {
    return [onClusterEvent('Node', ActionType.add)];
  }
}

export const nodeName = definePlugin({
  name: 'NodeName',
  description: 'lets a pod that names its node run there only',
  create: () => new NodeName(),
});
