/**
 * Taint eviction controller (upstream pkg/controller/tainteviction): deletes the pods of a node with a NoExecute taint when
 * their toleration ends. An existing timer is never moved, and budgets do not count: this is not an eviction.
 */
import { byNode } from '../apiserver/cluster-state.ts';
import { podWith } from '../apiserver/pod-object.ts';
import { deleteRequest, getRequest, isSuccess, patchStatusRequest } from '../apiserver/requests.ts';
import type { Node, Pod, Taint, Toleration } from '../api/core-v1.ts';
import type { Condition, Uid } from '../api/meta-v1.ts';
import { toleratesTaint } from '../api/tolerations.ts';
import { MILLISECOND, SECOND } from '../engine/time.ts';
import type { EventId } from '../engine/engine.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult, Timer } from './controller.ts';
import { send, sleep, synced } from './controller.ts';
import { statusWith } from '../api/pod-status.ts';

export const taintEviction: ControllerDefinition = {
  name: 'taint-eviction-controller',
  description: 'deletes pods from nodes with NoExecute taints when their toleration ends',
  workers: 8,
  create: (context) => new TaintEviction(context),
};

/** A pod whose toleration runs out. */
interface Sentence {
  readonly uid: Uid;
  readonly slot: number;
  readonly namespace: string;
  readonly name: string;
  readonly nodeName: string;
  readonly event: EventId;
}

/** How long a pod may stay, microseconds from now: 0 = not at all, Infinity = for ever. */
export function toleratedUs(taints: readonly Taint[], tolerations: readonly Toleration[]): number {
  let shortest = Infinity;
  for (const taint of taints) {
    const used = tolerations.find((toleration) => toleratesTaint(toleration, taint));
    if (used === undefined) return 0;
    if (used.tolerationSeconds !== undefined)
      shortest = Math.min(shortest, Math.max(0, used.tolerationSeconds) * SECOND);
  }
  return shortest;
}

class TaintEviction implements Controller {
  private readonly context: ControllerContext;
  private readonly timer: Timer;
  private readonly sentences = new Map<Uid, Sentence>();
  /** Pods that the first of two looks has judged. */
  private readonly judgedByNode = new Map<string, ReadonlySet<Uid>>();
  private readonly uidBySlot: Uid[] = [];
  private readonly freeSlots: number[] = [];

  constructor(context: ControllerContext) {
    this.context = context;
    this.timer = context.timer('eviction', (slot) => this.onDue(slot));
  }

  watch(): void {
    this.context.informer('Node').onChange(
      (before, after) => this.onNode((after ?? before)!.metadata.name),
      (before, after) => !sameTaints(noExecuteTaints(before), noExecuteTaints(after)),
    );
    this.context.informer('Pod').onChange(
      (before, after) => this.onPod(before, after),
      (before, after) => this.concerns(before, after),
    );
  }

  /**
   * One node whose taints changed: every pod on it is judged anew. Nobody tells of pods that were bound before the taint was
   * seen; those still on their way here are judged by a second look when they have come. Sentences outlive their node.
   */
  *reconcile(nodeName: string): Step<SyncResult> {
    const node = this.context.informer('Node').get('', nodeName);
    const judged = this.judgedByNode.get(nodeName);
    this.judgedByNode.delete(nodeName);
    if (node === undefined) return synced;
    const taints = noExecuteTaints(node);
    const pods = this.context.informer('Pod');
    const found = pods.by(byNode, nodeName).filter((pod) => judged?.has(pod.metadata.uid) !== true);
    for (const pod of found) this.judge(pod, taints);
    const lagUs = pods.caughtUpAt - this.context.now;
    if (taints.length === 0 || judged !== undefined || lagUs <= 0) return synced;
    this.judgedByNode.set(nodeName, new Set(found.map((pod) => pod.metadata.uid)));
    return { requeueAfterUs: lagUs };
  }

  private onNode(nodeName: string): void {
    this.judgedByNode.delete(nodeName);
    this.context.enqueue(nodeName);
  }

  /** A pod matters when it is sentenced, or lands on a tainted node. */
  private concerns(before: Pod | undefined, after: Pod | undefined): boolean {
    if (after === undefined) return this.sentences.has(before!.metadata.uid);
    const isNew =
      before === undefined ||
      before.spec.nodeName !== after.spec.nodeName ||
      before.spec.tolerations !== after.spec.tolerations;
    return (
      isNew &&
      after.spec.nodeName !== '' &&
      noExecuteTaints(this.context.informer('Node').get('', after.spec.nodeName)).length > 0
    );
  }

  private onPod(before: Pod | undefined, after: Pod | undefined): void {
    if (after === undefined) this.pardon(before!.metadata.uid);
    else this.judge(after, noExecuteTaints(this.context.informer('Node').get('', after.spec.nodeName)));
  }

  private judge(pod: Pod, taints: readonly Taint[]): void {
    const { uid } = pod.metadata;
    const tolerated = taints.length === 0 ? Infinity : toleratedUs(taints, pod.spec.tolerations);
    if (tolerated === Infinity) return this.pardon(uid);
    if (tolerated === 0) {
      // As upstream, which tells of the old sentence before it carries out the new one.
      this.pardon(uid);
      return this.execute(pod.metadata.namespace, pod.metadata.name, uid);
    }
    if (!this.sentences.has(uid)) this.sentence(pod, tolerated);
  }

  private sentence(pod: Pod, delayUs: number): void {
    const { uid, namespace, name } = pod.metadata;
    const slot = this.freeSlots.pop() ?? this.uidBySlot.push(0) - 1;
    this.uidBySlot[slot] = uid;
    this.sentences.set(uid, {
      uid,
      slot,
      namespace,
      name,
      nodeName: pod.spec.nodeName,
      event: this.timer.after(delayUs, slot),
    });
  }

  /** Takes back a sentence that was not carried out yet, and tells of it: also when the pod is gone for another reason. */
  private pardon(uid: Uid): void {
    const sentence = this.sentences.get(uid);
    if (sentence === undefined) return;
    const { namespace, name } = sentence;
    this.timer.cancel(sentence.event);
    this.forget(sentence);
    this.tell(namespace, name, `Cancelling deletion of Pod ${namespace}/${name}`);
  }

  private forget(sentence: Sentence): void {
    this.sentences.delete(sentence.uid);
    this.uidBySlot[sentence.slot] = 0;
    this.freeSlots.push(sentence.slot);
  }

  private onDue(slot: number): void {
    const sentence = this.sentences.get(this.uidBySlot[slot]!);
    if (sentence === undefined) return;
    this.forget(sentence);
    this.execute(sentence.namespace, sentence.name, sentence.uid);
  }

  private tell(namespace: string, name: string, message: string): void {
    this.context.kubeEvent({
      type: 'Normal',
      reason: 'TaintManagerEviction',
      message,
      involvedKind: 'Pod',
      namespace,
      name,
    });
  }

  private execute(namespace: string, name: string, uid: Uid): void {
    this.tell(namespace, name, `Marking for deletion Pod ${namespace}/${name}`);
    this.context.spawn(() => this.deletePod(namespace, name, uid));
  }

  /** GET, condition, DELETE; five tries 10 ms apart, then given up until the next event of the node or pod. */
  private *deletePod(namespace: string, name: string, uid: Uid): Step<void> {
    for (let attempt = 1; attempt <= 5; attempt++) {
      const read = yield* send(getRequest('Pod', namespace, name));
      if (read.code === 'NotFound' || (read.object !== undefined && read.object.metadata.uid !== uid)) return;
      const marked = yield* send(
        patchStatusRequest('Pod', namespace, name, disruptedPatch, this.context.nowSeconds, uid),
      );
      if (isSuccess(marked)) {
        const deleted = yield* send(deleteRequest('Pod', namespace, name, { uid }));
        if (isSuccess(deleted) || deleted.code === 'NotFound') return;
      }
      yield* sleep(10 * MILLISECOND);
    }
  }
}

function disruptedPatch(pod: Pod, argument: unknown): Pod {
  const isTarget = ({ type }: Condition): boolean => type === 'DisruptionTarget';
  if (pod.status.otherConditions.find(isTarget)?.status === 'True') return pod;
  const condition: Condition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastTransitionTime: argument as number,
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
  };
  const otherConditions = [...pod.status.otherConditions.filter((each) => !isTarget(each)), condition];
  return podWith(pod, { status: statusWith(pod.status, { otherConditions }) });
}

const none: readonly Taint[] = [];

function noExecuteTaints(node: Node | undefined): readonly Taint[] {
  if (node === undefined || node.spec.taints.length === 0) return none;
  const found = node.spec.taints.filter((taint) => taint.effect === 'NoExecute');
  return found.length === 0 ? none : found;
}

function sameTaints(a: readonly Taint[], b: readonly Taint[]): boolean {
  return a.length === b.length && a.every((taint, at) => taint.key === b[at]!.key && taint.value === b[at]!.value);
}
