/** What each node has and what its pods ask for, kept up to date from commits alone. */
import type { Node, Pod } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import { controllerOf } from '../api/meta-v1.ts';
import { nodeCondition } from '../api/node-conditions.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import { PodResourcesCache } from '../api/resources.ts';

/** Hears that a node's figures have changed. */
export interface NodeListener {
  nodeChanged(node: number): void;
}

/** Figures of one node. Bound pods that are not terminal hold their requests. */
export interface NodeFigures {
  readonly name: string;
  /** Whether the Node object exists; allocatable is 0 while it does not. */
  isPresent: boolean;
  /** Condition Ready is True. */
  isReady: boolean;
  /** Condition Ready is Unknown: nobody has heard of the node for the grace period. */
  isUnreachable: boolean;
  /** Allocatable: milliCPU, bytes, pods. */
  cpuMilli: number;
  memoryBytes: number;
  podsMax: number;
  cpuRequestedMilli: number;
  memoryRequestedBytes: number;
  pods: number;
  /** Of these, those that are not of a DaemonSet. */
  workloadPods: number;
  runningPods: number;
  /** Pods that were ever bound to it. */
  podsBound: number;
}

/** All nodes that were ever seen or bound to. */
export class NodeLedger {
  /** In order of first appearance; a node that was deleted and made again is the same. */
  readonly nodes: NodeFigures[] = [];
  private readonly indexes = new Map<string, number>();
  private readonly resources = new PodResourcesCache();
  private readonly listener: NodeListener;

  constructor(listener: NodeListener) {
    this.listener = listener;
  }

  committed<K extends Kind>(kind: K, before: KindMap[K] | undefined, after: KindMap[K] | undefined): void {
    if (kind === 'Pod') this.podChanged(before as Pod | undefined, after as Pod | undefined);
    else if (kind === 'Node') this.nodeCommitted(before as Node | undefined, after as Node | undefined);
  }

  private podChanged(before: Pod | undefined, after: Pod | undefined): void {
    if (before !== undefined && after !== undefined && before.spec === after.spec) {
      if (before.status.phase === after.status.phase) return;
      if (holds(before) && holds(after)) {
        this.countRunning(before, after);
        return;
      }
    }
    if (before !== undefined) this.count(before, -1);
    if (after === undefined) return;
    this.count(after, 1);
    const nodeName = after.spec.nodeName;
    if (nodeName !== '' && before?.spec.nodeName !== nodeName) this.nodes[this.indexOf(nodeName)]!.podsBound++;
  }

  /** The usual change of phase: the requests stay. */
  private countRunning(before: Pod, after: Pod): void {
    const index = this.indexOf(after.spec.nodeName);
    this.nodes[index]!.runningPods +=
      (after.status.phase === 'Running' ? 1 : 0) - (before.status.phase === 'Running' ? 1 : 0);
    this.listener.nodeChanged(index);
  }

  private count(pod: Pod, sign: 1 | -1): void {
    if (!holds(pod)) return;
    const index = this.indexOf(pod.spec.nodeName);
    const node = this.nodes[index]!;
    const { requests } = this.resources.of(pod.spec);
    node.cpuRequestedMilli += sign * (requests.get('cpu') ?? 0);
    node.memoryRequestedBytes += sign * (requests.get('memory') ?? 0);
    node.pods += sign;
    if (controllerOf(pod)?.kind !== 'DaemonSet') node.workloadPods += sign;
    if (pod.status.phase === 'Running') node.runningPods += sign;
    this.listener.nodeChanged(index);
  }

  private nodeCommitted(before: Node | undefined, after: Node | undefined): void {
    if (before?.status === after?.status) return;
    const index = this.indexOf((after ?? before)!.metadata.name);
    const node = this.nodes[index]!;
    const ready = after === undefined ? undefined : nodeCondition(after, 'Ready')?.status;
    node.isPresent = after !== undefined;
    node.isReady = ready === 'True';
    node.isUnreachable = ready === 'Unknown';
    node.cpuMilli = after?.status.allocatable.get('cpu') ?? 0;
    node.memoryBytes = after?.status.allocatable.get('memory') ?? 0;
    node.podsMax = after?.status.allocatable.get('pods') ?? 0;
    this.listener.nodeChanged(index);
  }

  private indexOf(name: string): number {
    const known = this.indexes.get(name);
    if (known !== undefined) return known;
    const index = this.nodes.push(newFigures(name)) - 1;
    this.indexes.set(name, index);
    return index;
  }
}

function holds(pod: Pod): boolean {
  return pod.spec.nodeName !== '' && !isPodTerminal(pod);
}

function newFigures(name: string): NodeFigures {
  return {
    name,
    isPresent: false,
    isReady: false,
    isUnreachable: false,
    cpuMilli: 0,
    memoryBytes: 0,
    podsMax: 0,
    cpuRequestedMilli: 0,
    memoryRequestedBytes: 0,
    pods: 0,
    workloadPods: 0,
    runningPods: 0,
    podsBound: 0,
  };
}
