import type { Pod } from '../../api/core-v1.ts';
import type { ArgsProblem } from '../framework/define-plugin.ts';
import { cycleStateKey } from '../framework/cycle-state.ts';
import type { CycleState, StateValue } from '../framework/cycle-state.ts';
import { definePlugin } from '../framework/define-plugin.ts';
import type { Handle } from '../framework/handle.ts';
import type { Plugin } from '../framework/interface.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import type { PodNeeds } from '../framework/pod-info.ts';
import { skip } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';
import { truncate } from './integer-math.ts';
import { invalidArg, readPluginArgs } from './read-args.ts';
import type { ResourceSpec, ScoredRequest } from './scored-resources.ts';
import { allocatableOf, defaultResources, readResources, requestedOf, scoredRequests } from './scored-resources.ts';

/** NodeResourcesBalancedAllocationArgs. */
interface BalancedAllocationArgs {
  /** Each of weight 1. */
  readonly resources: readonly ResourceSpec[];
}

/** What the pod asks for of the resources. */
class BalanceState implements StateValue {
  readonly requests: readonly ScoredRequest[];

  constructor(requests: readonly ScoredRequest[]) {
    this.requests = requests;
  }

  clone(): BalanceState {
    return this;
  }
}

const stateKey = cycleStateKey<BalanceState>('PreScoreNodeResourcesBalancedAllocation');

/**
 * Prefers nodes whose resources the pod brings into balance (`pl/noderesources/balanced_allocation.go`): half of the score
 * says how much better or worse the balance gets. Real requests count here, without 100m and 200Mi for those who name none.
 */
class NodeResourcesBalancedAllocation implements Plugin {
  readonly name = 'NodeResourcesBalancedAllocation';
  readonly isNodeLocal = true;
  private readonly handle: Handle;
  private readonly resources: readonly ResourceSpec[];
  private readonly states = new WeakMap<PodNeeds, BalanceState>();
  /** Used fractions of the node at hand, with the pod and without. */
  private readonly withPod: Float64Array;
  private readonly withoutPod: Float64Array;

  constructor({ resources }: BalancedAllocationArgs, handle: Handle) {
    this.handle = handle;
    this.resources = resources;
    this.withPod = new Float64Array(resources.length);
    this.withoutPod = new Float64Array(resources.length);
  }

  preScore(state: CycleState, pod: Pod): Status | undefined {
    const needs = this.handle.needsOf(pod);
    let balance = this.states.get(needs);
    if (balance === undefined) {
      balance = new BalanceState(scoredRequests(this.resources, (name) => amountOf(needs, name)));
      this.states.set(needs, balance);
    }
    if (balance.requests.every(({ amount }) => amount === 0)) return skip;
    state.write(stateKey, balance);
    return undefined;
  }

  score(state: CycleState, _pod: Pod, node: NodeInfo): number {
    return this.scoreOf(state.read(stateKey)!.requests, node);
  }

  scoreNodes(state: CycleState, _pod: Pod, nodes: readonly NodeInfo[], scores: Float64Array): undefined {
    const { requests } = state.read(stateKey)!;
    for (let at = 0; at < nodes.length; at++) scores[at] = this.scoreOf(requests, nodes[at]!);
  }

  private scoreOf(requests: readonly ScoredRequest[], node: NodeInfo): number {
    const { withPod, withoutPod } = this;
    let count = 0;
    for (let at = 0; at < requests.length; at++) {
      const request = requests[at]!;
      const allocatable = allocatableOf(node, request);
      if (allocatable === 0) continue;
      const requested = requestedOf(node, request);
      withPod[count] = Math.min(1, (requested + request.amount) / allocatable);
      withoutPod[count] = Math.min(1, requested / allocatable);
      count++;
    }
    return 50 + truncate((50 + balance(withPod, count) - balance(withoutPod, count)) / 2);
  }
}

function amountOf(needs: PodNeeds, name: string): number {
  if (name === 'cpu') return needs.milliCpu;
  if (name === 'memory') return needs.memory;
  if (name === 'ephemeral-storage') return needs.ephemeralStorage;
  return needs.scalars.get(name) ?? 0;
}

/** 100 for equal fractions, less the more they differ: `trunc((1 - standard deviation) * 100)`. */
function balance(fractions: Float64Array, count: number): number {
  return truncate((1 - deviation(fractions, count)) * 100);
}

function deviation(fractions: Float64Array, count: number): number {
  if (count < 2) return 0;
  if (count === 2) return Math.abs((fractions[0]! - fractions[1]!) / 2);
  let sum = 0;
  for (let at = 0; at < count; at++) sum += fractions[at]!;
  const mean = sum / count;
  let squares = 0;
  for (let at = 0; at < count; at++) squares += (fractions[at]! - mean) * (fractions[at]! - mean);
  return Math.sqrt(squares / count);
}

function readArgs(given: unknown, problems: ArgsProblem[]): BalancedAllocationArgs {
  return readPluginArgs('NodeResourcesBalancedAllocation', ['resources'], given, problems, (reader) => ({
    resources: readResources(reader),
  }));
}

function validateArgs({ resources }: BalancedAllocationArgs): readonly ArgsProblem[] {
  const seen = new Set<string>();
  return resources.flatMap(({ name, weight }, at) => {
    const problems: ArgsProblem[] = [];
    if (weight !== 1) problems.push(invalidArg(['resources', at, 'weight'], weight, 'must be 1'));
    if (seen.has(name)) {
      problems.push({ path: ['resources', at, 'name'], message: `Duplicate value: ${JSON.stringify(name)}` });
    }
    seen.add(name);
    return problems;
  });
}

export const nodeResourcesBalancedAllocation = definePlugin<BalancedAllocationArgs>({
  name: 'NodeResourcesBalancedAllocation',
  description: 'prefers nodes whose resources are used evenly once the pod is there',
  defaultArgs: { resources: defaultResources },
  readArgs,
  validateArgs,
  create: (args, handle) => new NodeResourcesBalancedAllocation(args, handle),
});
