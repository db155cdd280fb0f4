/** The nodes of a cluster and the pods on them, to be changed without anybody noticing. */
import type { Node, Pod } from '../../api/core-v1.ts';
import { assert } from '../../util/assert.ts';
import type { ImageState, SnapshotLister } from './handle.ts';
import { NodeInfo } from './node-info.ts';
import { withDevices } from './pod-info.ts';
import type { PodInfo, PodInfoFactory } from './pod-info.ts';

/** What a fork starts from: nodes in the order in which filters look at them, and images by normalized name. */
export type ForkBase = Pick<SnapshotLister, 'nodes' | 'image'>;

const nothing: ForkBase = Object.freeze({ nodes: [], image: () => undefined });

/**
 * Shares every account with its base until it changes one, of which it then has a copy. It does not see what becomes of the base
 * afterwards: it is made, asked and dropped within one instant.
 */
export class ClusterFork implements SnapshotLister {
  private readonly base: ForkBase;
  /** By name, in the order of the base; a node that is added comes last. */
  private readonly entries: Map<string, NodeInfo>;
  /** Accounts that belong to the fork. */
  private readonly own = new Set<NodeInfo>();
  private list: readonly NodeInfo[] | undefined;
  private nextIndex = 0;
  /** Above those of the base, so that nobody takes a changed account for the one that it was. */
  private generation = 0;

  constructor(base: ForkBase = nothing) {
    this.base = base;
    this.entries = new Map(base.nodes.map((node) => [node.name, node]));
    for (const { index, generation } of base.nodes) {
      this.nextIndex = Math.max(this.nextIndex, index + 1);
      this.generation = Math.max(this.generation, generation);
    }
  }

  /** A cluster of these nodes, with those of the pods that are bound to one of them. */
  static of(nodes: Iterable<Node>, pods: Iterable<Pod>, podInfos: PodInfoFactory): ClusterFork {
    const fork = new ClusterFork();
    for (const node of nodes) fork.setNode(node);
    for (const pod of pods) if (fork.get(pod.spec.nodeName) !== undefined) fork.addPod(podInfos.podInfo(pod));
    return fork;
  }

  get nodes(): readonly NodeInfo[] {
    return (this.list ??= [...this.entries.values()]);
  }

  get nodesWithAffinityPods(): readonly NodeInfo[] {
    return this.nodes.filter(({ podsWithAffinity }) => podsWithAffinity.length > 0);
  }

  get nodesWithRequiredAntiAffinityPods(): readonly NodeInfo[] {
    return this.nodes.filter(({ podsWithRequiredAntiAffinity }) => podsWithRequiredAntiAffinity.length > 0);
  }

  get(nodeName: string): NodeInfo | undefined {
    return this.entries.get(nodeName);
  }

  /** As the base says: the images of nodes that only the fork has do not count. */
  image(name: string): ImageState | undefined {
    return this.base.image(name);
  }

  isClaimUsed(key: string): boolean {
    return this.nodes.some(({ claimUsers }) => claimUsers.has(key));
  }

  /** Adds a node at the end of the list, or changes the one of its name. */
  setNode(node: Node): void {
    const { name } = node.metadata;
    if (!this.entries.has(name)) this.keep(new NodeInfo(this.nextIndex++, name));
    const entry = this.writable(name);
    entry.setNode(node);
    this.touch(entry);
  }

  /** Takes a node away with the pods on it. */
  removeNode(nodeName: string): void {
    this.entries.delete(nodeName);
    this.list = undefined;
  }

  /** Puts a pod on the node that its spec names, which must be there. */
  addPod(podInfo: PodInfo): void {
    const entry = this.writable(podInfo.pod.spec.nodeName);
    entry.addPod(podInfo);
    this.touch(entry);
  }

  assignDevices({ metadata, spec }: Pod, kind: string, indices: readonly number[] | undefined): void {
    const known = this.get(spec.nodeName)?.pods.find(({ pod }) => pod.metadata.uid === metadata.uid);
    if (known === undefined) return;
    known.devices = indices === undefined ? undefined : withDevices(known.devices, kind, indices);
    this.touch(this.writable(spec.nodeName));
  }

  /** Takes a pod off the node that its spec names; nothing happens where it is not there. */
  removePod(pod: Pod): void {
    if (!this.entries.has(pod.spec.nodeName)) return;
    const entry = this.writable(pod.spec.nodeName);
    entry.removePod(pod);
    this.touch(entry);
  }

  /** The fork's own account of a node, which is about to change. */
  private writable(name: string): NodeInfo {
    const present = this.entries.get(name);
    assert(present !== undefined, `the fork has no node ${name}`);
    return this.own.has(present) ? present : this.keep(present.clone());
  }

  private touch(entry: NodeInfo): void {
    entry.generation = ++this.generation;
  }

  private keep(entry: NodeInfo): NodeInfo {
    this.own.add(entry);
    this.entries.set(entry.name, entry);
    this.list = undefined;
    return entry;
  }
}
