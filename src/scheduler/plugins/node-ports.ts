import type { Pod } from '../../api/core-v1.ts';
import { ActionType, onClusterEvent } from '../framework/cluster-event.ts';
import type { ClusterEventWithHint, QueueingHint } from '../framework/cluster-event.ts';
import { cycleStateKey } from '../framework/cycle-state.ts';
import type { CycleState, StateValue } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Handle } from '../framework/handle.ts';
import { doPortsConflict } from '../framework/host-ports.ts';
import type { HostPort } from '../framework/host-ports.ts';
import type { Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { skip, unschedulable } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';

const refused = Object.freeze(unschedulable("node(s) didn't have free ports for the requested pod ports"));

const noPorts: readonly HostPort[] = [];

class PreFilterState implements StateValue {
  readonly ports: readonly HostPort[];

  constructor(ports: readonly HostPort[]) {
    this.ports = ports;
  }

  clone(): PreFilterState {
    return this;
  }
}

const stateKey = cycleStateKey<PreFilterState>('PreFilterNodePorts');

/** Gives a port of a node to one pod only (`pl/nodeports/node_ports.go`). */
class NodePorts implements Plugin {
  readonly name = 'NodePorts';
  readonly isNodeLocal = true;
  private readonly handle: Handle;

  constructor(handle: Handle) {
    this.handle = handle;
  }

  preFilter(state: CycleState, pod: Pod): Status | undefined {
    const ports = this.portsOf(pod);
    if (ports.length === 0) return skip;
    state.write(stateKey, new PreFilterState(ports));
    return undefined;
  }

  filter(state: CycleState, _pod: Pod, { usedPorts }: NodeInfo): Status | undefined {
    if (usedPorts.size === 0) return undefined;
    for (const port of state.read(stateKey)?.ports ?? noPorts) if (usedPorts.conflictsWith(port)) return refused;
    return undefined;
  }

  eventsToRegister(): readonly ClusterEventWithHint[] {
    return [
      onClusterEvent('AssignedPod', ActionType.delete, (pod, deleted) => this.afterPodDeletion(pod, deleted)),
      onClusterEvent('Node', ActionType.add),
    ];
  }

  private afterPodDeletion(pod: Pod, deleted: Pod | undefined): QueueingHint {
    if (deleted === undefined) return 'Queue';
    if (deleted.spec.nodeName === '' && deleted.status.nominatedNodeName === '') return 'Skip';
    const wanted = this.portsOf(pod);
    const freed = this.portsOf(deleted);
    return freed.some((port) => wanted.some((other) => doPortsConflict(port, other))) ? 'Queue' : 'Skip';
  }

  private portsOf(pod: Pod): readonly HostPort[] {
    return this.handle.needsOf(pod).hostPorts;
  }
}

export const nodePorts = definePlugin({
  name: 'NodePorts',
  description: 'refuses nodes on which another pod has one of the host ports',
  create: (_args, handle) => new NodePorts(handle),
});
