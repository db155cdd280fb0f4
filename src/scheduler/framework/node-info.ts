/** The scheduler's account of one node (upstream `ps/framework/types.go` NodeInfo). */
import type { Node, Pod, Taint } from '../../api/core-v1.ts';
import { UsedPorts } from './host-ports.ts';
import type { PodInfo } from './pod-info.ts';
import { isScalarResource } from './pod-info.ts';

const noTaints: readonly Taint[] = [];
const noFeatures: ReadonlySet<string> = new Set();

/**
 * Plain number fields, written in one order in the constructor, so that all accounts share one hidden class. Plugins read;
 * only the cache and what-ifs write. `requested...` is the sum over the pods; amounts in milliCPU, bytes, units.
 */
export class NodeInfo {
  /** Dense index, 0-based; stable while the node exists, reused afterwards. */
  readonly index: number;
  readonly name: string;
  /** Undefined while pods are known to be on a node that is not. Never undefined in the snapshot's list. */
  node: Node | undefined = undefined;
  /**
   * Number of the account's state: grows with every change of the node or its pods, over all nodes of a cache. -1 = a state without
   * a number, as that of a changed copy: nothing may be remembered of it.
   */
  generation = -1;
  requestedMilliCpu = 0;
  requestedMemory = 0;
  requestedEphemeralStorage = 0;
  nonZeroMilliCpu = 0;
  nonZeroMemory = 0;
  allocatableMilliCpu = 0;
  allocatableMemory = 0;
  allocatableEphemeralStorage = 0;
  allowedPodNumber = 0;
  /** Length of `pods`. */
  podCount = 0;
  /** `spec.unschedulable` and `spec.taints` of the node: filters ask for them at every node. */
  isUnschedulable = false;
  taints: readonly Taint[] = noTaints;
  readonly requestedScalars = new Map<string, number>();
  readonly allocatableScalars = new Map<string, number>();
  /** In upstream's order: appended, and a removal moves the last pod into the hole. */
  readonly pods: PodInfo[] = [];
  /** `labelClass` of each of them: to count pods is to walk through numbers that lie side by side. */
  readonly labelClasses: number[] = [];
  readonly podsWithAffinity: PodInfo[] = [];
  readonly podsWithRequiredAntiAffinity: PodInfo[] = [];
  usedPorts = new UsedPorts();
  /** Pods of the node per claim, keyed `namespace/name`. */
  readonly claimUsers = new Map<string, number>();
  declaredFeatures: ReadonlySet<string> = noFeatures;

  constructor(index: number, name: string) {
    this.index = index;
    this.name = name;
  }

  setNode(node: Node): void {
    const { allocatable, declaredFeatures } = node.status;
    this.generation = -1;
    this.node = node;
    this.allocatableMilliCpu = allocatable.get('cpu') ?? 0;
    this.allocatableMemory = allocatable.get('memory') ?? 0;
    this.allocatableEphemeralStorage = allocatable.get('ephemeral-storage') ?? 0;
    this.allowedPodNumber = allocatable.get('pods') ?? 0;
    this.isUnschedulable = node.spec.unschedulable;
    // Nearly all nodes have none: one shared list for them stays in the processor's cache.
    this.taints = node.spec.taints.length === 0 ? noTaints : node.spec.taints;
    this.allocatableScalars.clear();
    for (const [name, amount] of allocatable) {
      if (isScalarResource(name)) this.allocatableScalars.set(name, amount);
    }
    this.declaredFeatures = declaredFeatures.length === 0 ? noFeatures : new Set(declaredFeatures);
  }

  addPod(podInfo: PodInfo): void {
    this.pods.push(podInfo);
    this.labelClasses.push(podInfo.labelClass);
    this.podCount++;
    if (podInfo.needs.hasAffinity) this.podsWithAffinity.push(podInfo);
    if (podInfo.needs.requiredAntiAffinityTerms.length > 0) this.podsWithRequiredAntiAffinity.push(podInfo);
    this.account(podInfo, 1);
  }

  /** Takes a pod off by its uid; false when it is not there. */
  removePod(pod: Pod): boolean {
    const at = indexByUid(this.pods, pod);
    if (at < 0) return false;
    const removed = removeAt(this.pods, at);
    removeAt(this.labelClasses, at);
    this.podCount--;
    const { podsWithAffinity, podsWithRequiredAntiAffinity } = this;
    if (removed.needs.hasAffinity) removeAt(podsWithAffinity, indexByUid(podsWithAffinity, pod));
    if (removed.needs.requiredAntiAffinityTerms.length > 0)
      removeAt(podsWithRequiredAntiAffinity, indexByUid(podsWithRequiredAntiAffinity, pod));
    this.account(removed, -1);
    return true;
  }

  /** A pod changed in a way that no account reads. Upstream removes and adds it all the same, which changes the order. */
  moveToEnd(podInfo: PodInfo): void {
    const at = this.pods.lastIndexOf(podInfo);
    if (at < 0) return;
    this.pods.push(removeAt(this.pods, at));
    this.labelClasses.push(removeAt(this.labelClasses, at));
  }

  /** An independent copy for a what-if. The Node and the PodInfos are shared: what an account reads of them never changes. */
  clone(): NodeInfo {
    const copy = new NodeInfo(this.index, this.name);
    if (this.node !== undefined) copy.setNode(this.node);
    copy.requestedMilliCpu = this.requestedMilliCpu;
    copy.requestedMemory = this.requestedMemory;
    copy.requestedEphemeralStorage = this.requestedEphemeralStorage;
    copy.nonZeroMilliCpu = this.nonZeroMilliCpu;
    copy.nonZeroMemory = this.nonZeroMemory;
    for (const [name, amount] of this.requestedScalars) copy.requestedScalars.set(name, amount);
    copy.pods.push(...this.pods);
    copy.labelClasses.push(...this.labelClasses);
    copy.podCount = this.podCount;
    copy.podsWithAffinity.push(...this.podsWithAffinity);
    copy.podsWithRequiredAntiAffinity.push(...this.podsWithRequiredAntiAffinity);
    copy.usedPorts = this.usedPorts.clone();
    for (const [claim, users] of this.claimUsers) copy.claimUsers.set(claim, users);
    copy.generation = this.generation;
    return copy;
  }

  private account({ pod, needs }: PodInfo, sign: 1 | -1): void {
    this.generation = -1;
    this.requestedMilliCpu += sign * needs.milliCpu;
    this.requestedMemory += sign * needs.memory;
    this.requestedEphemeralStorage += sign * needs.ephemeralStorage;
    this.nonZeroMilliCpu += sign * needs.nonZeroMilliCpu;
    this.nonZeroMemory += sign * needs.nonZeroMemory;
    for (const [name, amount] of needs.scalars) {
      this.requestedScalars.set(name, (this.requestedScalars.get(name) ?? 0) + sign * amount);
    }
    for (const port of needs.hostPorts) {
      if (sign > 0) this.usedPorts.add(port);
      else this.usedPorts.remove(port);
    }
    for (const name of needs.claimNames) this.countClaim(`${pod.metadata.namespace}/${name}`, sign);
  }

  private countClaim(key: string, sign: 1 | -1): void {
    const users = (this.claimUsers.get(key) ?? 0) + sign;
    if (users > 0) this.claimUsers.set(key, users);
    else this.claimUsers.delete(key);
  }
}

/** -1 = not there. From the end: it is mostly a pod that has come just now, assumed before and seen as bound. */
function indexByUid(list: readonly PodInfo[], { metadata: { uid } }: Pod): number {
  let at = list.length - 1;
  while (at >= 0 && list[at]!.pod.metadata.uid !== uid) at--;
  return at;
}

/** Removes as upstream does: the last entry takes the place of the removed one, which decides ties among equal victims. */
function removeAt<T>(list: T[], at: number): T {
  const removed = list[at]!;
  const last = list.pop()!;
  if (at < list.length) list[at] = last;
  return removed;
}
