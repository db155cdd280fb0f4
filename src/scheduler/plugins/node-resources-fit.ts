import type { Node, Pod, PodSpec, ResourceList } from '../../api/core-v1.ts';
import { nonZeroDefaults, podRequests } from '../../api/resources.ts';
import { ActionType, onClusterEvent } from '../framework/cluster-event.ts';
import type { ClusterEventWithHint, QueueingHint } from '../framework/cluster-event.ts';
import { cycleStateKey } from '../framework/cycle-state.ts';
import type { CycleState, StateValue } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Handle } from '../framework/handle.ts';
import type { Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { isExtendedResource } from '../framework/pod-info.ts';
import type { PodNeeds } from '../framework/pod-info.ts';
import type { Status } from '../framework/status.ts';
import { FitRequest, firstScalarShortage, shortage } from './fit-request.ts';
import { defaultFitArgs, readFitArgs, validateFitArgs } from './node-resources-fit-args.ts';
import type { NodeResourcesFitArgs } from './node-resources-fit-args.ts';
import { leastAllocated, mostAllocated, requestedToCapacityRatio } from './resource-strategies.ts';
import type { ResourceStrategy } from './resource-strategies.ts';
import { allocatableOf, nonZeroRequestedOf, scoredRequests } from './scored-resources.ts';
import type { ResourceSpec, ScoredRequest } from './scored-resources.ts';

/** PreFilter: the pod's request. */
class FilterState implements StateValue {
  readonly request: FitRequest;

  constructor(request: FitRequest) {
    this.request = request;
  }

  clone(): FilterState {
    return this;
  }
}

/** PreScore: what the pod asks for of the scored resources. */
class ScoreState implements StateValue {
  readonly requests: readonly ScoredRequest[];

  constructor(requests: readonly ScoredRequest[]) {
    this.requests = requests;
  }

  clone(): ScoreState {
    return this;
  }
}

const filterKey = cycleStateKey<FilterState>('PreFilterNodeResourcesFit');
const scoreKey = cycleStateKey<ScoreState>('PreScoreNodeResourcesFit');

/** Whether the node has room, and how good a use of it the pod is (`pl/noderesources/fit.go`). */
class NodeResourcesFit implements Plugin {
  readonly name = 'NodeResourcesFit';
  readonly isNodeLocal = true;
  private readonly handle: Handle;
  private readonly ignoredResources: ReadonlySet<string>;
  private readonly ignoredGroups: ReadonlySet<string>;
  private readonly resources: readonly ResourceSpec[];
  private readonly strategy: ResourceStrategy;
  private readonly filterStates = new WeakMap<PodNeeds, FilterState>();
  private readonly scoreStates = new WeakMap<PodSpec, ScoreState>();

  constructor({ ignoredResources, ignoredResourceGroups, scoringStrategy }: NodeResourcesFitArgs, handle: Handle) {
    this.handle = handle;
    this.ignoredResources = new Set(ignoredResources);
    this.ignoredGroups = new Set(ignoredResourceGroups);
    this.resources = scoringStrategy.resources;
    this.strategy = strategyOf(scoringStrategy);
  }

  preFilter(state: CycleState, pod: Pod): undefined {
    const needs = this.handle.needsOf(pod);
    let filterState = this.filterStates.get(needs);
    if (filterState === undefined) {
      filterState = new FilterState(new FitRequest(needs, (name) => this.isIgnored(name)));
      this.filterStates.set(needs, filterState);
    }
    state.write(filterKey, filterState);
  }

  private isIgnored(name: string): boolean {
    if (!isExtendedResource(name)) return false;
    return this.ignoredResources.has(name) || this.ignoredGroups.has(name.slice(0, name.indexOf('/')));
  }

  /** Names every shortage. One that the empty node would have too makes the whole answer unresolvable. */
  filter(state: CycleState, _pod: Pod, node: NodeInfo): Status | undefined {
    const { request } = state.read(filterKey)!;
    const { milliCpu, memory, ephemeralStorage } = request;
    let shortages = node.podCount + 1 > node.allowedPodNumber ? shortage.pods : 0;
    let isUnresolvable = false;
    if (milliCpu > 0 && milliCpu > node.allocatableMilliCpu - node.requestedMilliCpu) {
      shortages += shortage.cpu;
      if (milliCpu > node.allocatableMilliCpu) isUnresolvable = true;
    }
    if (memory > 0 && memory > node.allocatableMemory - node.requestedMemory) {
      shortages += shortage.memory;
      if (memory > node.allocatableMemory) isUnresolvable = true;
    }
    if (ephemeralStorage > 0 && ephemeralStorage > node.allocatableEphemeralStorage - node.requestedEphemeralStorage) {
      shortages += shortage.ephemeralStorage;
      if (ephemeralStorage > node.allocatableEphemeralStorage) isUnresolvable = true;
    }
    let weight: number = firstScalarShortage;
    for (let at = 0; at < request.scalars.length; at++) {
      const { name, amount } = request.scalars[at]!;
      const allocatable = node.allocatableScalars.get(name) ?? 0;
      if (amount > allocatable - (node.requestedScalars.get(name) ?? 0)) {
        shortages += weight;
        if (amount > allocatable) isUnresolvable = true;
      }
      weight *= 2;
    }
    return shortages === 0 ? undefined : request.statusOf(shortages, isUnresolvable);
  }

  preScore(state: CycleState, pod: Pod): undefined {
    let scoreState = this.scoreStates.get(pod.spec);
    if (scoreState === undefined) {
      // Upstream's scorer is built without the flags for pod-level and resized requests: they count on the node's side only.
      const requests = podRequests(pod.spec, { missing: nonZeroDefaults, skipPodLevel: true });
      scoreState = new ScoreState(scoredRequests(this.resources, (name) => requests.get(name) ?? 0));
      this.scoreStates.set(pod.spec, scoreState);
    }
    state.write(scoreKey, scoreState);
  }

  score(state: CycleState, _pod: Pod, node: NodeInfo): number {
    return this.scoreOf(state.read(scoreKey)!.requests, node);
  }

  scoreNodes(state: CycleState, _pod: Pod, nodes: readonly NodeInfo[], scores: Float64Array): undefined {
    const { requests } = state.read(scoreKey)!;
    for (let at = 0; at < nodes.length; at++) scores[at] = this.scoreOf(requests, nodes[at]!);
  }

  private scoreOf(requests: readonly ScoredRequest[], node: NodeInfo): number {
    const { strategy } = this;
    let sum = 0;
    let weights = 0;
    for (let at = 0; at < requests.length; at++) {
      const request = requests[at]!;
      const allocatable = allocatableOf(node, request);
      if (allocatable === 0) continue;
      const score = strategy.scoreOf(nonZeroRequestedOf(node, request) + request.amount, allocatable);
      if (score === 0 && strategy.leavesOutZero) continue;
      sum += score * request.weight;
      weights += request.weight;
    }
    return weights === 0 ? 0 : strategy.mean(sum, weights);
  }

  eventsToRegister(): readonly ClusterEventWithHint[] {
    return [
      onClusterEvent('AssignedPod', ActionType.delete, (_pod, deleted) => afterPodDeletion(deleted)),
      onClusterEvent('Node', ActionType.add | ActionType.updateNodeAllocatable, (pod, before, after) =>
        this.afterNodeChange(pod, before, after!),
      ),
      onClusterEvent('AssignedPod', ActionType.updatePodScaleDown, (pod, before, after) =>
        this.afterScaleDown(pod, before!, after!),
      ),
      onClusterEvent('TargetPod', ActionType.updatePodScaleDown, () => 'Queue'),
    ];
  }

  /** A new node must hold the pod when it is empty; a changed one must also have grown in something that the pod asks for. */
  private afterNodeChange(pod: Pod, before: Node | undefined, { status }: Node): QueueingHint {
    const needs = this.handle.needsOf(pod);
    if (!holds(status.allocatable, needs)) return 'Skip';
    if (before === undefined) return 'Queue';
    const old = before.status.allocatable;
    const hasGrown = (name: string): boolean => (status.allocatable.get(name) ?? 0) > (old.get(name) ?? 0);
    if (hasGrown('pods')) return 'Queue';
    for (const [name, amount] of requestsOf(needs)) if (amount > 0 && hasGrown(name)) return 'Queue';
    return 'Skip';
  }

  private afterScaleDown(pod: Pod, before: Pod, after: Pod): QueueingHint {
    const wanted = requestsOf(this.handle.needsOf(pod));
    const old = new Map(requestsOf(this.handle.needsOf(before)));
    const now = new Map(requestsOf(this.handle.needsOf(after)));
    for (const [name, amount] of wanted) {
      if (amount !== 0 && (now.get(name) ?? 0) < (old.get(name) ?? 0)) return 'Queue';
    }
    return 'Skip';
  }
}

function strategyOf({ type, shape }: NodeResourcesFitArgs['scoringStrategy']): ResourceStrategy {
  if (type === 'RequestedToCapacityRatio') return requestedToCapacityRatio(shape ?? []);
  return type === 'MostAllocated' ? mostAllocated : leastAllocated;
}

/** A pod that had neither a node nor a nomination held nothing. */
function afterPodDeletion(deleted: Pod | undefined): QueueingHint {
  const heldNothing = deleted?.spec.nodeName === '' && deleted.status.nominatedNodeName === '';
  return heldNothing ? 'Skip' : 'Queue';
}

function requestsOf(needs: PodNeeds): readonly (readonly [string, number])[] {
  const { milliCpu, memory, ephemeralStorage, scalars } = needs;
  return [['cpu', milliCpu], ['memory', memory], ['ephemeral-storage', ephemeralStorage], ...scalars];
}

/** Whether an empty node with these resources has room; ignored resources count here, as upstream. */
function holds(allocatable: ResourceList, needs: PodNeeds): boolean {
  if ((allocatable.get('pods') ?? 0) < 1) return false;
  return requestsOf(needs).every(([name, amount]) => amount <= 0 || amount <= (allocatable.get(name) ?? 0));
}

export const nodeResourcesFit = definePlugin<NodeResourcesFitArgs>({
  name: 'NodeResourcesFit',
  description: 'refuses nodes without room for the requests; scores by LeastAllocated, MostAllocated or a shape',
  defaultArgs: defaultFitArgs,
  readArgs: readFitArgs,
  validateArgs: validateFitArgs,
  create: (args, handle) => new NodeResourcesFit(args, handle),
});
