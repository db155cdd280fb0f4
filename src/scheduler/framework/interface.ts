/**
 * The extension points of kube-scheduler (upstream `ks/framework/interface.go`), one to one. A plugin is an object with a
 * name and the methods of the points it works at; the runtime finds them by their presence, once, when it is built. Where a
 * method answers `undefined`, that is Success.
 */
import type { Pod } from '../../api/core-v1.ts';
import type { ClusterEventWithHint } from './cluster-event.ts';
import type { CycleState } from './cycle-state.ts';
import type { NodeInfo } from './node-info.ts';
import type { NodeStatuses } from './node-statuses.ts';
import type { PodInfo } from './pod-info.ts';
import type { QueuedPodInfo } from './queued-pod-info.ts';
import type { Status } from './status.ts';

/** MaxNodeScore: scores are integers in 0..100 after normalizing. */
export const nodeScoreMax = 100;

/** Microseconds: a pod waits on Permit at most 15 minutes per plugin (upstream `maxTimeout`). */
export const permitTimeoutUsMax = 900_000_000;

/** Decides whether a pod may wait for scheduling at all. */
export interface PreEnqueuePlugin {
  /** Called before a pod enters activeQ; anything but Success keeps it gated, without event, condition or back-off. */
  preEnqueue(pod: Pod): Status | undefined;
}

/** Orders the pods that wait. */
export interface QueueSortPlugin {
  /** Whether `a` goes before `b`. One such plugin for all profiles. */
  less(a: QueuedPodInfo, b: QueuedPodInfo): boolean;
}

/** Says what may help a pod that the plugin rejected. */
export interface EnqueueExtensions {
  /**
   * Events that may make a pod schedulable that this plugin rejected. Called once. A plugin with PreEnqueue, PreFilter,
   * Filter, Reserve or Permit and without this method hears every event.
   */
  eventsToRegister(): readonly ClusterEventWithHint[];
}

/** Narrows the nodes; the results of several plugins are intersected. */
export interface PreFilterResult {
  readonly nodeNames: ReadonlySet<string>;
}

/** Prepares a cycle, or rejects the pod as a whole. */
export interface PreFilterPlugin {
  /**
   * Looks at the pod and all nodes once per cycle. Skip: no `filter`, `addPod`, `removePod` of this plugin in this cycle
   * (its score runs all the same). UnschedulableAndUnresolvable ends the stage; Unschedulable is remembered while the
   * others run; both reject the pod on every node.
   */
  preFilter(state: CycleState, pod: Pod, nodes: readonly NodeInfo[]): PreFilterResult | Status | undefined;
  /** A what-if puts `added` on `node`: update the state. `node` already holds it. */
  addPod?(state: CycleState, pod: Pod, added: PodInfo, node: NodeInfo): Status | undefined;
  /** A what-if takes `removed` off `node`: update the state. `node` no longer holds it. */
  removePod?(state: CycleState, pod: Pod, removed: PodInfo, node: NodeInfo): Status | undefined;
}

/** Says whether one node can run the pod. */
export interface FilterPlugin {
  /** Success, Unschedulable or UnschedulableAndUnresolvable; must look at `node` only, not at the snapshot's version of it. */
  filter(state: CycleState, pod: Pod, node: NodeInfo): Status | undefined;
}

/** What PostFilter says about `status.nominatedNodeName`: set it to this, empty = delete; absent = leave as it is. */
export interface PostFilterResult {
  readonly nominatedNodeName?: string;
  /** Absent = Success. */
  readonly status?: Status;
}

/** Tries to make room when no node is feasible. */
export interface PostFilterPlugin {
  /**
   * Called when no node is feasible, in order until one answers Success (something was done), UnschedulableAndUnresolvable
   * or Error. The reasons become part of the pod's message.
   */
  postFilter(state: CycleState, pod: Pod, statuses: NodeStatuses): PostFilterResult;
}

/** Prepares the scores of a cycle. */
export interface PreScorePlugin {
  /** Skip: no score of this plugin in this cycle. `nodes` are the feasible ones; the array holds for this cycle only. */
  preScore(state: CycleState, pod: Pod, nodes: readonly NodeInfo[]): Status | undefined;
}

/** Says how good a feasible node is. */
export interface ScorePlugin {
  /** An integer; 0..100 unless `normalizeScore` brings it there. A Status is a failure. */
  score(state: CycleState, pod: Pod, node: NodeInfo): number | Status;
  /**
   * The same for all feasible nodes at once; `scores[i]` belongs to `nodes[i]`. Optional: for plugins that gain by looking
   * at what the nodes have in common only once. It must give what `score` gives.
   */
  scoreNodes?(state: CycleState, pod: Pod, nodes: readonly NodeInfo[], scores: Float64Array): Status | undefined;
  /** Rewrites `scores` in place to 0..100; `scores[i]` belongs to `nodes[i]`. */
  normalizeScore?(state: CycleState, pod: Pod, scores: Float64Array, nodes: readonly NodeInfo[]): Status | undefined;
}

/** Keeps account of what a decision takes. */
export interface ReservePlugin {
  reserve(state: CycleState, pod: Pod, nodeName: string): Status | undefined;
  /** Undoes `reserve`; must be idempotent, and is called also where `reserve` of this plugin was not. */
  unreserve(state: CycleState, pod: Pod, nodeName: string): void;
}

/** Wait: the pod is parked until every plugin that said so allows it, one rejects it, or the time is over. */
export interface PermitWait {
  /** Microseconds, at most `permitTimeoutUsMax`. */
  readonly timeoutUs: number;
}

/** Approves, refuses or delays a decision before it is bound. */
export interface PermitPlugin {
  permit(state: CycleState, pod: Pod, nodeName: string): PermitWait | Status | undefined;
}

/** Ends an asynchronous step; to be called exactly once, at once or at a later event. */
export type Completion = (status: Status | undefined) => void;

/** Does what must be done before the binding. */
export interface PreBindPlugin {
  /** Skip: this plugin has nothing to do for the pod. If all skip, the nomination is not written before binding. */
  preBindPreFlight(state: CycleState, pod: Pod, nodeName: string): Status | undefined;
  preBind(state: CycleState, pod: Pod, nodeName: string, done: Completion): void;
}

/** Binds the pod. */
export interface BindPlugin {
  /** Skip hands on to the next bind plugin. */
  bind(state: CycleState, pod: Pod, nodeName: string, done: Completion): void;
}

/** Hears of pods that were bound. */
export interface PostBindPlugin {
  postBind(state: CycleState, pod: Pod, nodeName: string): void;
}

/** Every extension point at once; a plugin has the methods of those it works at. */
export interface Plugin
  extends
    Partial<PreEnqueuePlugin>,
    Partial<QueueSortPlugin>,
    Partial<EnqueueExtensions>,
    Partial<PreFilterPlugin>,
    Partial<FilterPlugin>,
    Partial<PostFilterPlugin>,
    Partial<PreScorePlugin>,
    Partial<ScorePlugin>,
    Partial<ReservePlugin>,
    Partial<PermitPlugin>,
    Partial<PreBindPlugin>,
    Partial<BindPlugin>,
    Partial<PostBindPlugin> {
  /** As in KubeSchedulerConfiguration, for example `NodeResourcesFit`. */
  readonly name: string;
  /**
   * What `filter`, `preScore` (Skip or not) and `score` answer follows from the pod's class and from the account of the one
   * node alone: not from other nodes, pods or objects, time, or priority of the pod. The class is the pod's spec and needs,
   * and what `classOf` adds. The runtime then asks once per class and state of the account, and normalizes what is
   * feasible now.
   */
  readonly isNodeLocal?: true;
  /**
   * For node-local plugins that read more of the pod than its spec, such as annotations: equal values for pods that they treat
   * alike. Compared by identity.
   */
  classOf?(pod: Pod): object | undefined;
}
