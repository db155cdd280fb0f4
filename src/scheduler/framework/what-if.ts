/**
 * The scheduler's plugins as a library: would a pod fit here, and where would it go? Asked on a fork of the cluster, with plugins of
 * its own, so that nothing else can notice: no request is sent, no event told, no pod moved, no number of the run drawn.
 */
import type { Pod } from '../../api/core-v1.ts';
import { bindSpec, podWith } from '../../apiserver/pod-object.ts';
import type { RandomStream } from '../../engine/random.ts';
import { assert } from '../../util/assert.ts';
import type { ClusterFork } from './cluster-fork.ts';
import { CycleState } from './cycle-state.ts';
import type { PluginRegistry } from './define-plugin.ts';
import { fitErrorMessage } from './fit-error.ts';
import type { ClusterLister, ExpectedPods, PodNominator } from './handle.ts';
import type { NodeInfo } from './node-info.ts';
import { NodeStatuses } from './node-statuses.ts';
import type { PodInfoFactory } from './pod-info.ts';
import type { ProfileConfiguration } from './profile.ts';
import { outsideNarrowedNodes } from './run-pre-filter.ts';
import { Framework } from './runtime.ts';
import type { FrameworkServices } from './framework-services.ts';
import { Status, isSuccess } from './status.ts';
import { WaitingPods } from './waiting-pods.ts';

/** What a what-if is asked of. */
export interface WhatIfOptions {
  readonly profile: ProfileConfiguration;
  readonly registry: PluginRegistry;
  /** The other objects that plugins look up; they are only read. */
  readonly cluster: ClusterLister;
  /** Absent: no node is promised to anybody. */
  readonly nominator?: PodNominator;
  /** Absent: needs are parsed anew. */
  readonly podInfos: PodInfoFactory;
  /** Absent: nobody knows which pods will come. */
  readonly expectedPods?: () => readonly ExpectedPods[];
  /** Virtual time, microseconds; 0 if absent. */
  readonly now?: number;
  /** For plugins that draw; absent: they must not. A stream of the run would be a side effect. */
  readonly random?: (name: string) => RandomStream;
}

/** Where a pod would go. */
export interface Placement {
  readonly pod: Pod;
  readonly node: NodeInfo;
  /** How many nodes were feasible. */
  readonly feasibleNodes: number;
  /** Total score; 0 where only one node was feasible. */
  readonly score: number;
  readonly state: CycleState;
}

/** Why a pod would go nowhere. */
export interface NoPlacement {
  /** As kube-scheduler words it, without what preemption would add. */
  readonly message: string;
  /** What filters said of each node. */
  readonly statuses: NodeStatuses;
}

/** One fork and the plugins of one profile on it. */
export class WhatIf {
  readonly fork: ClusterFork;
  private readonly framework: Framework;
  private readonly podInfos: PodInfoFactory;

  /** `fork` is changed by `assume` only; whoever made it may change it too. */
  constructor(fork: ClusterFork, options: WhatIfOptions) {
    this.fork = fork;
    this.podInfos = options.podInfos;
    this.framework = new Framework(options.profile, options.registry, servicesOf(fork, this.podInfos, options));
    assert(this.framework.problems.length === 0, this.framework.problems.join('; '));
  }

  /** Undefined = the pod fits on that node as things are; else the first refusal. The node must be in the fork. */
  refusal(pod: Pod, nodeName: string): Status | undefined {
    const node = this.fork.get(nodeName);
    assert(node !== undefined, `the fork has no node ${nodeName}`);
    return this.search(pod, [node]).statuses.own(node);
  }

  /** The nodes on which the pod fits, in the order of the fork. */
  feasibleNodes(pod: Pod): readonly NodeInfo[] {
    return this.search(pod, this.fork.nodes).feasible;
  }

  /** The node with the highest score of all that are feasible; of equal ones that with the lowest name. */
  place(pod: Pod): Placement | NoPlacement {
    const { state, feasible, statuses, preFilterMessage } = this.search(pod, this.fork.nodes);
    if (feasible.length === 0) return this.nowhere(statuses, preFilterMessage);
    const found = { pod, feasibleNodes: feasible.length, state };
    if (feasible.length === 1) return { ...found, node: feasible[0]!, score: 0 };
    const totals = this.totals(state, pod, feasible);
    if (totals instanceof Status) return { message: totals.message, statuses };
    let best = 0;
    for (let at = 1; at < feasible.length; at++) {
      const ahead = totals[at]! - totals[best]!;
      if (ahead > 0 || (ahead === 0 && feasible[at]!.name < feasible[best]!.name)) best = at;
    }
    return { ...found, node: feasible[best]!, score: totals[best]! };
  }

  /** Goes on as if the pod had gone there: it takes its room in the fork, and volumes in the plugins of this what-if. */
  assume({ pod, node, state }: Placement): void {
    const assumed = podWith(pod, { spec: bindSpec(pod.spec, node.name) });
    this.fork.addPod(this.podInfos.podInfo(assumed));
    this.framework.binding.runReserve(state, assumed, node.name);
  }

  private search(pod: Pod, nodes: readonly NodeInfo[]): SearchResult {
    const state = new CycleState();
    const statuses = new NodeStatuses();
    const feasible: NodeInfo[] = [];
    const { status, nodeNames, narrowingPlugins } = this.framework.runPreFilter(state, pod, this.fork.nodes);
    const whole = status ?? outsideNarrowedNodes(narrowingPlugins);
    for (const node of nodes) {
      const isOutside = status !== undefined || (nodeNames !== undefined && !nodeNames.has(node.name));
      const own = isOutside ? whole : this.framework.runFilterPluginsWithNominatedPods(state, pod, node);
      if (isSuccess(own)) feasible.push(node);
      else statuses.set(node, own!);
    }
    return { state, statuses, feasible, preFilterMessage: status?.message ?? '' };
  }

  private totals(state: CycleState, pod: Pod, feasible: readonly NodeInfo[]): Float64Array | Status {
    if (!this.framework.hasScorePlugins) return new Float64Array(feasible.length);
    const failure = this.framework.runPreScore(state, pod, feasible);
    if (failure !== undefined) return failure;
    const scores = this.framework.runScore(state, pod, feasible);
    return scores instanceof Status ? scores : scores.totals;
  }

  private nowhere(statuses: NodeStatuses, preFilterMessage: string): NoPlacement {
    const diagnosis = { nodeStatuses: statuses, unschedulablePlugins: none, pendingPlugins: none, preFilterMessage };
    return { message: fitErrorMessage(this.fork.nodes, diagnosis, ''), statuses };
  }
}

interface SearchResult {
  readonly state: CycleState;
  readonly statuses: NodeStatuses;
  readonly feasible: readonly NodeInfo[];
  readonly preFilterMessage: string;
}

const none: ReadonlySet<string> = new Set();
const nobody: PodNominator = Object.freeze({ isEmpty: true, nominatedPods: () => [] });

function servicesOf(fork: ClusterFork, podInfos: PodInfoFactory, options: WhatIfOptions): FrameworkServices {
  return {
    clock: { now: options.now ?? 0 },
    snapshot: fork,
    cluster: options.cluster,
    nominator: options.nominator ?? nobody,
    podInfos,
    waitingPods: new WaitingPods(forbidden('wait')),
    expectedPods: options.expectedPods ?? (() => []),
    random: options.random ?? forbidden('draw numbers'),
    activate: forbidden('move pods'),
    send: forbidden('send requests'),
    after: forbidden('wait'),
    // Plugins follow what they have assumed; in a what-if they assume nothing.
    onClusterChange: () => undefined,
    kubeEvent: forbidden('tell events'),
    preemptionAttempt: forbidden('preempt'),
  };
}

/** A plugin that tries is a mistake of the programmer. */
function forbidden(what: string): () => never {
  return () => assert(false, `a plugin must not ${what} in a what-if`) as never;
}
