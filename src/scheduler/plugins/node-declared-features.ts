import type { Node, Pod, PodSpec } from '../../api/core-v1.ts';
import { sharedSpec } from '../../apiserver/pod-object.ts';
import { ActionType, onClusterEvent } from '../framework/cluster-event.ts';
import type { ClusterEventWithHint, QueueingHint } from '../framework/cluster-event.ts';
import { cycleStateKey } from '../framework/cycle-state.ts';
import type { CycleState, StateValue } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { skip, unresolvable } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';

const refused = Object.freeze(unresolvable("node(s) didn't match Pod's required features"));

/** Names of what a node must declare to run pods of this spec, sorted (`ch/nodedeclaredfeatures/features`). */
export function requiredFeatures(spec: PodSpec): readonly string[] {
  const features: string[] = [];
  const restartsAll = [...spec.containers, ...spec.initContainers].some(({ restartPolicyRules = [] }) =>
    restartPolicyRules.some(({ action }) => action === 'RestartAllContainers'),
  );
  if (restartsAll) features.push('RestartAllContainersOnContainerExits');
  if (spec.hostNetwork && spec.hostUsers === false) features.push('UserNamespacesHostNetworkSupport');
  return features;
}

class RequiredFeatures implements StateValue {
  readonly names: readonly string[];

  constructor(names: readonly string[]) {
    this.names = names;
  }

  clone(): RequiredFeatures {
    return this;
  }
}

const stateKey = cycleStateKey<RequiredFeatures>('PreFilterNodeDeclaredFeatures');

/** Refuses nodes that do not declare a feature which the pod makes use of (`pl/nodedeclaredfeatures/nodedeclaredfeatures.go`). */
class NodeDeclaredFeatures implements Plugin {
  readonly name = 'NodeDeclaredFeatures';
  readonly isNodeLocal = true;
  private readonly known = new WeakMap<PodSpec, RequiredFeatures>();

  preFilter(state: CycleState, pod: Pod): Status | undefined {
    const required = this.requiredBy(pod);
    state.write(stateKey, required);
    return required.names.length === 0 ? skip : undefined;
  }

  filter(state: CycleState, _pod: Pod, { declaredFeatures }: NodeInfo): Status | undefined {
    for (const name of state.read(stateKey)!.names) if (!declaredFeatures.has(name)) return refused;
    return undefined;
  }

  eventsToRegister(): readonly ClusterEventWithHint[] {
    const { add, updateNodeDeclaredFeature, update } = ActionType;
    return [
      onClusterEvent('Node', add | updateNodeDeclaredFeature, (_pod, before, after) => afterNodeChange(before, after!)),
      onClusterEvent('TargetPod', update, (_pod, before, after) => this.afterPodChange(before!, after!)),
    ];
  }

  private afterPodChange(before: Pod, after: Pod): QueueingHint {
    return areEqual(this.requiredBy(before).names, this.requiredBy(after).names) ? 'Skip' : 'Queue';
  }

  private requiredBy({ spec }: Pod): RequiredFeatures {
    const shared = sharedSpec(spec);
    let required = this.known.get(shared);
    if (required === undefined) this.known.set(shared, (required = new RequiredFeatures(requiredFeatures(shared))));
    return required;
  }
}

function afterNodeChange(before: Node | undefined, { status }: Node): QueueingHint {
  const isSame = before !== undefined && areEqual(before.status.declaredFeatures, status.declaredFeatures);
  return isSame ? 'Skip' : 'Queue';
}

function areEqual(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, at) => name === b[at]);
}

export const nodeDeclaredFeatures = definePlugin({
  name: 'NodeDeclaredFeatures',
  description: 'refuses nodes that do not declare a feature which the pod makes use of',
  create: () => new NodeDeclaredFeatures(),
});
