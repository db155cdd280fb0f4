/** DaemonSet controller (upstream pkg/controller/daemon): one pod on every node that fits. */
import type { ApiResponse } from '../apiserver/requests.ts';
import { getRequest, isSuccess, updateStatusRequest } from '../apiserver/requests.ts';
import type { DaemonSet } from '../api/apps-v1.ts';
import type { Node, Pod, PodSpec, PodTemplateSpec, Toleration } from '../api/core-v1.ts';
import { labelsOf, sortedLabels } from '../api/labels.ts';
import type { Labels, Uid } from '../api/meta-v1.ts';
import { controllerOf, labelValue } from '../api/meta-v1.ts';
import { isPodReady, podKey } from '../api/pod-conditions.ts';
import type { RandomSource } from '../engine/random-source.ts';
import { SECOND } from '../engine/time.ts';
import { semanticEqual } from '../util/semantic-equal.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, synced } from './controller.ts';
import type { Eligibility } from './daemonset-placement.ts';
import { daemonSpec, eligibilityOf, podsByNode, tolerationsOf } from './daemonset-placement.ts';
import type { DaemonPlan, DaemonView } from './daemonset-plan.ts';
import { chosen, daemonSetStatus, planNodes, planUpdate } from './daemonset-plan.ts';
import { Expectations } from './expectations.ts';
import { createPods, deletePods, podFromParts, tell } from './pod-control.ts';
import { freePodName } from './pod-names.ts';
import { PodOwners } from './pod-owners.ts';
import { TemplateRevisions, revisionLabel } from './template-revisions.ts';

/** Creations and deletions of one sync. */
const burstMax = 250;
/** Back-off of failed pods on one node: 1 s, doubled by every deletion, forgotten after twice the longest. */
const failedBackoffUs = SECOND;
const failedBackoffMaxUs = 900 * SECOND;

export const daemonSet: ControllerDefinition = {
  name: 'daemonset-controller',
  description: 'keeps a pod of each DaemonSet on every node that fits',
  workers: 2,
  create: (context) => new DaemonSetController(context),
};

interface Backoff {
  readonly delayUs: number;
  readonly since: number;
}

class DaemonSetController implements Controller {
  private readonly context: ControllerContext;
  private readonly expectations = new Expectations();
  private readonly sets: PodOwners<'DaemonSet'>;
  private readonly revisions: TemplateRevisions;
  private readonly tolerations = new WeakMap<PodSpec, readonly Toleration[]>();
  private readonly labels = new WeakMap<Labels, readonly [hash: string, labels: Labels]>();
  private readonly podCounts = new Map<string, number>();
  /** Numbers of the templates of sets, and of those that pods were made from; upstream keeps them in an annotation and a label. */
  private readonly generations = new WeakMap<PodTemplateSpec, number>();
  private readonly podGenerations = new Map<Uid, number>();
  /** By uid of the set, generation and node. */
  private readonly backoffs = new Map<string, Backoff>();
  /** Which nodes come first where not all can. */
  private readonly order = (): RandomSource => this.context.random('order');

  constructor(context: ControllerContext) {
    this.context = context;
    this.sets = new PodOwners(context, 'DaemonSet');
    this.revisions = new TemplateRevisions(context);
  }

  watch(): void {
    this.context.informer('DaemonSet').onChange((before, after) => this.onSet(before, after));
    this.context.informer('Pod').onChange((before, after) => this.onPod(before, after), concernsDaemons);
    this.context.informer('Node').onChange((_before, after) => this.onNode(after!), concernsPlacement);
  }

  *reconcile(key: string): Step<SyncResult> {
    const set = this.sets.get(key);
    if (set === undefined || set.metadata.deletionTimestamp !== undefined) return synced;
    const behind = this.sets.awaitWrites(key);
    if (behind !== undefined) return behind;
    const unkept = yield* this.revisions.ensure(key, set);
    if (unkept !== undefined) return { failed: unkept };
    const isFree = this.expectations.isSatisfied(key, this.context.now);
    const claimed = yield* this.sets.claim(set);
    if (typeof claimed === 'string') return { failed: claimed };
    const view = this.view(set, claimed);
    if (!isFree) return yield* this.conclude(key, set, false, undefined);
    let refusal = yield* this.carryOut(
      key,
      set,
      planNodes(view, (pod, node) => this.mayReplace(set, key, pod, node)),
    );
    const isIdle = this.expectations.isSatisfied(key, this.context.now);
    if (refusal === undefined && isIdle && set.spec.updateStrategy.type === 'RollingUpdate')
      refusal = yield* this.carryOut(key, set, planUpdate(this.present(set), this.order));
    yield* this.trimHistory(key, set);
    return yield* this.conclude(key, set, true, refusal);
  }

  /** Templates that pods have stay. */
  private *trimHistory(key: string, set: DaemonSet): Step<void> {
    const pods = this.sets.podsOf(set);
    const hashes = new Set(pods.map(({ metadata }) => labelValue(metadata.labels, revisionLabel) ?? ''));
    hashes.add(this.revisions.hashOf(set));
    yield* this.revisions.trim(key, set, new Set([...hashes].map((hash) => `${set.metadata.name}-${hash}`)));
  }

  private onSet(before: DaemonSet | undefined, after: DaemonSet | undefined): void {
    const key = podKey((after ?? before)!);
    if (after === undefined) this.forget(key, before!);
    else {
      if (before === undefined) this.sets.added(after);
      this.countTemplate(before?.spec.template, after.spec.template);
    }
    this.context.enqueue(key);
  }

  private countTemplate(before: PodTemplateSpec | undefined, after: PodTemplateSpec): void {
    if (before === after) return;
    const count = before === undefined ? 0 : this.generations.get(before)!;
    this.generations.set(after, before !== undefined && semanticEqual(before, after) ? count : count + 1);
  }

  private forget(key: string, set: DaemonSet): void {
    const { uid } = set.metadata;
    this.sets.removed(set);
    this.expectations.forget(key);
    this.revisions.forget(key, uid);
    for (const name of [...this.backoffs.keys()]) if (name.startsWith(`${uid}/`)) this.backoffs.delete(name);
  }

  private onPod(before: Pod | undefined, after: Pod | undefined): void {
    const key = this.sets.keyOf(after);
    const oldKey = this.sets.keyOf(before);
    if (after === undefined) this.podGenerations.delete(before!.metadata.uid);
    if (oldKey !== undefined && oldKey !== key) this.context.enqueue(oldKey);
    if (before !== undefined && oldKey !== undefined && (after === undefined || isNewlyDeleted(before, after)))
      this.expectations.deletionObserved(oldKey, before.metadata.uid);
    if (key === undefined) return;
    if (before === undefined) this.expectations.creationObserved(key);
    this.context.enqueue(key);
    const { minReadySeconds } = this.sets.get(key)!.spec;
    const turnedReady = before !== undefined && after !== undefined && !isPodReady(before) && isPodReady(after);
    // One second more than others, as upstream.
    if (turnedReady && minReadySeconds > 0) this.context.enqueueAfter(key, (minReadySeconds + 1) * SECOND);
  }

  /** Wakes the sets whose pods on the node do not fit what they should have there. */
  private onNode(node: Node): void {
    for (const set of this.context.informer('DaemonSet').list()) {
      const { shouldRun, shouldContinue } = this.eligibility(set, node);
      const pods = this.sets.podsOf(set);
      const hasPod = podsByNode(pods).has(node.metadata.name);
      const isMisplaced = hasPod && (!shouldContinue || set.status.numberMisscheduled > 0);
      if ((shouldRun && !hasPod) || isMisplaced) this.context.enqueue(podKey(set));
    }
  }

  private tolerationsOf({ spec }: DaemonSet): readonly Toleration[] {
    let tolerations = this.tolerations.get(spec.template.spec);
    if (tolerations === undefined)
      this.tolerations.set(spec.template.spec, (tolerations = tolerationsOf(spec.template.spec)));
    return tolerations;
  }

  private eligibility(set: DaemonSet, node: Node): Eligibility {
    return eligibilityOf(set, this.tolerationsOf(set), node);
  }

  /** What the caches show by now: the first half of a sync may have changed it. */
  private present(set: DaemonSet): DaemonView {
    return this.view(set, this.sets.podsOf(set));
  }

  private view(set: DaemonSet, pods: readonly Pod[]): DaemonView {
    const nodes = new Map<string, Eligibility>();
    for (const node of this.context.informer('Node').list()) nodes.set(node.metadata.name, this.eligibility(set, node));
    const hash = this.revisions.hashOf(set);
    const { podGenerations } = this;
    const generation = this.generations.get(set.spec.template)!;
    return { set, hash, generation, podGenerations, nodes, podsByNode: podsByNode(pods), now: this.context.nowSeconds };
  }

  /** Whether a finished pod may be deleted now, so that another takes its place; a failed one is given more and more time. */
  private mayReplace(set: DaemonSet, key: string, pod: Pod, nodeName: string): boolean {
    const { namespace, name } = pod.metadata;
    if (pod.status.phase === 'Succeeded') {
      const text = `Found succeeded daemon pod ${namespace}/${name} on node ${nodeName}, will try to delete it`;
      tell(this.context, set, 'Normal', 'SucceededDaemonPod', text);
      return true;
    }
    const { now } = this.context;
    const entry = `${set.metadata.uid}/${set.status.observedGeneration}/${nodeName}`;
    const last = this.backoffs.get(entry);
    if (last !== undefined && now - last.since < last.delayUs) {
      this.context.enqueueAfter(key, last.delayUs);
      return false;
    }
    const isFresh = last === undefined || now - last.since > 2 * failedBackoffMaxUs;
    const delayUs = isFresh ? failedBackoffUs : Math.min(2 * last.delayUs, failedBackoffMaxUs);
    this.backoffs.set(entry, { delayUs, since: now });
    const text = `Found failed daemon pod ${namespace}/${name} on node ${nodeName}, will try to kill it`;
    tell(this.context, set, 'Warning', 'FailedDaemonPod', text);
    return true;
  }

  /** Creates in small batches first, then deletes at once; returns the first refusal. */
  private *carryOut(key: string, set: DaemonSet, plan: DaemonPlan): Step<string | undefined> {
    const creations = chosen(plan.creations, burstMax, this.order);
    const deletions = chosen(plan.deletions, burstMax, this.order);
    if (creations.length === 0 && deletions.length === 0) return undefined;
    const uids = deletions.map(({ metadata }) => metadata.uid);
    this.expectations.expect(key, creations.length, uids, this.context.now);
    const creation = {
      owner: set,
      podOf: (nodeName: string) => this.podFor(key, set, nodeName),
      onCreated: (response: ApiResponse<Pod>) => {
        this.podGenerations.set(response.object!.metadata.uid, this.generations.get(set.spec.template)!);
        this.sets.wrotePod(key, response);
      },
      onMissing: (missing: number) => this.expectations.creationObserved(key, missing),
    };
    const deletion = {
      owner: set,
      onDeleted: (response: ApiResponse<Pod>) => this.sets.wrotePod(key, response),
      onMissing: (uid: Uid) => this.expectations.deletionObserved(key, uid),
    };
    const refusal = yield* createPods(this.context, creation, creations);
    const problem = yield* deletePods(this.context, deletion, deletions);
    return refusal ?? problem;
  }

  private podFor(key: string, set: DaemonSet, nodeName: string): Pod {
    const { metadata, spec } = set;
    const template = { ...spec.template, spec: daemonSpec(spec.template.spec, this.tolerationsOf(set), nodeName) };
    const parts = { template, ownerReferences: this.sets.references.of(set), finalizers: none };
    const { namespace } = metadata;
    const count = this.podCounts.get(key) ?? 0;
    const { name, next } = freePodName(this.context.informer('Pod'), namespace, metadata.name, key, count);
    this.podCounts.set(key, next);
    return podFromParts(parts, namespace, name, this.labelsOf(set));
  }

  /** The template's labels with that of the revision; one value for all pods of a template. */
  private labelsOf(set: DaemonSet): Labels {
    const { labels } = set.spec.template;
    const hash = this.revisions.hashOf(set);
    const known = this.labels.get(labels);
    if (known?.[0] === hash) return known[1];
    const labelled = labelsOf(new Map([...sortedLabels(labels), [revisionLabel, hash]]));
    this.labels.set(labels, [hash, labelled]);
    return labelled;
  }

  /** Writes the status of what the caches show by now; a conflict is answered once. */
  private *conclude(key: string, set: DaemonSet, isObserved: boolean, refusal: string | undefined): Step<SyncResult> {
    const status = daemonSetStatus(this.present(set), isObserved);
    const problem = semanticEqual(status, set.status) ? undefined : yield* this.write(key, { ...set, status });
    const failed = refusal ?? problem;
    if (failed !== undefined) return { failed };
    const { minReadySeconds } = set.spec;
    const isWaiting = minReadySeconds > 0 && status.numberReady !== status.numberAvailable;
    return isWaiting ? { requeueAfterUs: minReadySeconds * SECOND } : synced;
  }

  private *write(key: string, changed: DaemonSet): Step<string | undefined> {
    let response = yield* send(updateStatusRequest('DaemonSet', changed));
    if (response.code === 'Conflict') {
      const { namespace, name } = changed.metadata;
      const { object, message } = yield* send(getRequest('DaemonSet', namespace, name));
      if (object === undefined) return message;
      response = yield* send(updateStatusRequest('DaemonSet', { ...object, status: changed.status }));
    }
    this.sets.wrote(key, response);
    return isSuccess(response) || response.code === 'NotFound' ? undefined : response.message;
  }
}

const none: readonly string[] = [];

function isNewlyDeleted(before: Pod, after: Pod): boolean {
  return before.metadata.deletionTimestamp === undefined && after.metadata.deletionTimestamp !== undefined;
}

function concernsDaemons(before: Pod | undefined, after: Pod | undefined): boolean {
  const isDaemon = (pod: Pod | undefined): boolean => pod !== undefined && controllerOf(pod)?.kind === 'DaemonSet';
  if (!isDaemon(before) && !isDaemon(after)) return false;
  if (before === undefined || after === undefined) return true;
  return (
    isNewlyDeleted(before, after) ||
    before.spec.nodeName !== after.spec.nodeName ||
    before.status.phase !== after.status.phase ||
    isPodReady(before) !== isPodReady(after) ||
    before.metadata.labels !== after.metadata.labels ||
    before.metadata.ownerReferences !== after.metadata.ownerReferences
  );
}

/** Nodes that come, and those whose labels or taints change; what goes is left to the pod garbage collector. */
function concernsPlacement(before: Node | undefined, after: Node | undefined): boolean {
  if (after === undefined) return false;
  return (
    before === undefined || before.metadata.labels !== after.metadata.labels || before.spec.taints !== after.spec.taints
  );
}
