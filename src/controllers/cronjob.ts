/** CronJob controller (upstream pkg/controller/cronjob): makes a Job at each scheduled time, and keeps the last ones. */
import { byController } from '../apiserver/cluster-state.ts';
import { createRequest, deleteRequest, getRequest, isSuccess, updateStatusRequest } from '../apiserver/requests.ts';
import type { CronJob, CronJobStatus, Job } from '../api/batch-v1.ts';
import { newJobStatus } from '../api/batch-v1.ts';
import type { CronSchedule } from '../api/cron-schedule.ts';
import { parseCron } from '../api/cron-schedule.ts';
import { timeZoneNamed } from '../api/time-zones.ts';
import { labelsOf, sortedLabels } from '../api/labels.ts';
import type { Timestamp } from '../api/meta-v1.ts';
import { newObjectMeta } from '../api/meta-v1.ts';
import { podKey } from '../api/pod-conditions.ts';
import { MILLISECOND, SECOND } from '../engine/time.ts';
import { semanticEqual } from '../util/semantic-equal.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, synced } from './controller.ts';
import { byCreation } from './deployment-revisions.ts';
import { isFinished } from './job-observation.ts';
import { controllerReference, ownerKey } from './ownership.ts';
import { isNamespaceTerminating, tell } from './pod-control.ts';

/** A sync comes this long after the scheduled time. */
const nextScheduleDeltaUs = 100 * MILLISECOND;
/** Runs that may be missed before somebody is told. */
const missedMax = 100;
const scheduledAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

export const cronJob: ControllerDefinition = {
  name: 'cronjob-controller',
  description: 'makes the Jobs of CronJobs at their times',
  workers: 5,
  create: (context) => new CronJobController(context),
};

/** A CronJob as it was read last, and the status that it should have. */
interface Noted {
  readonly owner: CronJob;
  readonly status: CronJobStatus;
}

class CronJobController implements Controller {
  private readonly context: ControllerContext;
  private readonly schedules = new Map<string, CronSchedule | string>();

  constructor(context: ControllerContext) {
    this.context = context;
  }

  watch(): void {
    this.context.informer('CronJob').onChange(
      (before, after) => this.onCronJob(before, after!),
      (_before, after) => after !== undefined,
    );
    this.context.informer('Job').onChange((before, after) => {
      const key = ownerKey(after ?? before, 'CronJob');
      if (key !== undefined) this.context.enqueue(key);
    });
  }

  /** A new schedule is looked at when it comes round, any other change at once. */
  private onCronJob(before: CronJob | undefined, after: CronJob): void {
    const isSameSchedule =
      before === undefined ||
      (before.spec.schedule === after.spec.schedule && before.spec.timeZone === after.spec.timeZone);
    const schedule = isSameSchedule ? '' : this.scheduleOf(after);
    const next = typeof schedule === 'string' ? undefined : this.untilNext(after, schedule, undefined).requeueAfterUs;
    if (next === undefined) this.context.enqueue(podKey(after));
    else this.context.enqueueAfter(podKey(after), next);
  }

  *reconcile(key: string): Step<SyncResult> {
    const slash = key.indexOf('/');
    const cached = this.context.informer('CronJob').get(key.slice(0, slash), key.slice(slash + 1));
    if (cached === undefined) return synced;
    const jobs = this.context.informer('Job').by(byController, cached.metadata.uid);
    yield* this.trimHistory(cached, jobs);
    const { owner, status: noted } = yield* this.noteMissing(yield* this.noteJobs(cached, jobs), jobs);
    const { status, result } = yield* this.schedule(owner, noted);
    if (semanticEqual(status, owner.status)) return result;
    const response = yield* send(updateStatusRequest('CronJob', { ...owner, status }));
    return isSuccess(response) || response.code === 'NotFound' ? result : { failed: response.message };
  }

  private scheduleOf({ spec }: CronJob): CronSchedule | string {
    const key = `${spec.timeZone ?? ''} ${spec.schedule}`;
    let schedule = this.schedules.get(key);
    if (schedule === undefined)
      this.schedules.set(key, (schedule = parseCron(spec.schedule, timeZoneNamed(spec.timeZone ?? 'UTC'))));
    return schedule;
  }

  /** Deletes the oldest finished Jobs beyond the limits. */
  private *trimHistory(owner: CronJob, jobs: readonly Job[]): Step<void> {
    const isDone = (job: Job, type: string): boolean =>
      job.status.conditions.some((condition) => condition.type === type && condition.status === 'True');
    const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = owner.spec;
    const succeeded = jobs.filter((job) => isDone(job, 'Complete')).sort(byCreation);
    const failed = jobs.filter((job) => isDone(job, 'Failed')).sort(byCreation);
    const surplus = [
      ...succeeded.slice(0, Math.max(0, succeeded.length - successfulJobsHistoryLimit)),
      ...failed.slice(0, Math.max(0, failed.length - failedJobsHistoryLimit)),
    ];
    for (const job of surplus)
      if (job.metadata.deletionTimestamp === undefined) yield* this.delete(owner, job.metadata.name);
  }

  private *delete(owner: CronJob, name: string): Step<boolean> {
    const response = yield* send(deleteRequest('Job', owner.metadata.namespace, name, { propagation: 'Background' }));
    if (isSuccess(response)) tell(this.context, owner, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`);
    else if (response.code !== 'NotFound')
      tell(this.context, owner, 'Warning', 'FailedDelete', `Deleted job: ${response.message}`);
    return isSuccess(response);
  }

  /**
   * What has become of the Jobs. An unlisted one may be older news than the list: the list is read again, and what the
   * controller had in its cache no longer counts.
   */
  private *noteJobs(cached: CronJob, jobs: readonly Job[]): Step<Noted> {
    let owner = cached;
    let { active, lastSuccessfulTime } = owner.status;
    for (const job of jobs) {
      const { name, uid, namespace } = job.metadata;
      const isListed = active.some((entry) => entry.uid === uid);
      if (!isListed && !isFinished(job)) {
        const { object } = yield* send(getRequest('CronJob', namespace, owner.metadata.name));
        if (object?.status.active.some((entry) => entry.uid === uid) === true) {
          owner = object;
          ({ active, lastSuccessfulTime } = owner.status);
          continue;
        }
        const text = `Saw a job that the controller did not create or forgot: ${name}`;
        tell(this.context, owner, 'Warning', 'UnexpectedJob', text);
      }
      if (!isListed || !isFinished(job)) continue;
      const type = job.status.completionTime >= 0 ? 'Complete' : 'Failed';
      active = active.filter((entry) => entry.uid !== uid);
      tell(this.context, owner, 'Normal', 'SawCompletedJob', `Saw completed job: ${name}, condition: ${type}`);
      lastSuccessfulTime = Math.max(lastSuccessfulTime, job.status.completionTime);
    }
    return { owner, status: { ...owner.status, active, lastSuccessfulTime } };
  }

  /** Jobs that are listed and nowhere to be seen are asked for before they are struck off. */
  private *noteMissing({ owner, status }: Noted, jobs: readonly Job[]): Step<Noted> {
    let { active } = status;
    for (const entry of status.active) {
      if (jobs.some(({ metadata }) => metadata.uid === entry.uid)) continue;
      const { code } = yield* send(getRequest('Job', owner.metadata.namespace, entry.name));
      if (code !== 'NotFound') continue;
      tell(this.context, owner, 'Normal', 'MissingJob', `Active job went missing: ${entry.name}`);
      active = active.filter((other) => other !== entry);
    }
    return { owner, status: { ...status, active } };
  }

  private *schedule(owner: CronJob, status: CronJobStatus): Step<{ status: CronJobStatus; result: SyncResult }> {
    const { spec, metadata } = owner;
    if (metadata.deletionTimestamp !== undefined) return { status, result: synced };
    if (spec.timeZone !== undefined && timeZoneNamed(spec.timeZone) === undefined) {
      tell(
        this.context,
        owner,
        'Warning',
        'UnknownTimeZone',
        `invalid timeZone: "${spec.timeZone}": unknown time zone ${spec.timeZone}`,
      );
      return { status, result: synced };
    }
    if (spec.suspend) return { status, result: synced };
    const schedule = this.scheduleOf(owner);
    if (typeof schedule === 'string') {
      tell(
        this.context,
        owner,
        'Warning',
        'UnparseableSchedule',
        `unparseable schedule: "${spec.schedule}" : ${schedule}`,
      );
      return { status, result: synced };
    }
    const time = this.dueTime(owner, schedule);
    const result = this.untilNext(owner, schedule, time);
    if (time === undefined || !this.mayStart(owner, status, time)) return { status, result };
    const started = yield* this.startJob(owner, status, time);
    return typeof started === 'string' ? { status, result: { failed: started } } : { status: started, result };
  }

  /** The latest scheduled time that has come since the last one; undefined = none. */
  private dueTime(owner: CronJob, schedule: CronSchedule): Timestamp | undefined {
    const { nowSeconds } = this.context;
    const { startingDeadlineSeconds: deadline } = owner.spec;
    const last = earliestOf(owner);
    const earliest = deadline === undefined ? last : Math.max(last, nowSeconds - deadline);
    const { time, missed } = latestDue(schedule, earliest, nowSeconds);
    if (missed > missedMax) {
      const text = `too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew`;
      tell(this.context, owner, 'Warning', 'TooManyMissedTimes', text);
    }
    return time;
  }

  private untilNext(owner: CronJob, schedule: CronSchedule, time: Timestamp | undefined): SyncResult {
    const next = schedule.next(time ?? Math.max(earliestOf(owner), this.context.nowSeconds));
    if (next === undefined) return synced;
    return { requeueAfterUs: Math.max(1, next * SECOND + nextScheduleDeltaUs - this.context.now) };
  }

  private mayStart(owner: CronJob, status: CronJobStatus, time: Timestamp): boolean {
    const { startingDeadlineSeconds: deadline, concurrencyPolicy } = owner.spec;
    if (deadline !== undefined && time + deadline < this.context.nowSeconds) {
      tell(this.context, owner, 'Warning', 'MissSchedule', `Missed scheduled time to start a job: ${time}`);
      return false;
    }
    if (status.lastScheduleTime === time || status.active.some(({ name }) => name === jobName(owner, time)))
      return false;
    if (concurrencyPolicy !== 'Forbid' || status.active.length === 0) return true;
    const text = 'Not starting job because prior execution is running and concurrency policy is Forbid';
    tell(this.context, owner, 'Normal', 'JobAlreadyActive', text);
    return false;
  }

  private *startJob(owner: CronJob, status: CronJobStatus, time: Timestamp): Step<CronJobStatus | string> {
    let { active } = status;
    if (owner.spec.concurrencyPolicy === 'Replace') {
      for (const entry of active) {
        yield* this.delete(owner, entry.name);
        active = active.filter((other) => other !== entry);
      }
    }
    const response = yield* send(createRequest('Job', newJob(owner, time)));
    if (response.code === 'AlreadyExists') return { ...status, active, lastScheduleTime: time };
    if (!isSuccess(response)) {
      if (!isNamespaceTerminating(response))
        tell(this.context, owner, 'Warning', 'FailedCreate', `Error creating job: ${response.message}`);
      return response.message;
    }
    const { name, uid } = response.object!.metadata;
    tell(this.context, owner, 'Normal', 'SuccessfulCreate', `Created job ${name}`);
    return { ...status, active: [...active, { name, uid }], lastScheduleTime: time };
  }
}

function earliestOf({ status, metadata }: CronJob): Timestamp {
  return status.lastScheduleTime >= 0 ? status.lastScheduleTime : metadata.creationTimestamp;
}

/** The last time up to now, and about how many there were; long gaps are jumped over (upstream mostRecentScheduleTime). */
function latestDue(
  schedule: CronSchedule,
  earliest: Timestamp,
  now: Timestamp,
): { readonly time: Timestamp | undefined; readonly missed: number } {
  const first = schedule.next(earliest);
  if (first === undefined || now < first) return { time: undefined, missed: 0 };
  const second = schedule.next(first);
  if (second === undefined || now < second) return { time: first, missed: 1 };
  const period = second - first;
  const missed = Math.floor((now - first) / period) + 1;
  let time: Timestamp | undefined;
  const from = first + (missed - 2) * period - 1;
  for (let next = schedule.next(from); next !== undefined && next <= now; next = schedule.next(next)) time = next;
  return { time, missed };
}

/** The name says the scheduled minute. */
function jobName({ metadata }: CronJob, time: Timestamp): string {
  return `${metadata.name}-${Math.floor(time / 60)}`;
}

function newJob(owner: CronJob, time: Timestamp): Job {
  const { jobTemplate } = owner.spec;
  const annotations = labelsOf(
    new Map([...sortedLabels(jobTemplate.annotations), [scheduledAnnotation, String(time)]]),
  );
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: newObjectMeta({
      name: jobName(owner, time),
      namespace: owner.metadata.namespace,
      labels: jobTemplate.labels,
      annotations,
      ownerReferences: [controllerReference(owner)],
    }),
    spec: jobTemplate.spec,
    status: newJobStatus,
  };
}
