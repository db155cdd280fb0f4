/**
 * Pod garbage collector (upstream pkg/controller/podgc): removes pods that nobody else will. The real one looks every 20 s;
 * here a pass is an event only while something may be waiting for it.
 */
import { byNode } from '../apiserver/cluster-state.ts';
import { podWith } from '../apiserver/pod-object.ts';
import type { ApiRequest } from '../apiserver/requests.ts';
import { deleteRequest, getRequest, patchStatusRequest } from '../apiserver/requests.ts';
import type { Node, Pod } from '../api/core-v1.ts';
import type { Condition } from '../api/meta-v1.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import { SECOND } from '../engine/time.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult, Timer } from './controller.ts';
import { send, sendAll, synced } from './controller.ts';
import { readyStatus } from './node-taints.ts';
import { statusWith } from '../api/pod-status.ts';

/** gcCheckPeriod: from the end of one pass to the beginning of the next. */
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
  /** Passes are at this time and every period after it. */
  private phaseAt: number;
  private isPassPosted = false;
  private isPassRunning = false;
  /** Something may be there for a pass that is not posted yet. */
  private isNeeded = false;
  /** Missing nodes and the time at which their pods become orphans. */
  private readonly quarantine = new Map<string, number>();
  private finishedCount = 0;

  constructor(context: ControllerContext) {
    this.context = context;
    this.phaseAt = Math.round(context.random('phase').double() * periodUs);
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
    this.isNeeded = true;
    if (this.isPassPosted || this.isPassRunning) return;
    const periods = Math.max(0, Math.ceil((this.context.now + 1 - this.phaseAt) / periodUs));
    this.isPassPosted = true;
    this.pass.at(this.phaseAt + periods * periodUs);
  }

  private onPass(): void {
    this.isPassPosted = false;
    this.isPassRunning = true;
    this.isNeeded = false;
    this.context.spawn(() => this.collect());
  }

  /** One pass. It lasts until its last request is answered; the next one begins a period later. */
  private *collect(): Step<void> {
    const { now } = this.context;
    const pods = this.context.informer('Pod').list();
    const isRemoving = [
      yield* this.remove(this.surplus(pods)),
      yield* this.remove(pods.filter((pod) => this.isLostOnNode(pod))),
      yield* this.collectOrphans(pods),
      yield* this.removeInTurn(pods.filter(isUnscheduledTerminating)),
    ].includes(true);
    // Two kinds of passes without work are left out: they would find nothing until something changes.
    if (this.context.now > now) this.phaseAt = this.context.now + periodUs;
    this.isPassRunning = false;
    if (this.isNeeded || isRemoving || this.quarantine.size > 0 || this.finishedCount > terminatedThreshold) this.arm();
  }

  /** Surplus finished pods: evicted ones first, then the oldest. */
  private surplus(pods: readonly Pod[]): readonly Pod[] {
    if (this.finishedCount <= terminatedThreshold) return [];
    const finished = pods.filter(isPodTerminal);
    return finished.sort(byEvictedThenAge).slice(0, Math.max(0, finished.length - terminatedThreshold));
  }

  /** A terminating pod of a node that a person has declared dead. */
  private isLostOnNode(pod: Pod): boolean {
    if (pod.metadata.deletionTimestamp === undefined || pod.spec.nodeName === '') return false;
    const node = this.node(pod.spec.nodeName);
    return node !== undefined && isOutOfService(node) && readyStatus(node) !== 'True';
  }

  /** Pods of nodes that have been missing for the quarantine; returns whether there were any. */
  private *collectOrphans(pods: readonly Pod[]): Step<boolean> {
    const { now } = this.context;
    for (const { spec } of pods) {
      const { nodeName } = spec;
      if (nodeName === '' || this.quarantine.has(nodeName) || this.node(nodeName) !== undefined) continue;
      this.quarantine.set(nodeName, now + quarantineUs);
    }
    let isRemoving = false;
    for (const [nodeName, dueAt] of [...this.quarantine]) {
      if (dueAt > now) continue;
      this.quarantine.delete(nodeName);
      const { code } = yield* send(getRequest('Node', '', nodeName));
      if (code !== 'NotFound') continue;
      const orphans = this.context.informer('Pod').by(byNode, nodeName);
      if (yield* this.removeInTurn(orphans, orphanCondition(this.context.nowSeconds))) isRemoving = true;
    }
    return isRemoving;
  }

  /** Marks pods as failed, unless they have finished, and deletes them at once, all together; returns whether there were any. */
  private *remove(pods: readonly Pod[], condition?: Condition): Step<boolean> {
    yield* sendAll(pods.filter((pod) => !isPodTerminal(pod)).map((pod) => failRequest(pod, condition)));
    yield* sendAll(
      pods.map(({ metadata: { namespace, name, uid } }) =>
        deleteRequest('Pod', namespace, name, { gracePeriodSeconds: 0, uid }),
      ),
    );
    return pods.length > 0;
  }

  /** As `remove`, one pod after the other. */
  private *removeInTurn(pods: readonly Pod[], condition?: Condition): Step<boolean> {
    for (const pod of pods) yield* this.remove([pod], condition);
    return pods.length > 0;
  }

  private node(name: string): Node | undefined {
    return this.context.informer('Node').get('', name);
  }
}

function failRequest(pod: Pod, condition: Condition | undefined): ApiRequest<'Pod'> {
  const { namespace, name, uid } = pod.metadata;
  return patchStatusRequest('Pod', namespace, name, failedPatch, condition, uid);
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
  const others = pod.status.otherConditions.filter(({ type }) => type !== condition?.type);
  const otherConditions = condition === undefined ? others : [...others, condition];
  return podWith(pod, { status: statusWith(pod.status, { phase: 'Failed', otherConditions }) });
}

function isFinished(pod: Pod | undefined): boolean {
  return pod !== undefined && isPodTerminal(pod);
}

function isUnscheduledTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined && pod.spec.nodeName === '';
}

function isOutOfService(node: Node): boolean {
  return node.spec.taints.some((taint) => taint.key === outOfServiceTaint);
}

function byEvictedThenAge(a: Pod, b: Pod): number {
  const evicted = Number(b.status.reason === 'Evicted') - Number(a.status.reason === 'Evicted');
  if (evicted !== 0) return evicted;
  const age = a.metadata.creationTimestamp - b.metadata.creationTimestamp;
  if (age !== 0) return age;
  if (a.metadata.name !== b.metadata.name) return a.metadata.name < b.metadata.name ? -1 : 1;
  return a.metadata.uid - b.metadata.uid;
}
