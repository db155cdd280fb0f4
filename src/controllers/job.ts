/** Job controller (upstream pkg/controller/job/job_controller.go): runs pods until enough of them have succeeded. */
import { byControllerUntilDone } from '../apiserver/cluster-state.ts';
import { podWith } from '../apiserver/pod-object.ts';
import type { ApiRequest, ApiResponse } from '../apiserver/requests.ts';
import { isSuccess, patchRequest, updateStatusRequest } from '../apiserver/requests.ts';
import type { Job, JobStatus } from '../api/batch-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import { labelsOf, sortedLabels } from '../api/labels.ts';
import type { Labels, OwnerReference, Uid } from '../api/meta-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';
import { isPodActive, isPodReady, podKey } from '../api/pod-conditions.ts';
import { SECOND } from '../engine/time.ts';
import { semanticEqual } from '../util/semantic-equal.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, sendAll, synced } from './controller.ts';
import { Expectations, StaleCacheGuard } from './expectations.ts';
import type { BackoffRecord } from './job-backoff.ts';
import { afterFinished, noFailures, remainingBackoffUs } from './job-backoff.ts';
import { countIndexes, firstPendingIndexes, formatIndexes } from './job-indexes.ts';
import type { JobDecision, JobObservation } from './job-observation.ts';
import {
  completionsReached,
  countRestarts,
  counted,
  decide,
  indexKey,
  indexOf,
  isFailed,
  isFinished,
  isIndexed,
  isReached,
  isTracked,
  observeJob,
  remainingDeadlineUs,
  trackPods,
  trackingFinalizer,
  withJobCondition,
} from './job-observation.ts';
import { Orphans, claimObjects, controllerReference, ownerKey } from './ownership.ts';
import { burstReplicas, createPods, deletePods, podFromParts, tell } from './pod-control.ts';
import { podNameSuffix } from './pod-names.ts';
import { Selectors } from './selectors.ts';
import { compareJobVictims } from './victim-ranking.ts';

/** syncJobBatchPeriod: changes of pods wait so long for others. */
const batchPeriodUs = SECOND;

export const job: ControllerDefinition = {
  name: 'job-controller',
  description: 'runs the pods of each Job until enough have succeeded, or too many have failed',
  workers: 5,
  retry: { baseDelayUs: SECOND, maxDelayUs: 60 * SECOND, hasSharedBucket: false },
  create: (context) => new JobController(context),
};

/** What the controller keeps of a Job beside the API. */
interface JobMemory {
  readonly ownerReferences: readonly OwnerReference[];
  backoff: BackoffRecord;
  /** Pods made so far; of an indexed Job for each index. */
  podCount: number;
  readonly podCounts: Map<number, number> | undefined;
}

/** What one sync did to the pods. */
interface PodWork {
  readonly activeCount: number;
  /** Pods deleted in this sync. */
  readonly deletedCount: number;
  readonly refusal: string | undefined;
}

/** Before the name of a pod that has lost its Job but not the Job's finalizer. */
const orphanPrefix = 'pod:';

class JobController implements Controller {
  private readonly context: ControllerContext;
  private readonly expectations = new Expectations();
  private readonly jobGuard: StaleCacheGuard;
  private readonly podGuard: StaleCacheGuard;
  private readonly selectors = new Selectors();
  private readonly orphans: Orphans<'Pod'>;
  private readonly memories = new Map<Uid, JobMemory>();

  constructor(context: ControllerContext) {
    this.context = context;
    this.jobGuard = new StaleCacheGuard(context.informer('Job'));
    this.podGuard = new StaleCacheGuard(context.informer('Pod'));
    this.orphans = new Orphans(context.informer('Pod'), () => undefined);
  }

  watch(): void {
    this.context.informer('Job').onChange((before, after) => this.onJob(before, after), isNewIntent);
    this.context.informer('Pod').onChange((before, after) => this.onPod(before, after), concernsJobs);
  }

  *reconcile(key: string): Step<SyncResult> {
    if (key.startsWith(orphanPrefix)) return yield* this.release(key.slice(orphanPrefix.length));
    const stored = this.jobOf(key);
    if (stored === undefined || isFinished(stored)) return synced;
    if (this.jobGuard.isStale(key) || this.podGuard.isStale(key)) return { failed: 'the cache is older than own writes' };
    const pods = yield* this.claim(stored);
    if (typeof pods === 'string') return { failed: pods };
    return yield* this.sync(key, stored, pods);
  }

  private onJob(before: Job | undefined, after: Job | undefined): void {
    const key = podKey((after ?? before)!);
    if (after === undefined) return this.forget(key, before!);
    if (before === undefined && after.spec.manualSelector) this.orphans.watch();
    this.context.enqueue(key);
  }

  private forget(key: string, job: Job): void {
    this.expectations.forget(key);
    this.jobGuard.forget(key);
    this.podGuard.forget(key);
    this.memories.delete(job.metadata.uid);
    for (const pod of this.context.informer('Pod').by(byControllerUntilDone, job.metadata.uid))
      if (isTracked(pod)) this.context.enqueue(orphanPrefix + podKey(pod));
  }

  private onPod(before: Pod | undefined, after: Pod | undefined): void {
    const uid = (after ?? before)!.metadata.uid;
    const key = ownerKey(after ?? before, 'Job');
    const oldKey = ownerKey(before, 'Job');
    if (oldKey !== undefined && oldKey !== key) this.context.enqueueAfter(oldKey, batchPeriodUs);
    if (key === undefined) return;
    if (!this.isOwned((after ?? before)!)) {
      if (after !== undefined && isTracked(after)) this.context.enqueue(orphanPrefix + podKey(after));
      return;
    }
    if (after === undefined || after.metadata.deletionTimestamp !== undefined) this.expectations.deletionObserved(key, uid);
    else if (before === undefined) this.expectations.creationObserved(key);
    this.context.enqueueAfter(key, batchPeriodUs);
  }

  /** Whether the Job that a pod names is there, the same one, and not finished. */
  private isOwned(pod: Pod): boolean {
    const { name, uid } = controllerOf(pod)!;
    const owner = this.context.informer('Job').get(pod.metadata.namespace, name);
    return owner !== undefined && owner.metadata.uid === uid && !isFinished(owner);
  }

  private jobOf(key: string): Job | undefined {
    const slash = key.indexOf('/');
    return this.context.informer('Job').get(key.slice(0, slash), key.slice(slash + 1));
  }

  /** Takes the finalizer off a pod whose Job is gone or finished: nobody will count it. */
  private *release(key: string): Step<SyncResult> {
    const slash = key.indexOf('/');
    const pod = this.context.informer('Pod').get(key.slice(0, slash), key.slice(slash + 1));
    if (pod === undefined || !isTracked(pod) || this.isOwned(pod)) return synced;
    const response = yield* send(withoutFinalizer(pod));
    return isSuccess(response) || isGone(response) ? synced : { failed: response.message };
  }

  private *claim(owner: Job): Step<readonly Pod[] | string> {
    const { namespace, uid } = owner.metadata;
    const pods = this.context.informer('Pod').by(byControllerUntilDone, uid);
    const matches = this.selectors.of(owner.spec.selector);
    if (owner.spec.manualSelector) pods.push(...this.orphans.matching(namespace, matches, this.context.now));
    const { ownerReferences } = this.memoryOf(owner);
    const { objects, failed } = yield* claimObjects({ kind: 'Pod', owner, ownerReferences, matches }, pods);
    return failed ?? objects;
  }

  private memoryOf(owner: Job): JobMemory {
    const { uid } = owner.metadata;
    let memory = this.memories.get(uid);
    if (memory === undefined) {
      const podCounts = isIndexed(owner) ? new Map<number, number>() : undefined;
      memory = { ownerReferences: [controllerReference(owner)], backoff: noFailures, podCount: 0, podCounts };
      this.memories.set(uid, memory);
    }
    return memory;
  }

  /** The Job with its start time, from the first sync in which it is not suspended. */
  private started(stored: Job): Job {
    if (stored.status.startTime >= 0 || stored.spec.suspend) return stored;
    return { ...stored, status: { ...stored.status, startTime: this.context.nowSeconds } };
  }

  private *sync(key: string, stored: Job, pods: readonly Pod[]): Step<SyncResult> {
    const owner = this.started(stored);
    const { now } = this.context;
    const observation = observeJob(owner, pods);
    const { newSucceeded, newFailed } = observation;
    const backoff = afterFinished(this.memoryOf(owner).backoff, newSucceeded, newFailed);
    const isFree = this.expectations.isSatisfied(key, now);
    let decision = decide(observation, now);
    let work: PodWork;
    let status = owner.status;
    if (decision !== undefined) {
      work = yield* this.stop(key, observation);
      if (work.activeCount > 0 || !isFree) decision = undefined;
    } else {
      const mayManage = isFree && owner.metadata.deletionTimestamp === undefined;
      work = mayManage ? yield* this.manage(key, observation, backoff) : idle(observation);
      if (isReached(observation, work.activeCount)) decision = completionsReached;
      else if (mayManage) status = this.noteSuspension(owner);
    }
    const terminating = observation.terminatingCount + work.deletedCount;
    status = { ...status, active: work.activeCount, ready: observation.readyCount, terminating };
    const failed = yield* this.track(key, stored, { ...owner, status }, pods, decision, backoff);
    if (failed !== undefined || work.refusal !== undefined) return { failed: (failed ?? work.refusal)! };
    return decision === undefined ? this.untilDeadline(owner) : synced;
  }

  private untilDeadline(owner: Job): SyncResult {
    const requeueAfterUs = remainingDeadlineUs(owner, this.context.now);
    return requeueAfterUs === undefined ? synced : { requeueAfterUs };
  }

  /** Deletes all active pods of a Job that is decided; they keep their finalizers until they are counted. */
  private *stop(key: string, { job: owner, active }: JobObservation): Step<PodWork> {
    let deletedCount = 0;
    const onDeleted = (response: ApiResponse<Pod>): void => {
      deletedCount++;
      this.podGuard.wrote(key, response);
    };
    const onMissing = (): void => undefined;
    const refusal = yield* deletePods(this.context, { owner, onDeleted, onMissing }, active);
    return { activeCount: active.length - deletedCount, deletedCount, refusal };
  }

  /** Makes or deletes pods as the Job wants them now. */
  private *manage(key: string, observation: JobObservation, backoff: BackoffRecord): Step<PodWork> {
    const { job: owner, active, terminatingCount } = observation;
    const wanted = owner.spec.suspend ? 0 : wantedActive(observation);
    const surplus = owner.spec.suspend ? active : surplusPods(observation, wanted);
    if (surplus.length > 0) return yield* this.remove(key, observation, surplus);
    const waiting = owner.spec.podReplacementPolicy === 'Failed' ? terminatingCount : 0;
    const missing = wanted - active.length - waiting;
    if (owner.spec.suspend || missing <= 0) return idle(observation);
    const waitUs = remainingBackoffUs(backoff, this.context.now);
    if (waitUs > 0) {
      this.context.enqueueAfter(key, Math.max(waitUs, batchPeriodUs));
      return idle(observation);
    }
    return yield* this.create(key, observation, Math.min(missing, burstReplicas));
  }

  /** Deletes pods that nobody misses: without their finalizer they count neither as failed nor as succeeded. */
  private *remove(key: string, { job: owner, active }: JobObservation, surplus: readonly Pod[]): Step<PodWork> {
    const uids = surplus.map(({ metadata }) => metadata.uid);
    this.expectations.expect(key, 0, uids, this.context.now);
    yield* this.releasePods(key, surplus.filter(isTracked));
    let deletedCount = 0;
    const onDeleted = (response: ApiResponse<Pod>): void => {
      deletedCount++;
      this.podGuard.wrote(key, response);
    };
    const onMissing = (uid: Uid): void => this.expectations.deletionObserved(key, uid);
    const refusal = yield* deletePods(this.context, { owner, onDeleted, onMissing }, surplus);
    return { activeCount: active.length - deletedCount, deletedCount, refusal };
  }

  private *create(key: string, observation: JobObservation, count: number): Step<PodWork> {
    const { job: owner, active } = observation;
    const items = isIndexed(owner) ? pendingIndexes(observation, count) : new Array<number>(count).fill(-1);
    this.expectations.expect(key, items.length, [], this.context.now);
    let createdCount = 0;
    const creation = {
      owner,
      podOf: (index: number) => this.podOf(key, owner, index),
      onCreated: (response: ApiResponse<Pod>) => {
        createdCount++;
        this.podGuard.wrote(key, response);
      },
      onMissing: (missing: number) => this.expectations.creationObserved(key, missing),
    };
    const refusal = yield* createPods(this.context, creation, items);
    return { activeCount: active.length + createdCount, deletedCount: 0, refusal };
  }

  /** A new pod; `index` -1 for Jobs without indexes. */
  private podOf(key: string, owner: Job, index: number): Pod {
    const { template } = owner.spec;
    const { name, namespace } = owner.metadata;
    const memory = this.memoryOf(owner);
    const parts = { template, ownerReferences: memory.ownerReferences, finalizers: tracked };
    if (index < 0) return podFromParts(parts, namespace, `${name}-${podNameSuffix(key, memory.podCount++)}`);
    const count = memory.podCounts?.get(index) ?? 0;
    memory.podCounts?.set(index, count + 1);
    const podName = `${name}-${index}-${podNameSuffix(`${key}-${index}`, count)}`;
    return podFromParts(parts, namespace, podName, withIndex(template.labels, index), withIndex(template.annotations, index));
  }

  /** Says that a Job is suspended, or goes on: its clock starts anew then. */
  private noteSuspension({ spec, status }: Job): JobStatus {
    const { nowSeconds } = this.context;
    const note = spec.suspend ? suspended : resumed;
    const value = spec.suspend ? 'True' : 'False';
    const conditions = withJobCondition(status.conditions, 'Suspended', value, note, nowSeconds);
    if (conditions === status.conditions) return status;
    return { ...status, conditions, startTime: spec.suspend ? -1 : nowSeconds };
  }

  /**
   * Counts finished pods exactly once: their uids are written first, then their finalizers go, then the uids move into the
   * counters; with the last of them the Job may end.
   */
  private *track(
    key: string,
    stored: Job,
    owner: Job,
    pods: readonly Pod[],
    decision: JobDecision | undefined,
    backoff: BackoffRecord,
  ): Step<string | undefined> {
    const trackedUids = new Set(pods.filter(isTracked).map(({ metadata }) => metadata.uid));
    const tracking = trackPods({ ...owner, status: counted(owner.status, trackedUids) }, pods, decision);
    let current = this.withTracking(owner, trackedUids, tracking, decision);
    if (!semanticEqual(current.status, stored.status)) {
      const written = yield* this.write(key, current);
      if (typeof written === 'string') return written;
      if (owner.status.conditions !== stored.status.conditions) this.tellSuspension(owner);
      current = written;
    }
    this.memoryOf(owner).backoff = backoff;
    const { releasedUids, refusal } = yield* this.releasePods(key, tracking.releasable);
    for (const uid of releasedUids) trackedUids.delete(uid);
    const after = counted(current.status, trackedUids);
    const mayEnd = decision !== undefined && refusal === undefined && !tracking.isPartial;
    const final = mayEnd ? this.ended(after, decision) : after;
    if (final === current.status) return refusal;
    const written = yield* this.write(key, { ...current, status: final });
    if (typeof written === 'string') return written;
    if (final !== after) this.tellEnd(written, decision!);
    return refusal;
  }

  /** The status before any finalizer goes: what was found finished, and the condition that announces the end. */
  private withTracking(
    owner: Job,
    trackedUids: ReadonlySet<Uid>,
    tracking: ReturnType<typeof trackPods>,
    decision: JobDecision | undefined,
  ): Job {
    const status = counted(owner.status, trackedUids);
    const completedIndexes = formatIndexes(tracking.indexes);
    const succeeded = isIndexed(owner) ? countIndexes(tracking.indexes) : status.succeeded;
    const conditions =
      decision === undefined
        ? status.conditions
        : withJobCondition(
            status.conditions,
            decision.isSuccess ? 'SuccessCriteriaMet' : 'FailureTarget',
            'True',
            decision,
            this.context.nowSeconds,
          );
    const next = { ...status, uncountedTerminatedPods: tracking.uncounted, succeeded, completedIndexes, conditions };
    return { ...owner, status: next };
  }

  /** The status with its final condition, unless pods are still uncounted or terminating. */
  private ended(status: JobStatus, decision: JobDecision): JobStatus {
    const { succeeded, failed } = status.uncountedTerminatedPods;
    if (succeeded.length > 0 || failed.length > 0 || status.terminating > 0) return status;
    const { nowSeconds } = this.context;
    const type = decision.isSuccess ? 'Complete' : 'Failed';
    const conditions = withJobCondition(status.conditions, type, 'True', decision, nowSeconds);
    return { ...status, conditions, completionTime: decision.isSuccess ? nowSeconds : status.completionTime };
  }

  private *write(key: string, changed: Job): Step<Job | string> {
    const response = yield* send(updateStatusRequest('Job', changed));
    this.jobGuard.wrote(key, response);
    return response.object ?? response.message;
  }

  private *releasePods(
    key: string,
    pods: readonly Pod[],
  ): Step<{ readonly releasedUids: readonly Uid[]; readonly refusal: string | undefined }> {
    const releasedUids: Uid[] = [];
    let refusal: string | undefined;
    for (const [at, response] of (yield* sendAll(pods.map(withoutFinalizer))).entries()) {
      if (isSuccess(response) || isGone(response)) releasedUids.push(pods[at]!.metadata.uid);
      else refusal ??= response.message;
      if (isSuccess(response)) this.podGuard.wrote(key, response);
    }
    return { releasedUids, refusal };
  }

  private tellSuspension(owner: Job): void {
    const [reason, message] = owner.spec.suspend ? ['Suspended', 'Job suspended'] : ['Resumed', 'Job resumed'];
    tell(this.context, owner, 'Normal', reason!, message!);
  }

  private tellEnd(owner: Job, { isSuccess: isDone, reason, message }: JobDecision): void {
    const { completions } = owner.spec;
    if (!isDone) return tell(this.context, owner, 'Warning', reason, message);
    if (completions !== undefined && owner.status.succeeded > completions) {
      const text = 'Too many succeeded pods running after completion count reached';
      tell(this.context, owner, 'Warning', 'TooManySucceededPods', text);
    }
    tell(this.context, owner, 'Normal', 'Completed', 'Job completed');
  }
}

const tracked: readonly string[] = Object.freeze([trackingFinalizer]);
const suspended = { reason: 'JobSuspended', message: 'Job suspended' };
const resumed = { reason: 'JobResumed', message: 'Job resumed' };

function idle({ active }: JobObservation): PodWork {
  return { activeCount: active.length, deletedCount: 0, refusal: undefined };
}

/** How many pods should be active now. */
function wantedActive({ job: { spec }, succeeded, active }: JobObservation): number {
  if (spec.completions === undefined) return succeeded > 0 ? active.length : spec.parallelism;
  return Math.max(0, Math.min(spec.completions - succeeded, spec.parallelism));
}

/** Active pods that are too many: those of superfluous indexes first, then by rank. */
function surplusPods(observation: JobObservation, wanted: number): readonly Pod[] {
  const { job: owner, active } = observation;
  const superfluous = isIndexed(owner) ? superfluousByIndex(active, owner.spec.completions ?? 0) : [];
  const missing = Math.max(0, active.length - wanted) - superfluous.length;
  if (missing <= 0) return superfluous.slice(0, burstReplicas);
  const rest = active.filter((pod) => !superfluous.includes(pod)).sort(compareJobVictims);
  return [...superfluous, ...rest.slice(0, missing)].slice(0, burstReplicas);
}

/** Second pods of an index, and pods of indexes beyond the completions. */
function superfluousByIndex(active: readonly Pod[], completions: number): readonly Pod[] {
  const seen = new Set<number>();
  const found: Pod[] = [];
  for (const pod of active.toSorted((a, b) => -compareJobVictims(a, b))) {
    const index = indexOf(pod);
    if (index < 0 || index >= completions || seen.has(index)) found.push(pod);
    else seen.add(index);
  }
  return found;
}

/** The lowest indexes that have neither succeeded nor an active pod. */
function pendingIndexes({ job: owner, pods, succeededIndexes }: JobObservation, count: number): readonly number[] {
  const isTaken = (pod: Pod): boolean =>
    isPodActive(pod) || (owner.spec.podReplacementPolicy === 'Failed' && !isFailed(owner, pod));
  const taken = new Set(pods.filter(isTaken).map(indexOf));
  return firstPendingIndexes(succeededIndexes, taken, owner.spec.completions ?? 0, count);
}

function withIndex(labels: Labels, index: number): Labels {
  return labelsOf(new Map([...sortedLabels(labels), [indexKey, String(index)]]));
}

function withoutFinalizer(pod: Pod): ApiRequest<'Pod'> {
  const { namespace, name, uid } = pod.metadata;
  return patchRequest('Pod', namespace, name, removeFinalizer, undefined, uid);
}

function removeFinalizer(pod: Pod): Pod {
  if (!isTracked(pod)) return pod;
  const rest = pod.metadata.finalizers.filter((name) => name !== trackingFinalizer);
  return podWith(pod, { metadata: { ...pod.metadata, finalizers: rest.length === 0 ? none : rest } });
}

const none: readonly string[] = Object.freeze([]);

/** The pod is not there, or another one has its name. */
function isGone({ code }: ApiResponse): boolean {
  return code === 'NotFound' || code === 'Conflict';
}

/** Status writes are our own. */
function isNewIntent(before: Job | undefined, after: Job | undefined): boolean {
  return (
    before === undefined ||
    after === undefined ||
    before.spec !== after.spec ||
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp
  );
}

/** What can change the counts of a Job. */
function concernsJobs(before: Pod | undefined, after: Pod | undefined): boolean {
  const isOfJob = (pod: Pod | undefined): boolean => pod !== undefined && controllerOf(pod)?.kind === 'Job';
  if (!isOfJob(before) && !isOfJob(after)) return false;
  if (before === undefined || after === undefined) return true;
  return (
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    before.metadata.labels !== after.metadata.labels ||
    before.metadata.ownerReferences !== after.metadata.ownerReferences ||
    before.metadata.finalizers !== after.metadata.finalizers ||
    before.status.phase !== after.status.phase ||
    isPodReady(before) !== isPodReady(after) ||
    countRestarts(before.status.containerStatuses) !== countRestarts(after.status.containerStatuses) ||
    countRestarts(before.status.initContainerStatuses) !== countRestarts(after.status.initContainerStatuses)
  );
}
