/** What the framework gives to its plugins (upstream `fwk.Handle`). */
import type { Pod, PodSpec } from '../../api/core-v1.ts';
import type { Kind, KindMap } from '../../api/kinds.ts';
import type { Labels, Uid } from '../../api/meta-v1.ts';
import type { ApiRequest, ApiResponse } from '../../apiserver/requests.ts';
import type { RandomStream } from '../../engine/random.ts';
import type { KubeEvent, PreemptionAttempt } from '../../record/facts.ts';
import type { CycleState } from './cycle-state.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo, PodNeeds } from './pod-info.ts';
import type { Status } from './status.ts';

/** An image that some node has (upstream ImageStateSummary). Read only. */
export interface ImageState {
  /** Bytes that the first node known to have the image reported. */
  readonly sizeBytes: number;
  /**
   * By node index; undefined for a node without the image. The value is how many nodes had it when that node's account was
   * last brought up to date: each node sees its own count.
   */
  readonly nodeCounts: readonly (number | undefined)[];
}

/** The nodes by their last change, each once; a node's `generation` is the revision that it brought. */
export interface NodeChanges {
  /** The node that changed last. */
  readonly newest: NodeInfo | undefined;
  /** The node whose last change came just before that of this one. */
  before(node: NodeInfo): NodeInfo | undefined;
}

/** The nodes as of the start of this cycle (upstream SharedLister). Read only. */
export interface SnapshotLister {
  /** In the order in which filters look at them: zones take turns. Every entry has a Node. */
  readonly nodes: readonly NodeInfo[];
  /** Nodes with at least one pod that names pod (anti-)affinity, in the same order. */
  readonly nodesWithAffinityPods: readonly NodeInfo[];
  /** Nodes with at least one pod that has required anti-affinity, in the same order. */
  readonly nodesWithRequiredAntiAffinityPods: readonly NodeInfo[];
  /** Grows with every change of a node or of the pods on one; absent where changes are not followed. */
  readonly revision?: number;
  /** Comes with `revision`. */
  readonly changes?: NodeChanges;
  get(nodeName: string): NodeInfo | undefined;
  /** The image of this normalized name; undefined when no node has it. */
  image(name: string): ImageState | undefined;
  /** Whether any scheduled pod uses the claim `namespace/name`. */
  isClaimUsed(key: string): boolean;
  /**
   * The one thing that a plugin writes, at Reserve: a pod that is assumed on a node has these devices of a kind from now on; undefined
   * takes them back. Nothing happens when the pod is on no node.
   */
  assignDevices(pod: Pod, kind: string, indices: readonly number[] | undefined): void;
}

/** Objects of any kind as the scheduler's informers have seen them. */
export interface ClusterLister {
  get<K extends Kind>(kind: K, namespace: string, name: string): KindMap[K] | undefined;
  list<K extends Kind>(kind: K): readonly KindMap[K][];
  /** By an index of the store, for example ('Service', 'namespace', 'default'). */
  by<K extends Kind>(kind: K, index: string, key: string | number): readonly KindMap[K][];
}

/** Hears one change; `before` undefined = created, `after` undefined = removed. */
export type ClusterChangeHandler<K extends Kind> = (
  before: KindMap[K] | undefined,
  after: KindMap[K] | undefined,
) => void;

/** Whether a change matters; must not have side effects. Others cost no event. */
export type ClusterInterest<K extends Kind> = (
  before: KindMap[K] | undefined,
  after: KindMap[K] | undefined,
) => boolean;

/** Which pods preemption has promised a node to. */
export interface PodNominator {
  /** Whether no pod is nominated to any node. */
  readonly isEmpty: boolean;
  /** Pods nominated to the node, in the order of nomination. */
  nominatedPods(nodeName: string): readonly PodInfo[];
}

/** A pod that waits on Permit. */
export interface WaitingPod {
  readonly pod: Pod;
  /** Plugins that still wait, sorted. */
  readonly pendingPlugins: readonly string[];
  /** This plugin no longer waits; when no one does, binding goes on. */
  allow(plugin: string): void;
  /** Ends the wait; the pod is unschedulable by this plugin. */
  reject(plugin: string, message: string): void;
  /** Ends the wait as a failure: the pod itself is gone or preempted. */
  abort(message: string): void;
}

/** Pods that are alike, of those that a workload is made of. */
export interface ExpectedPods {
  readonly spec: PodSpec;
  readonly annotations: Labels;
  /** Above 0; an expectation where arrivals are drawn. */
  readonly count: number;
}

/** What a plugin is given when it is made. */
export interface Handle {
  /** schedulerName of the profile. */
  readonly profileName: string;
  /** Virtual time, microseconds. */
  readonly now: number;
  readonly snapshot: SnapshotLister;
  readonly cluster: ClusterLister;
  readonly nominator: PodNominator;
  /** The pod with its parsed needs; cheap, one parse per template. */
  podInfo(pod: Pod): PodInfo;
  /**
   * The pods that the scenario says will come, whether or not they have: the same at every instant, and what measures of fragmentation
   * are about. Empty where nobody knows.
   */
  expectedPods(): readonly ExpectedPods[];
  /** The needs alone. */
  needsOf(pod: Pod): PodNeeds;
  /** Something that plugins of this profile have in common, made by the first that asks for it; `key` is compared by identity. */
  shared<T>(key: object, make: () => T): T;
  /** A stream of this plugin's own; the same name gives the same stream. */
  random(name: string): RandomStream;
  /** For PostFilter: all filters, with and without the pods nominated to the node (upstream's two passes). */
  runFilterPluginsWithNominatedPods(state: CycleState, pod: Pod, node: NodeInfo): Status | undefined;
  /** For what-ifs: tells the PreFilter plugins that `added` is now on `node`. */
  runAddPod(state: CycleState, pod: Pod, added: PodInfo, node: NodeInfo): Status | undefined;
  runRemovePod(state: CycleState, pod: Pod, removed: PodInfo, node: NodeInfo): Status | undefined;
  waitingPods(): readonly WaitingPod[];
  waitingPod(uid: Uid): WaitingPod | undefined;
  /** Ends the PreBind of a pod as a failure; false = the pod is in none. */
  cancelPreBind(uid: Uid, message: string): boolean;
  /** Moves waiting pods to activeQ at once. */
  activate(pods: readonly Pod[]): void;
  /** Sends a request through the scheduler's client; `onResponse` is called when the answer is there. */
  send<K extends Kind>(request: ApiRequest<K>, onResponse?: (response: ApiResponse<KindMap[K]>) => void): void;
  /** Calls back after a delay in virtual microseconds; the returned function calls it off. */
  after(delayUs: number, callback: () => void): () => void;
  /** From now on hears the changes of a kind that the scheduler's watch brings. */
  onClusterChange<K extends Kind>(kind: K, handler: ClusterChangeHandler<K>, interest?: ClusterInterest<K>): void;
  kubeEvent(event: Omit<KubeEvent, 'source'>): void;
  /** Tells the observers. */
  preemptionAttempt(attempt: Omit<PreemptionAttempt, 'profile'>): void;
}
