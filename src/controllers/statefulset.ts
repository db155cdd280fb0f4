/** StatefulSet controller (upstream pkg/controller/statefulset): pods with names of their own, one after the other or all at once. */
import type { ApiResponse } from '../apiserver/requests.ts';
import {
  createRequest,
  deleteRequest,
  getRequest,
  isSuccess,
  patchRequest,
  updateStatusRequest,
} from '../apiserver/requests.ts';
import type { StatefulSet, StatefulSetStatus } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import { labelsOf, sortedLabels } from '../api/labels.ts';
import { controllerOf } from '../api/meta-v1.ts';
import { isPodReady, isPodTerminal, podKey } from '../api/pod-conditions.ts';
import { MILLISECOND, SECOND } from '../engine/time.ts';
import { semanticEqual } from '../util/semantic-equal.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, sideBySide, sleep, synced } from './controller.ts';
import { isNamespaceTerminating, podFromParts, tell } from './pod-control.ts';
import { PodOwners } from './pod-owners.ts';
import { nextAvailability } from './replicaset-status.ts';
import type { SetPods } from './statefulset-plan.ts';
import {
  arrange,
  completed,
  countSet,
  firstUnavailable,
  isTerminating,
  mayCondemn,
  ordinalOf,
  podsToUpdate,
  replicaStep,
  revisionOfPod,
} from './statefulset-plan.ts';
import { ClaimControl } from './statefulset-claim-control.ts';
import { specWithClaims } from './statefulset-claims.ts';
import { TemplateRevisions, revisionLabel } from './template-revisions.ts';

export const statefulSet: ControllerDefinition = {
  name: 'statefulset-controller',
  description: 'keeps the pods of each StatefulSet, every one under its own name',
  workers: 5,
  create: (context) => new StatefulSetController(context),
};

const podNameLabel = 'statefulset.kubernetes.io/pod-name';
const podIndexLabel = 'apps.kubernetes.io/pod-index';
/** Pods of one batch of a Parallel set. */
const batchMax = 500;
/** How long a write that met a conflict waits for its next try, and by which part of it longer at most (client-go retry.DefaultBackoff). */
const conflictDelaysUs = [10 * MILLISECOND, 50 * MILLISECOND, 250 * MILLISECOND];
const conflictJitter = 0.1;

/** What one pass works with. */
interface Pass {
  readonly pods: SetPods;
  readonly key: string;
  readonly updateRevision: string;
  readonly currentRevision: string;
  /** As the caches show it: what the pass itself makes and deletes is counted when it is heard of. */
  readonly status: StatefulSetStatus;
  failed: string | undefined;
}

class StatefulSetController implements Controller {
  private readonly context: ControllerContext;
  private readonly sets: PodOwners<'StatefulSet'>;
  private readonly revisions: TemplateRevisions;
  private readonly claims: ClaimControl;

  constructor(context: ControllerContext) {
    this.context = context;
    this.sets = new PodOwners(context, 'StatefulSet');
    this.revisions = new TemplateRevisions(context);
    this.claims = new ClaimControl(context);
  }

  watch(): void {
    this.context.informer('PersistentVolumeClaim');
    this.context.informer('StatefulSet').onChange((before, after) => this.onSet(before, after));
    this.context.informer('Pod').onChange((before, after) => this.onPod(before, after), concernsSets);
  }

  *reconcile(key: string): Step<SyncResult> {
    const set = this.sets.get(key);
    if (set === undefined) return synced;
    const behind = this.sets.awaitWrites(key);
    if (behind !== undefined) return behind;
    const claimed = yield* this.sets.claim(set, (pod) => ordinalOf(set, pod) >= 0);
    if (typeof claimed === 'string') return { failed: claimed };
    const refusal = yield* this.revisions.ensure(key, set);
    if (refusal !== undefined) return { failed: refusal };
    const pass = this.begin(key, set, claimed);
    const replaced = set.metadata.deletionTimestamp === undefined ? yield* this.act(pass) : 0;
    const status = completed(set, {
      ...pass.status,
      currentReplicas: pass.status.currentReplicas - replaced,
    });
    const problem = yield* this.writeStatus(key, set, status);
    yield* this.revisions.trim(key, set, new Set([...claimed.map(revisionOfPod), ...revisionsOf(pass)]));
    const failed = pass.failed ?? problem;
    if (failed !== undefined) return { failed };
    return this.untilAvailable(set, claimed);
  }

  /** Asks for another look when the next ready pod turns available. */
  private untilAvailable({ spec: { minReadySeconds } }: StatefulSet, pods: readonly Pod[]): SyncResult {
    if (minReadySeconds === 0) return synced;
    const at = nextAvailability(pods, minReadySeconds, this.context.nowSeconds);
    return at === undefined ? synced : { requeueAfterUs: at * SECOND - this.context.now };
  }

  private onSet(before: StatefulSet | undefined, after: StatefulSet | undefined): void {
    const key = podKey((after ?? before)!);
    if (after === undefined) {
      this.sets.removed(before!);
      this.revisions.forget(key, before!.metadata.uid);
    } else if (before === undefined) this.sets.added(after);
    this.context.enqueue(key);
  }

  private onPod(before: Pod | undefined, after: Pod | undefined): void {
    const key = this.sets.keyOf(after);
    const oldKey = this.sets.keyOf(before);
    if (oldKey !== undefined && oldKey !== key) this.context.enqueue(oldKey);
    if (key === undefined) return;
    this.context.enqueue(key);
    const { minReadySeconds } = this.sets.get(key)!.spec;
    const turnedReady = before !== undefined && after !== undefined && !isPodReady(before) && isPodReady(after);
    if (turnedReady && minReadySeconds > 0) this.context.enqueueAfter(key, minReadySeconds * SECOND);
  }

  private begin(key: string, set: StatefulSet, claimed: readonly Pod[]): Pass {
    const pods = arrange(set, claimed, this.context.nowSeconds);
    const updateRevision = this.revisions.nameOf(set);
    const { currentRevision: known } = set.status;
    const currentRevision = known === '' ? updateRevision : known;
    const status = countSet(pods, currentRevision, updateRevision);
    return { pods, key, updateRevision, currentRevision, status, failed: undefined };
  }

  /** Returns how many pods were deleted for an update. */
  private *act(pass: Pass): Step<number> {
    const isOrdered = pass.pods.set.spec.podManagementPolicy === 'OrderedReady';
    if (isOrdered) {
      if (!(yield* this.fillInOrder(pass)) || !(yield* this.releaseCondemned(pass))) return 0;
      if (!(yield* this.scaleDownInOrder(pass))) return 0;
    } else {
      yield* this.fillAtOnce(pass);
      if (pass.failed !== undefined || !(yield* this.releaseCondemned(pass))) return 0;
      yield* this.inBatches(pass, pass.pods.condemned, (pod) => this.processCondemned(pass, pod));
    }
    // One after the other, the highest ordinal first, and no further than the first refusal.
    let replaced = 0;
    for (const pod of podsToUpdate(pass.pods, pass.updateRevision)) {
      if (pass.failed !== undefined) break;
      if (yield* this.deleteOne(pass, pod)) replaced++;
    }
    return replaced;
  }

  /** Whether every wanted pod is there and available. */
  private *fillInOrder(pass: Pass): Step<boolean> {
    for (const [at, pod] of pass.pods.replicas.entries()) {
      const step = replicaStep(pass.pods, pod);
      yield* this.seeToClaims(pass, pod);
      if (pass.failed !== undefined) return false;
      if (step === 'none') continue;
      if (step === 'create') yield* this.fillPlace(pass, at);
      else if (step === 'delete') yield* this.deleteOne(pass, pod!);
      return false;
    }
    return true;
  }

  private *fillAtOnce(pass: Pass): Step<void> {
    const { replicas } = pass.pods;
    yield* this.inBatches(pass, replicas, (pod, at) => this.processReplica(pass, pod, at));
  }

  /** Does the same for all pods of a Parallel set, side by side in batches that double; no further than the first batch with a failure. */
  private *inBatches<T>(pass: Pass, pods: readonly T[], act: (pod: T, at: number) => Step<void>): Step<void> {
    for (let from = 0, size = 1; from < pods.length; from += size, size = Math.min(2 * size, batchMax)) {
      const end = Math.min(from + size, pods.length);
      yield* sideBySide(pods.slice(from, end).map((pod, index) => act(pod, from + index)));
      if (pass.failed !== undefined) return;
    }
  }

  private *processReplica(pass: Pass, pod: Pod | undefined, at: number): Step<void> {
    if (pod === undefined) return yield* this.fillPlace(pass, at);
    if (replicaStep(pass.pods, pod) === 'delete') yield* this.deleteOne(pass, pod);
    else yield* this.seeToClaims(pass, pod);
  }

  /** Whether nothing is left that is not wanted. */
  private *scaleDownInOrder(pass: Pass): Step<boolean> {
    const victim = pass.pods.condemned[0];
    if (victim === undefined) return true;
    if (!isTerminating(victim) && mayCondemn(pass.pods, victim, firstUnavailable(pass.pods)))
      yield* this.deleteOne(pass, victim);
    return false;
  }

  private *processCondemned(pass: Pass, pod: Pod): Step<void> {
    if (!isTerminating(pod)) yield* this.deleteOne(pass, pod);
  }

  /** Makes the pod of a place, unless a claim is still that of its forerunner. */
  private *fillPlace(pass: Pass, at: number): Step<void> {
    const { set } = pass.pods;
    const pod = this.newPod(pass, at);
    if (this.claims.isStale(set, pod)) return;
    const isMade = yield* this.createOne(pass, pod);
    if (isMade && set.spec.podManagementPolicy === 'Parallel') yield* this.enforceOwners(pass, pod);
  }

  /** Upstream CreateStatefulPod. Whether the pod was made and its claims have their owners, as far as the cache shows claims. */
  private *createOne(pass: Pass, pod: Pod): Step<boolean> {
    const { set } = pass.pods;
    let problem = yield* this.claims.create(set, pod.metadata.name);
    if (problem !== undefined) {
      this.fail(pass, pod, 'Create', problem);
      return false;
    }
    const response = yield* send(createRequest('Pod', pod));
    if (response.code !== 'AlreadyExists') problem = (yield* this.claims.retain(set, pod, false)).problem;
    if (problem === undefined) this.hearCreation(pass, pod, response);
    else this.fail(pass, pod, 'Update', problem);
    return problem === undefined && isSuccess(response);
  }

  /** What claims still need of which the pod is there: a pod that has not started may lack some, and the policy may be another. */
  private *seeToClaims(pass: Pass, pod: Pod | undefined): Step<void> {
    const { pods } = pass;
    if (pod === undefined || pods.set.spec.volumeClaimTemplates.length === 0 || isPodTerminal(pod)) return;
    const isPending = pod.status.phase === 'Pending';
    if (isPending && !(yield* this.completeClaims(pass, pod))) return;
    const isHeldUp = pods.set.spec.podManagementPolicy === 'OrderedReady' && replicaStep(pods, pod) !== 'none';
    if (!isHeldUp) yield* this.enforceOwners(pass, pod);
  }

  /** Whether a pod that has not started has all its claims, with their owners. */
  private *completeClaims(pass: Pass, pod: Pod): Step<boolean> {
    const { set } = pass.pods;
    const missing = yield* this.claims.create(set, pod.metadata.name);
    pass.failed ??= missing;
    if (missing !== undefined) return false;
    const { problem } = yield* this.claims.retain(set, pod, false);
    if (problem !== undefined) this.fail(pass, pod, 'Update', problem);
    return problem === undefined;
  }

  /**
   * Upstream UpdateStatefulPod: claims that the cache shows with other owners are written, and the pod with them. Each conflict is told
   * of, also one with the own write that the cache does not show yet; some are tried again at once.
   */
  private *enforceOwners(pass: Pass, pod: Pod): Step<void> {
    const { set } = pass.pods;
    for (const delayUs of [...conflictDelaysUs, undefined]) {
      if (this.claims.areOwned(set, pod, false)) return;
      const { isChanged, problem, isConflict } = yield* this.claims.retain(set, pod, false);
      if (problem === undefined) return isChanged ? yield* this.updatePod(pass, pod) : undefined;
      this.tellFailed(pass, pod, 'Update', problem);
      if (!isConflict || delayUs === undefined) return void (pass.failed ??= problem);
      yield* sleep(Math.round(delayUs * (1 + conflictJitter * this.context.random('conflict').double())));
    }
  }

  /** Upstream writes the pod of claims that have changed, as it is, and tells of it. */
  private *updatePod({ pods: { set } }: Pass, { metadata }: Pod): Step<void> {
    yield* send(patchRequest('Pod', metadata.namespace, metadata.name, (pod) => pod));
    const text = `Update Pod ${metadata.name} in StatefulSet ${set.metadata.name} successful`;
    tell(this.context, set, 'Normal', 'SuccessfulUpdate', text);
  }

  /** Claims of pods that are not wanted go with them, if the policy says so. Whether all could be told. */
  private *releaseCondemned(pass: Pass): Step<boolean> {
    const { set, condemned } = pass.pods;
    if (set.spec.podManagementPolicy === 'Parallel') {
      yield* this.inBatches(pass, condemned, (pod) => this.releaseOne(pass, pod));
      return pass.failed === undefined;
    }
    for (const pod of condemned) {
      yield* this.releaseOne(pass, pod);
      if (pass.failed !== undefined) return false;
    }
    return true;
  }

  private *releaseOne(pass: Pass, pod: Pod): Step<void> {
    const { set } = pass.pods;
    if (this.claims.areOwned(set, pod, true)) return;
    const { problem } = yield* this.claims.retain(set, pod, true);
    pass.failed ??= problem;
  }

  private fail(pass: Pass, pod: Pod, verb: 'Create' | 'Update', problem: string): void {
    pass.failed ??= problem;
    this.tellFailed(pass, pod, verb, problem);
  }

  private tellFailed({ pods: { set } }: Pass, pod: Pod, verb: 'Create' | 'Update', problem: string): void {
    const text = `${verb} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} failed error: ${problem}`;
    tell(this.context, set, 'Warning', `Failed${verb}`, text);
  }

  private hearCreation(pass: Pass, pod: Pod, response: ApiResponse<Pod>): void {
    const { set } = pass.pods;
    if (!isSuccess(response)) {
      // Of a pod that is there already the next look will know more.
      if (response.code === 'AlreadyExists' || isNamespaceTerminating(response)) pass.failed ??= response.message;
      else this.fail(pass, pod, 'Create', response.message);
      return;
    }
    this.sets.wrotePod(pass.key, response);
    const text = `Create Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`;
    tell(this.context, set, 'Normal', 'SuccessfulCreate', text);
  }

  /** The pod of a place, counted from the first ordinal; those before the partition keep the current revision. */
  private newPod({ pods: { set }, currentRevision, updateRevision }: Pass, index: number): Pod {
    const { metadata, spec } = set;
    const ordinal = spec.firstOrdinal + index;
    const isKept = spec.updateStrategy.type === 'RollingUpdate' && index < spec.updateStrategy.partition;
    const kept = isKept ? this.revisions.templateOf(set, currentRevision) : undefined;
    const template = kept ?? spec.template;
    const name = `${metadata.name}-${ordinal}`;
    const labels = labelsOf(
      new Map([
        ...sortedLabels(template.labels),
        [podNameLabel, name],
        [podIndexLabel, String(ordinal)],
        [revisionLabel, kept === undefined ? updateRevision : currentRevision],
      ]),
    );
    const claimed = specWithClaims(set, template.spec, name);
    const whole = claimed === template.spec ? template : { ...template, spec: claimed };
    const parts = { template: whole, ownerReferences: this.sets.references.of(set), finalizers: none };
    return podFromParts(parts, metadata.namespace, name, labels);
  }

  /** Whether it went. */
  private *deleteOne(pass: Pass, { metadata }: Pod): Step<boolean> {
    const { set } = pass.pods;
    const response = yield* send(deleteRequest('Pod', metadata.namespace, metadata.name));
    const text = `Delete Pod ${metadata.name} in StatefulSet ${set.metadata.name}`;
    if (isSuccess(response)) {
      this.sets.wrotePod(pass.key, response);
      tell(this.context, set, 'Normal', 'SuccessfulDelete', `${text} successful`);
      return true;
    }
    if (response.code === 'NotFound') return false;
    pass.failed ??= response.message;
    tell(this.context, set, 'Warning', 'FailedDelete', `${text} failed error: ${response.message}`);
    return false;
  }

  private *writeStatus(key: string, set: StatefulSet, status: StatefulSetStatus): Step<string | undefined> {
    if (semanticEqual(status, set.status)) return undefined;
    let response = yield* send(updateStatusRequest('StatefulSet', { ...set, status }));
    for (let attempt = 1; attempt < 5 && response.code === 'Conflict'; attempt++) {
      const { namespace, name } = set.metadata;
      const { object, message } = yield* send(getRequest('StatefulSet', namespace, name));
      if (object === undefined) return message;
      response = yield* send(updateStatusRequest('StatefulSet', { ...object, status }));
    }
    this.sets.wrote(key, response);
    return isSuccess(response) || response.code === 'NotFound' ? undefined : response.message;
  }
}

const none: readonly string[] = [];

function revisionsOf({ currentRevision, updateRevision }: Pass): readonly string[] {
  return [currentRevision, updateRevision];
}

function concernsSets(before: Pod | undefined, after: Pod | undefined): boolean {
  const isOfSet = (pod: Pod | undefined): boolean => pod !== undefined && controllerOf(pod)?.kind === 'StatefulSet';
  if (!isOfSet(before) && !isOfSet(after)) return false;
  if (before === undefined || after === undefined) return true;
  return (
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    before.metadata.labels !== after.metadata.labels ||
    before.metadata.ownerReferences !== after.metadata.ownerReferences ||
    before.status.phase !== after.status.phase ||
    isPodReady(before) !== isPodReady(after)
  );
}
