/**
 * Pod garbage collector (upstream pkg/controller/podgc): removes pods that nobody else will. The real one looks every 20 s;
 * here a pass is an event only while something may be waiting for it.
 */
import { podWith } from '../apiserver/pod-object.ts';
import { deleteRequest, getRequest, patchStatusRequest } from '../apiserver/requests.ts';
import type { Node, Pod } from '../api/core-v1.ts';
import type { Condition } from '../api/meta-v1.ts';
import { SECOND } from '../engine/time.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult, Timer } from './controller.ts';
import { send, synced } from './controller.ts';
import { readyStatus } from './node-taints.ts';

/** gcCheckPeriod. */
const periodUs = 20 * SECOND;
/** quarantineTime: a node must be missing this long before its pods are called orphans. */
const quarantineUs = 40 * SECOND;
/** --terminated-pod-gc-threshold. */
const terminatedThreshold = 12_500;

const outOfServiceTaint = 'node.kubernetes.io/out-of-service';

export const podGarbageCollector: ControllerDefinition = {
  name: 'pod-garbage-collector-controller',
  description: 'removes orphaned, unscheduled terminating and surplus finished pods',
  workers: 1,
  create: (context) => new PodGarbageCollector(context),
};

class PodGarbageCollector implements Controller {
  private readonly context: ControllerContext;
  private readonly pass: Timer;
  private readonly firstPassAt: number;
  private nextPassAt = -1;
  /** Missing nodes and the time at which their pods become orphans. */
  private readonly quarantine = new Map<string, number>();
  private finishedCount = 0;

  constructor(context: ControllerContext) {
    this.context = context;
    this.firstPassAt = Math.round(context.random('phase').double() * periodUs);
    this.pass = context.timer('pass', () => this.onPass());
  }

  watch(): void {
    this.context.informer('Pod').onChange(
      (before, after) => this.onPod(before, after),
      (before, after) => this.mayWait(after) || isFinished(before) !== isFinished(after),
    );
    this.context.informer('Node').onChange(
      () => this.arm(),
      (before, after) =>
        after === undefined || (before !== undefined && isOutOfService(after) && !isOutOfService(before)),
    );
  }

  *reconcile(): Step<SyncResult> {
    return synced;
  }

  /** Whether a pod may be one that this controller removes. */
  private mayWait(pod: Pod | undefined): boolean {
    if (pod === undefined) return false;
    const { deletionTimestamp } = pod.metadata;
    if (pod.spec.nodeName === '') return deletionTimestamp !== undefined;
    const node = this.node(pod.spec.nodeName);
    return node === undefined || (deletionTimestamp !== undefined && isOutOfService(node));
  }

  private onPod(before: Pod | undefined, after: Pod | undefined): void {
    this.finishedCount += (isFinished(after) ? 1 : 0) - (isFinished(before) ? 1 : 0);
    if (this.mayWait(after) || this.finishedCount > terminatedThreshold) this.arm();
  }

  private arm(): void {
    if (this.nextPassAt >= 0) return;
    const { now } = this.context;
    this.nextPassAt = this.firstPassAt + Math.max(0, Math.ceil((now + 1 - this.firstPassAt) / periodUs)) * periodUs;
    this.pass.at(this.nextPassAt);
  }

  private onPass(): void {
    this.nextPassAt = -1;
    const pods = this.context.informer('Pod').list();
    this.collectFinished(pods);
    let isWaiting = false;
    for (const pod of pods) if (this.collectLost(pod)) isWaiting = true;
    if (this.releaseQuarantine(pods)) isWaiting = true;
    if (isWaiting) this.arm();
  }

  /** Terminating pods that no kubelet will finish; returns whether the pod must be looked at again. */
  private collectLost(pod: Pod): boolean {
    const { nodeName } = pod.spec;
    const node = this.node(nodeName);
    if (nodeName !== '' && node === undefined) {
      if (!this.quarantine.has(nodeName)) this.quarantine.set(nodeName, this.context.now + quarantineUs);
      return true;
    }
    if (pod.metadata.deletionTimestamp === undefined) return false;
    const isLost = nodeName === '' || (isOutOfService(node!) && readyStatus(node!) !== 'True');
    if (isLost) this.remove(pod, undefined);
    return false;
  }

  private releaseQuarantine(pods: readonly Pod[]): boolean {
    const { now } = this.context;
    for (const [nodeName, dueAt] of this.quarantine) {
      if (dueAt > now) continue;
      this.quarantine.delete(nodeName);
      const orphans = pods.filter((pod) => pod.spec.nodeName === nodeName);
      if (orphans.length > 0) this.context.spawn(() => this.removeOrphans(nodeName, orphans));
    }
    return this.quarantine.size > 0;
  }

  private *removeOrphans(nodeName: string, orphans: readonly Pod[]): Step<void> {
    const read = yield* send(getRequest('Node', '', nodeName));
    if (read.code !== 'NotFound') return;
    for (const pod of orphans) this.remove(pod, orphanCondition(this.context.nowSeconds));
  }

  /** Surplus finished pods: evicted ones first, then the oldest. */
  private collectFinished(pods: readonly Pod[]): void {
    const finished = pods.filter((pod) => isFinished(pod));
    const surplus = finished.length - terminatedThreshold;
    if (surplus <= 0) return;
    finished.sort(byEvictedThenAge);
    for (const pod of finished.slice(0, surplus)) this.remove(pod, undefined);
  }

  private remove(pod: Pod, condition: Condition | undefined): void {
    this.context.spawn(() => this.forceDelete(pod, condition));
  }

  private *forceDelete(pod: Pod, condition: Condition | undefined): Step<void> {
    const { namespace, name, uid } = pod.metadata;
    if (!isFinished(pod)) yield* send(patchStatusRequest('Pod', namespace, name, failedPatch, condition, uid));
    yield* send(deleteRequest('Pod', namespace, name, { gracePeriodSeconds: 0, uid }));
  }

  private node(name: string): Node | undefined {
    return this.context.informer('Node').get('', name);
  }
}

function orphanCondition(now: number): Condition {
  return {
    type: 'DisruptionTarget',
    status: 'True',
    lastTransitionTime: now,
    reason: 'DeletionByPodGC',
    message: 'PodGC: node no longer exists',
  };
}

function failedPatch(pod: Pod, argument: unknown): Pod {
  const condition = argument as Condition | undefined;
  const otherConditions =
    condition === undefined ? pod.status.otherConditions : [...pod.status.otherConditions, condition];
  return podWith(pod, { status: { ...pod.status, phase: 'Failed', otherConditions } });
}

function isFinished(pod: Pod | undefined): boolean {
  return pod !== undefined && (pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed');
}

function isOutOfService(node: Node): boolean {
  return node.spec.taints.some((taint) => taint.key === outOfServiceTaint);
}

function byEvictedThenAge(a: Pod, b: Pod): number {
  const evicted = Number(b.status.reason === 'Evicted') - Number(a.status.reason === 'Evicted');
  if (evicted !== 0) return evicted;
  const age = a.metadata.creationTimestamp - b.metadata.creationTimestamp;
  if (age !== 0) return age;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
