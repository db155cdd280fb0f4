import type { Uid } from '../api/meta-v1.ts';
import type { PodNominator } from './framework/handle.ts';
import type { PodInfo } from './framework/pod-info.ts';

const nobody: readonly PodInfo[] = [];

/** Which pods are nominated to which node (upstream `ps/backend/queue/nominator.go`). */
export class Nominator implements PodNominator {
  private readonly podsByNode = new Map<string, PodInfo[]>();
  private readonly nodeByPod = new Map<Uid, string>();

  get isEmpty(): boolean {
    return this.podsByNode.size === 0;
  }

  nominatedPods(nodeName: string): readonly PodInfo[] {
    if (this.podsByNode.size === 0) return nobody;
    return this.podsByNode.get(nodeName) ?? nobody;
  }

  nominatedNode(uid: Uid): string {
    return this.nodeByPod.get(uid) ?? '';
  }

  /** @param override undefined = what the pod's status says; empty = no nomination. */
  set(podInfo: PodInfo, override: string | undefined): void {
    const nodeName = override ?? podInfo.pod.status.nominatedNodeName;
    const { uid } = podInfo.pod.metadata;
    this.delete(uid);
    if (nodeName === '') return;
    this.nodeByPod.set(uid, nodeName);
    const pods = this.podsByNode.get(nodeName);
    if (pods === undefined) this.podsByNode.set(nodeName, [podInfo]);
    else pods.push(podInfo);
  }

  /** A new version of a pod. Without a nomination before and after, one that is only in memory stays (its patch is under way). */
  update(beforeName: string, podInfo: PodInfo): void {
    const { status, metadata } = podInfo.pod;
    const isSilent = beforeName === '' && status.nominatedNodeName === '';
    this.set(podInfo, isSilent ? this.nominatedNode(metadata.uid) : undefined);
  }

  delete(uid: Uid): void {
    const nodeName = this.nodeByPod.get(uid);
    if (nodeName === undefined) return;
    this.nodeByPod.delete(uid);
    const remaining = this.podsByNode.get(nodeName)!.filter(({ pod }) => pod.metadata.uid !== uid);
    if (remaining.length === 0) this.podsByNode.delete(nodeName);
    else this.podsByNode.set(nodeName, remaining);
  }
}
