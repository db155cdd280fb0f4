/**
 * The scheduler's view of the nodes and the pods on them, assumed ones included (upstream `ps/backend/cache/cache.go`).
 * Upstream copies what changed into a snapshot at the start of each cycle. Here a decision is taken within one instant, so
 * it reads the accounts themselves; `updateSnapshot` settles what upstream settles with the copy: the order of the nodes,
 * and how common their images are.
 */
import type { Node, Pod } from '../api/core-v1.ts';
import type { Uid } from '../api/meta-v1.ts';
import { assert } from '../util/assert.ts';
import type { NameOrder } from './best-totals.ts';
import { ChangeOrder } from './change-order.ts';
import type { ImageState, NodeChanges, SnapshotLister } from './framework/handle.ts';
import { NodeInfo } from './framework/node-info.ts';
import { withDevices } from './framework/pod-info.ts';
import type { PodInfo, PodInfoFactory } from './framework/pod-info.ts';
import { ImageStates } from './image-states.ts';
import { NodeTree } from './node-tree.ts';
import { PodsByUid } from './pods-by-uid.ts';

/** Nodes and the pods on them; also what plugins see of them. */
export class SchedulerCache implements SnapshotLister {
  private readonly podInfos: PodInfoFactory;
  private readonly entries = new Map<string, NodeInfo>();
  private readonly freeIndexes: number[] = [];
  private indexCount = 0;
  /** All pods on nodes. Each is in the account of the node that its spec names. */
  private readonly pods = new PodsByUid();
  /** Those of them that the scheduler has chosen a node for and not yet seen as bound. There is no expiry. */
  private readonly assumedPods = new Set<Uid>();
  private readonly tree = new NodeTree();
  private readonly imageStates = new ImageStates();
  private readonly claimUsers = new Map<string, number>();
  private list: readonly NodeInfo[] = [];
  private affinityList: readonly NodeInfo[] = [];
  private antiAffinityList: readonly NodeInfo[] = [];
  /** Place in the list by node index; -1 for a node that is not in it. */
  private positions: number[] = [];
  private isListStale = false;
  private areAffinityListsStale = false;
  private readonly changed = new Set<NodeInfo>();
  private readonly order = new ChangeOrder();
  /** Of `list`; undefined = not asked for since the list was made. */
  private names: NameOrder | undefined;
  private generation = 0;

  constructor(podInfos: PodInfoFactory) {
    this.podInfos = podInfos;
  }

  get nodes(): readonly NodeInfo[] {
    return this.list;
  }

  get nodesWithAffinityPods(): readonly NodeInfo[] {
    this.refreshAffinityLists();
    return this.affinityList;
  }

  get nodesWithRequiredAntiAffinityPods(): readonly NodeInfo[] {
    this.refreshAffinityLists();
    return this.antiAffinityList;
  }

  get assumedPodCount(): number {
    return this.assumedPods.size;
  }

  /** Grows with every change of a node or of the pods on one. */
  get revision(): number {
    return this.generation;
  }

  /** The nodes by their last change; a node's `generation` is the revision that it brought. */
  get changes(): NodeChanges {
    return this.order;
  }

  /** The nodes of the snapshot by name. */
  get nameOrder(): NameOrder {
    return (this.names ??= orderByName(this.list));
  }

  /** A node of the snapshot. */
  get(nodeName: string): NodeInfo | undefined {
    const entry = this.entries.get(nodeName);
    return entry !== undefined && this.positionOf(entry) >= 0 ? entry : undefined;
  }

  /** Place of a node in the canonical order; -1 = not in the snapshot. */
  positionOf(node: NodeInfo): number {
    return this.positions[node.index] ?? -1;
  }

  isClaimUsed(key: string): boolean {
    return this.claimUsers.has(key);
  }

  image(name: string): ImageState | undefined {
    return this.imageStates.get(name);
  }

  /** The nodes as they are at this instant, in canonical order: for what-ifs, which must not settle anything. */
  presentNodes(): readonly NodeInfo[] {
    return this.tree.list().map((name) => this.entries.get(name)!);
  }

  /** To be called at the start of every scheduling cycle. */
  updateSnapshot(): void {
    for (const { node, index } of this.changed) if (node !== undefined) this.imageStates.refresh(node, index);
    this.changed.clear();
    if (!this.isListStale) return;
    this.isListStale = false;
    this.areAffinityListsStale = true;
    this.names = undefined;
    this.list = this.tree.list().map((name) => this.entries.get(name)!);
    this.positions = new Array<number>(this.indexCount).fill(-1);
    for (const [position, { index }] of this.list.entries()) this.positions[index] = position;
  }

  addNode(node: Node): void {
    const entry = this.entryOf(node.metadata.name);
    if (entry.node !== undefined) return this.updateNode(entry.node, node);
    this.tree.add(node);
    this.imageStates.add(node, entry.index);
    entry.setNode(node);
    this.isListStale = true;
    this.touch(entry);
  }

  updateNode(before: Node, after: Node): void {
    const entry = this.entries.get(after.metadata.name);
    if (entry?.node === undefined) return this.addNode(after);
    // A change of zone alone takes effect in the list when the next node comes or goes, as upstream.
    this.tree.update(before, after);
    if (before.status.images !== after.status.images) {
      this.imageStates.remove(before, entry.index);
      this.imageStates.add(after, entry.index);
    }
    entry.setNode(after);
    this.touch(entry);
  }

  /** The entry stays as long as pods are known to be on the node. */
  removeNode(node: Node): void {
    const entry = this.entries.get(node.metadata.name);
    if (entry?.node === undefined) return;
    this.tree.remove(entry.node);
    this.imageStates.remove(entry.node, entry.index);
    entry.node = undefined;
    this.isListStale = true;
    this.touch(entry);
    this.dropIfEmpty(entry);
  }

  /** A pod that is seen as bound; confirms an assumed one, and moves it if it was bound elsewhere. */
  addPod(pod: Pod): void {
    const known = this.pods.get(pod.metadata.uid);
    if (known !== undefined) this.takeOff(known);
    this.putOn(this.podInfos.podInfo(pod));
  }

  /**
   * A bound pod changed in a way that no account reads. The new version takes the place of the old one, for the sake of
   * memory: else every running pod would be there twice, once as it is and once as it was when it was bound.
   */
  replacePod(pod: Pod): void {
    const known = this.pods.get(pod.metadata.uid);
    if (known === undefined) return;
    known.pod = pod;
    this.entries.get(pod.spec.nodeName)?.moveToEnd(known);
  }

  /** A bound pod changed. */
  updatePod(pod: Pod): void {
    this.addPod(pod);
  }

  /** A bound pod is gone or has ended. */
  removePod(pod: Pod): void {
    const known = this.pods.get(pod.metadata.uid);
    if (known !== undefined) this.takeOff(known);
  }

  isAssumed(uid: Uid): boolean {
    return this.assumedPods.has(uid);
  }

  /** Whether the pod is on some node, assumed or seen. */
  hasPod(uid: Uid): boolean {
    return this.pods.get(uid) !== undefined;
  }

  /** Counts the pod on the node from now on. `podInfo` holds the pod with its node name. */
  assumePod(podInfo: PodInfo): void {
    const { uid, namespace, name } = podInfo.pod.metadata;
    assert(!this.hasPod(uid), `pod ${namespace}/${name} is in the cache already`);
    this.putOn(podInfo);
    this.assumedPods.add(uid);
  }

  /** Undoes `assumePod`; nothing happens when the pod has been seen as bound since. */
  forgetPod(uid: Uid): void {
    if (this.assumedPods.has(uid)) this.takeOff(this.pods.get(uid)!);
  }

  assignDevices(pod: Pod, kind: string, indices: readonly number[] | undefined): void {
    const known = this.pods.get(pod.metadata.uid);
    if (known === undefined) return;
    known.devices = indices === undefined ? undefined : withDevices(known.devices, kind, indices);
    this.touch(this.entryOf(known.pod.spec.nodeName));
  }

  private putOn(podInfo: PodInfo): void {
    const entry = this.entryOf(podInfo.pod.spec.nodeName);
    const affinityPods = entry.podsWithAffinity.length;
    const antiAffinityPods = entry.podsWithRequiredAntiAffinity.length;
    entry.addPod(podInfo);
    this.pods.set(podInfo);
    this.countClaims(podInfo, 1);
    this.noteAffinity(entry, affinityPods, antiAffinityPods);
    this.touch(entry);
  }

  private takeOff(podInfo: PodInfo): void {
    const { metadata, spec } = podInfo.pod;
    const entry = this.entries.get(spec.nodeName)!;
    const affinityPods = entry.podsWithAffinity.length;
    const antiAffinityPods = entry.podsWithRequiredAntiAffinity.length;
    entry.removePod(podInfo.pod);
    this.pods.delete(metadata.uid);
    this.assumedPods.delete(metadata.uid);
    this.countClaims(podInfo, -1);
    this.noteAffinity(entry, affinityPods, antiAffinityPods);
    this.touch(entry);
    this.dropIfEmpty(entry);
  }

  private entryOf(nodeName: string): NodeInfo {
    let entry = this.entries.get(nodeName);
    if (entry === undefined) {
      entry = new NodeInfo(this.freeIndexes.pop() ?? this.indexCount++, nodeName);
      this.entries.set(nodeName, entry);
    }
    return entry;
  }

  private dropIfEmpty(entry: NodeInfo): void {
    if (entry.node !== undefined || entry.pods.length > 0) return;
    this.entries.delete(entry.name);
    this.changed.delete(entry);
    this.order.drop(entry);
    this.freeIndexes.push(entry.index);
    // The index may be given to another node before the list is made anew.
    this.positions[entry.index] = -1;
  }

  private touch(entry: NodeInfo): void {
    entry.generation = ++this.generation;
    this.changed.add(entry);
    this.order.touch(entry);
  }

  private countClaims({ pod, needs }: PodInfo, sign: 1 | -1): void {
    for (const name of needs.claimNames) {
      const key = `${pod.metadata.namespace}/${name}`;
      const users = (this.claimUsers.get(key) ?? 0) + sign;
      if (users > 0) this.claimUsers.set(key, users);
      else this.claimUsers.delete(key);
    }
  }

  /** The lists change only when a node gets its first such pod or loses its last. */
  private noteAffinity(entry: NodeInfo, affinityPods: number, antiAffinityPods: number): void {
    const isSame =
      affinityPods > 0 === entry.podsWithAffinity.length > 0 &&
      antiAffinityPods > 0 === entry.podsWithRequiredAntiAffinity.length > 0;
    if (!isSame) this.areAffinityListsStale = true;
  }

  private refreshAffinityLists(): void {
    if (!this.areAffinityListsStale) return;
    this.areAffinityListsStale = false;
    this.affinityList = this.list.filter(({ podsWithAffinity }) => podsWithAffinity.length > 0);
    this.antiAffinityList = this.list.filter((node) => node.podsWithRequiredAntiAffinity.length > 0);
  }
}

function orderByName(nodes: readonly NodeInfo[]): NameOrder {
  const positions = Int32Array.from(nodes.keys()).sort((a, b) => (nodes[a]!.name < nodes[b]!.name ? -1 : 1));
  const places = new Int32Array(nodes.length);
  for (let place = 0; place < positions.length; place++) places[positions[place]!] = place;
  return { places, positions };
}
