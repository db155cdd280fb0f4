import { decodeNodeAffinity } from '../../api/decode/scheduling-fields.ts';
import type { Node, NodeAffinity as NodeAffinityTerms, NodeSelectorTerm, Pod, PodSpec } from '../../api/core-v1.ts';
import {
  compileNodeSelectorTerms,
  compileRequiredNodeAffinity,
  nodeSelectorTermProblem,
} from '../../api/node-selector.ts';
import { ActionType, onClusterEvent } from '../framework/cluster-event.ts';
import type { ClusterEventWithHint, QueueingHint } from '../framework/cluster-event.ts';
import { cycleStateKey } from '../framework/cycle-state.ts';
import type { CycleState, StateValue } from '../framework/cycle-state.ts';
import type { ArgsProblem } from '../framework/define-plugin.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Plugin, PreFilterResult } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { errorStatus, skip, unresolvable } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';
import { defaultNormalizeScore } from './normalize-score.ts';
import { readPluginArgs } from './read-args.ts';

/** NodeAffinityArgs. */
interface NodeAffinityArgs {
  /** Applied to every pod of the profile besides its own; undefined = none. */
  readonly addedAffinity: NodeAffinityTerms | undefined;
}

type NodeTest = (node: Node) => boolean;

interface PreferredTerm {
  readonly weight: number;
  readonly matches: NodeTest;
}

/** A pod's own terms, ready to be matched; one value per template. */
interface CompiledAffinity {
  /** undefined = the pod has no requirement. */
  readonly required: NodeTest | undefined;
  readonly preferred: readonly PreferredTerm[];
  /** Why a preferred term cannot be parsed. */
  readonly problem: string | undefined;
}

class AffinityState implements StateValue {
  readonly affinity: CompiledAffinity;

  constructor(affinity: CompiledAffinity) {
    this.affinity = affinity;
  }

  clone(): AffinityState {
    return this;
  }
}

const stateKey = cycleStateKey<AffinityState>('NodeAffinity');
const refusedByAdded = Object.freeze(unresolvable("node(s) didn't match scheduler-enforced node affinity"));
const refusedByPod = Object.freeze(unresolvable("node(s) didn't match Pod's node affinity/selector"));
const conflict = Object.freeze(unresolvable('pod affinity terms conflict'));

/** Node selectors and node affinity, of the pod and of the profile (`pl/nodeaffinity/node_affinity.go`). */
class NodeAffinity implements Plugin {
  readonly name = 'NodeAffinity';
  readonly isNodeLocal = true;
  private readonly addedRequired: NodeTest | undefined;
  private readonly addedPreferred: readonly PreferredTerm[];
  private readonly compiled = new WeakMap<PodSpec, CompiledAffinity>();

  constructor({ addedAffinity }: NodeAffinityArgs) {
    this.addedRequired = addedAffinity?.required && compileNodeSelectorTerms(addedAffinity.required);
    this.addedPreferred = compilePreferred(addedAffinity?.preferred ?? []);
  }

  preFilter(state: CycleState, pod: Pod): PreFilterResult | Status | undefined {
    const affinity = this.affinityOf(pod);
    if (affinity.required === undefined && this.addedRequired === undefined) return skip;
    state.write(stateKey, new AffinityState(affinity));
    const names = namedNodes(pod.spec.affinity?.nodeAffinity?.required);
    if (names === undefined) return undefined;
    return names.size === 0 ? conflict : { nodeNames: names };
  }

  filter(state: CycleState, _pod: Pod, { node }: NodeInfo): Status | undefined {
    if (this.addedRequired?.(node!) === false) return refusedByAdded;
    const required = state.read(stateKey)?.affinity.required;
    return required === undefined || required(node!) ? undefined : refusedByPod;
  }

  preScore(state: CycleState, pod: Pod): Status | undefined {
    const isWithout = (pod.spec.affinity?.nodeAffinity?.preferred.length ?? 0) === 0;
    if (isWithout && this.addedPreferred.length === 0) return skip;
    const affinity = this.affinityOf(pod);
    if (affinity.problem !== undefined) return errorStatus(affinity.problem);
    state.write(stateKey, new AffinityState(affinity));
    return undefined;
  }

  /** Sum of the weights of the preferred terms that match. */
  score(state: CycleState, _pod: Pod, { node }: NodeInfo): number {
    let score = 0;
    for (const { weight, matches } of this.addedPreferred) if (matches(node!)) score += weight;
    for (const { weight, matches } of state.read(stateKey)!.affinity.preferred) if (matches(node!)) score += weight;
    return score;
  }

  normalizeScore(_state: CycleState, _pod: Pod, scores: Float64Array): undefined {
    defaultNormalizeScore(scores, false);
  }

  eventsToRegister(): readonly ClusterEventWithHint[] {
    const hint = (pod: Pod, before: Node | undefined, after: Node | undefined): QueueingHint =>
      this.afterNodeChange(pod, before, after!);
    return [onClusterEvent('Node', ActionType.add | ActionType.updateNodeLabel, hint)];
  }

  private afterNodeChange(pod: Pod, before: Node | undefined, after: Node): QueueingHint {
    if (!this.accepts(pod, after)) return 'Skip';
    return before !== undefined && this.accepts(pod, before) ? 'Skip' : 'Queue';
  }

  private accepts(pod: Pod, node: Node): boolean {
    return this.addedRequired?.(node) !== false && this.affinityOf(pod).required?.(node) !== false;
  }

  private affinityOf(pod: Pod): CompiledAffinity {
    let affinity = this.compiled.get(pod.spec);
    if (affinity === undefined) this.compiled.set(pod.spec, (affinity = compileAffinity(pod.spec)));
    return affinity;
  }
}

function compileAffinity(spec: PodSpec): CompiledAffinity {
  const { preferred = [] } = spec.affinity?.nodeAffinity ?? {};
  return {
    required: compileRequiredNodeAffinity(spec),
    preferred: compilePreferred(preferred),
    problem: preferred.map(({ preference }) => nodeSelectorTermProblem(preference)).find((text) => text !== undefined),
  };
}

/** Terms without weight or without content count for nothing. */
function compilePreferred(terms: NodeAffinityTerms['preferred']): readonly PreferredTerm[] {
  return terms
    .filter(({ weight }) => weight !== 0)
    .map(({ weight, preference }) => ({ weight, matches: compileNodeSelectorTerms([preference]) }));
}

/** The names of the nodes that the terms speak of; undefined if one of them could match a node of another name. */
function namedNodes(terms: readonly NodeSelectorTerm[] | undefined): ReadonlySet<string> | undefined {
  if (terms === undefined || terms.length === 0) return undefined;
  const names = new Set<string>();
  for (const { matchFields } of terms) {
    const lists = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    if (lists.length === 0) return undefined;
    for (const name of lists[0]!.values) if (lists.every(({ values }) => values.includes(name))) names.add(name);
  }
  return names;
}

function readArgs(given: unknown, problems: ArgsProblem[]): NodeAffinityArgs {
  return readPluginArgs('NodeAffinity', ['addedAffinity'], given, problems, (reader) => ({
    addedAffinity: decodeNodeAffinity(reader.object('addedAffinity')),
  }));
}

export const nodeAffinity = definePlugin<NodeAffinityArgs>({
  name: 'NodeAffinity',
  description: 'honours node selectors and node affinity, and prefers nodes by preferred terms',
  defaultArgs: { addedAffinity: undefined },
  readArgs,
  create: (args) => new NodeAffinity(args),
});
