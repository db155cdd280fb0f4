/** Job controller (upstream pkg/controller/job/job_controller.go): runs pods until enough of them have succeeded. */
import { byControllerUntilDone } from '../apiserver/cluster-state.ts';
import { isSuccess, updateStatusRequest } from '../apiserver/requests.ts';
import type { Job, JobStatus } from '../api/batch-v1.ts';
import { jobControllerName } from '../api/batch-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Uid } from '../api/meta-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';
import { isPodReady, podKey } from '../api/pod-conditions.ts';
import { SECOND } from '../engine/time.ts';
import { semanticEqual } from '../util/semantic-equal.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, synced } from './controller.ts';
import { StaleCacheGuard } from './expectations.ts';
import type { BackoffRecord } from './job-backoff.ts';
import { afterFinished } from './job-backoff.ts';
import { countIndexes, formatIndexes } from './job-indexes.ts';
import type { JobDecision, JobObservation, Tracking } from './job-observation.ts';
import {
  completionsReached,
  countRestarts,
  counted,
  decide,
  isFinished,
  isIndexed,
  isReached,
  isTracked,
  observeJob,
  remainingDeadlineUs,
  trackPods,
  withJobCondition,
  trackingFinalizer,
} from './job-observation.ts';
import type { PodWork } from './job-pods.ts';
import { JobPods, batchPeriodUs, idle, isGone, withoutFinalizer } from './job-pods.ts';
import { Orphans, claimObjects, ownerKey } from './ownership.ts';
import { tell } from './pod-control.ts';
import { Selectors } from './selectors.ts';

/** What is claimed is counted before it may go. */
const finalizers: readonly string[] = [trackingFinalizer];

export const job: ControllerDefinition = {
  name: 'job-controller',
  description: 'runs the pods of each Job until enough have succeeded, or too many have failed',
  workers: 5,
  retry: { baseDelayUs: SECOND, maxDelayUs: 60 * SECOND, hasSharedBucket: false },
  create: (context) => new JobController(context),
};

/** Before the name of a pod that has lost its Job but not the Job's finalizer. */
const orphanPrefix = 'pod:';

class JobController implements Controller {
  private readonly context: ControllerContext;
  private readonly jobGuard: StaleCacheGuard;
  private readonly pods: JobPods;
  private readonly selectors = new Selectors();
  private readonly orphans: Orphans<'Pod'>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.jobGuard = new StaleCacheGuard(context.informer('Job'));
    this.pods = new JobPods(context);
    this.orphans = new Orphans(context.informer('Pod'), () => undefined);
  }

  watch(): void {
    this.context.informer('Job').onChange((before, after) => this.onJob(before, after));
    this.context.informer('Pod').onChange((before, after) => this.onPod(before, after), concernsJobs);
  }

  *reconcile(key: string): Step<SyncResult> {
    if (key.startsWith(orphanPrefix)) return yield* this.release(key.slice(orphanPrefix.length));
    const stored = this.jobOf(key);
    if (stored === undefined || isFinished(stored) || stored.spec.managedBy !== jobControllerName) return synced;
    if (this.jobGuard.isStale(key) || this.pods.guard.isStale(key))
      return { failed: 'the cache is older than own writes' };
    const pods = yield* this.claim(stored);
    if (typeof pods === 'string') return { failed: pods };
    return yield* this.sync(key, stored, pods);
  }

  private onJob(before: Job | undefined, after: Job | undefined): void {
    const key = podKey((after ?? before)!);
    if (after === undefined) return this.forget(key, before!);
    if (before === undefined && after.spec.manualSelector) this.orphans.watch();
    if (isNewIntent(before, after)) this.context.enqueue(key);
    else this.context.enqueueAfter(key, batchPeriodUs);
  }

  private forget(key: string, job: Job): void {
    this.pods.forget(key, job);
    this.jobGuard.forget(key);
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
    if (after === undefined || after.metadata.deletionTimestamp !== undefined)
      this.pods.expectations.deletionObserved(key, uid);
    else if (before === undefined) this.pods.expectations.creationObserved(key);
    this.context.enqueueAfter(key, batchPeriodUs);
  }

  /** Whether the Job that a pod names is there, the same one, and not finished; what others manage is theirs to end. */
  private isOwned(pod: Pod): boolean {
    const { name, uid } = controllerOf(pod)!;
    const owner = this.context.informer('Job').get(pod.metadata.namespace, name);
    if (owner?.metadata.uid !== uid) return false;
    return !isFinished(owner) || owner.spec.managedBy !== jobControllerName;
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
    const ownerReferences = this.pods.ownerReferencesOf(owner);
    const { objects, failed } = yield* claimObjects({ kind: 'Pod', owner, ownerReferences, finalizers, matches }, pods);
    return failed ?? objects;
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
    const backoff = afterFinished(this.pods.backoffOf(owner), newSucceeded, newFailed);
    const isFree = this.pods.expectations.isSatisfied(key, now);
    let decision = decide(observation, now);
    let work: PodWork;
    let status = owner.status;
    if (decision !== undefined) {
      work = yield* this.pods.stop(key, observation);
      if (work.activeCount > 0 || !isFree) decision = undefined;
    } else {
      const mayManage = isFree && owner.metadata.deletionTimestamp === undefined;
      work = mayManage ? yield* this.pods.manage(key, observation, backoff) : idle(observation);
      if (isReached(observation, work.activeCount)) decision = completionsReached;
      else if (mayManage) status = this.noteSuspension(owner);
    }
    const terminating = observation.terminatingCount + work.deletedCount;
    const ready = observation.readyCount - work.deletedReadyCount;
    status = { ...status, active: work.activeCount, ready, terminating };
    const failed = yield* this.track(key, stored, { ...owner, status }, observation, decision, backoff);
    if (failed !== undefined || work.refusal !== undefined) return { failed: (failed ?? work.refusal)! };
    return decision === undefined ? this.untilDeadline(owner) : synced;
  }

  private untilDeadline(owner: Job): SyncResult {
    const requeueAfterUs = remainingDeadlineUs(owner, this.context.now);
    return requeueAfterUs === undefined ? synced : { requeueAfterUs };
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
    observation: JobObservation,
    decision: JobDecision | undefined,
    backoff: BackoffRecord,
  ): Step<string | undefined> {
    const trackedUids = new Set(observation.pods.filter(isTracked).map(({ metadata }) => metadata.uid));
    const tracking = trackPods({ ...owner, status: counted(owner.status, trackedUids) }, observation, decision);
    const noted = { ...owner, status: { ...owner.status, failedIndexes: formatIndexes(observation.failedIndexes) } };
    let current = this.withTracking(noted, trackedUids, tracking, decision);
    if (!semanticEqual(current.status, stored.status)) {
      const written = yield* this.write(key, current);
      if (typeof written === 'string') return written;
      if (owner.status.conditions !== stored.status.conditions) this.tellSuspension(owner);
      current = written;
    }
    this.pods.setBackoff(owner, backoff);
    const { releasedUids, refusal } = yield* this.pods.release(key, tracking.releasable);
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
    tracking: Tracking,
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

const suspended = { reason: 'JobSuspended', message: 'Job suspended' };
const resumed = { reason: 'JobResumed', message: 'Job resumed' };

/** A status write is looked at with the next batch. */
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
