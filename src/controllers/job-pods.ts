/** The pods of Jobs: made, deleted, and let go of (upstream pkg/controller/job/job_controller.go, manageJob). */
import { podWith } from '../apiserver/pod-object.ts';
import type { ApiRequest, ApiResponse } from '../apiserver/requests.ts';
import { isSuccess, patchRequest } from '../apiserver/requests.ts';
import type { Job } from '../api/batch-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import { labelsOf, sortedLabels } from '../api/labels.ts';
import type { Labels, OwnerReference, Uid } from '../api/meta-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import { isPodActive, isPodReady } from '../api/pod-conditions.ts';
import { SECOND } from '../engine/time.ts';
import type { ControllerContext, Step } from './controller.ts';
import { sendAll } from './controller.ts';
import { Expectations, StaleCacheGuard } from './expectations.ts';
import type { BackoffRecord } from './job-backoff.ts';
import { noFailures, remainingBackoffUs } from './job-backoff.ts';
import { firstPendingIndexes, joinIndexes } from './job-indexes.ts';
import { failureCountAnnotations, remainingBackoffOfIndexUs } from './job-index-backoff.ts';
import type { JobObservation } from './job-observation.ts';
import { isFailed, isIndexed, isTracked, trackingFinalizer } from './job-observation.ts';
import { indexKey, indexOf } from './job-pod-index.ts';
import { controllerReference } from './ownership.ts';
import { burstReplicas, createPods, deletePods, podFromParts } from './pod-control.ts';
import { freePodName } from './pod-names.ts';
import { compareJobVictims } from './victim-ranking.ts';

/** syncJobBatchPeriod: changes of pods wait so long for others. */
export const batchPeriodUs = SECOND;

/** What the controller keeps of a Job beside the API. */
interface JobMemory {
  readonly ownerReferences: readonly OwnerReference[];
  backoff: BackoffRecord;
  /** Pods made so far; of an indexed Job for each index. */
  podCount: number;
  readonly podCounts: Map<number, number> | undefined;
}

/** What one sync did to the pods. */
export interface PodWork {
  readonly activeCount: number;
  /** Pods deleted in this sync, and how many of them were ready. */
  readonly deletedCount: number;
  readonly deletedReadyCount: number;
  readonly refusal: string | undefined;
}

/** Makes and deletes the pods of Jobs, and remembers what the API does not say of them. */
export class JobPods {
  readonly expectations = new Expectations();
  /** Whether the cache of pods has caught up with what was written for a Job. */
  readonly guard: StaleCacheGuard;
  private readonly context: ControllerContext;
  private readonly memories = new Map<Uid, JobMemory>();

  constructor(context: ControllerContext) {
    this.context = context;
    this.guard = new StaleCacheGuard(context.informer('Pod'));
  }

  /** Forgets a Job that is gone. */
  forget(key: string, job: Job): void {
    this.expectations.forget(key);
    this.guard.forget(key);
    this.memories.delete(job.metadata.uid);
  }

  /** One value for all pods of a Job. */
  ownerReferencesOf(owner: Job): readonly OwnerReference[] {
    return this.memoryOf(owner).ownerReferences;
  }

  backoffOf(owner: Job): BackoffRecord {
    return this.memoryOf(owner).backoff;
  }

  setBackoff(owner: Job, backoff: BackoffRecord): void {
    this.memoryOf(owner).backoff = backoff;
  }

  /** Deletes all active pods of a Job that is decided; they keep their finalizers until they are counted. */
  *stop(key: string, { job: owner, active }: JobObservation): Step<PodWork> {
    return yield* this.delete(key, owner, active, active, () => undefined);
  }

  /** Makes or deletes pods as the Job wants them now. */
  *manage(key: string, observation: JobObservation, backoff: BackoffRecord): Step<PodWork> {
    const { job: owner, active, terminatingCount } = observation;
    const wanted = owner.spec.suspend ? 0 : wantedActive(observation);
    const surplus = owner.spec.suspend ? active : surplusPods(observation, wanted);
    if (surplus.length > 0) return yield* this.remove(key, observation, surplus);
    const waiting = owner.spec.podReplacementPolicy === 'Failed' ? terminatingCount : 0;
    const missing = wanted - active.length - waiting;
    if (owner.spec.suspend || missing <= 0) return idle(observation);
    const items = this.itemsToCreate(observation, Math.min(missing, burstReplicas));
    const waitUs = this.waitUs(observation, backoff, items);
    if (waitUs > 0) {
      this.context.enqueueAfter(key, Math.max(waitUs, batchPeriodUs));
      return idle(observation);
    }
    const due = items.filter((index) => this.indexWaitUs(observation, index) === 0);
    return due.length === 0 ? idle(observation) : yield* this.create(key, observation, due);
  }

  /** Indexes of the pods to be made; -1 for Jobs without indexes. */
  private itemsToCreate(observation: JobObservation, count: number): readonly number[] {
    return isIndexed(observation.job) ? pendingIndexes(observation, count) : new Array<number>(count).fill(-1);
  }

  /** Microseconds until something may be made: of the whole Job, or of the first of the indexes. */
  private waitUs(
    { job: owner, delayedByIndex }: JobObservation,
    backoff: BackoffRecord,
    items: readonly number[],
  ): number {
    if (owner.spec.backoffLimitPerIndex === undefined) return remainingBackoffUs(backoff, this.context.now);
    const waits = items.map((index) => remainingBackoffOfIndexUs(delayedByIndex.get(index), this.context.now));
    return waits.length === 0 ? 0 : Math.min(...waits);
  }

  private indexWaitUs({ job: owner, delayedByIndex }: JobObservation, index: number): number {
    if (owner.spec.backoffLimitPerIndex === undefined) return 0;
    return remainingBackoffOfIndexUs(delayedByIndex.get(index), this.context.now);
  }

  /** Deletes pods that nobody misses: without their finalizer they count neither as failed nor as succeeded. */
  private *remove(key: string, { job: owner, active }: JobObservation, surplus: readonly Pod[]): Step<PodWork> {
    const uids = surplus.map(({ metadata }) => metadata.uid);
    this.expectations.expect(key, 0, uids, this.context.now);
    yield* this.release(key, surplus.filter(isTracked));
    return yield* this.delete(key, owner, active, surplus, (uid) => this.expectations.deletionObserved(key, uid));
  }

  private *delete(
    key: string,
    owner: Job,
    active: readonly Pod[],
    victims: readonly Pod[],
    onMissing: (uid: Uid) => void,
  ): Step<PodWork> {
    let deletedCount = 0;
    let deletedReadyCount = 0;
    const onDeleted = (response: ApiResponse<Pod>): void => {
      deletedCount++;
      if (response.object !== undefined && isPodReady(response.object)) deletedReadyCount++;
      this.guard.wrote(key, response);
    };
    const refusal = yield* deletePods(this.context, { owner, onDeleted, onMissing }, victims);
    return { activeCount: active.length - deletedCount, deletedCount, deletedReadyCount, refusal };
  }

  private *create(
    key: string,
    { job: owner, active, delayedByIndex }: JobObservation,
    items: readonly number[],
  ): Step<PodWork> {
    this.expectations.expect(key, items.length, [], this.context.now);
    // As upstream, a pod that a terminating namespace refuses is missed by nobody: it counts until the next look.
    let activeCount = active.length + items.length;
    const creation = {
      owner,
      podOf: (index: number) => this.podOf(key, owner, index, delayedByIndex.get(index)),
      onCreated: (response: ApiResponse<Pod>) => this.guard.wrote(key, response),
      onMissing: (missing: number) => {
        activeCount -= missing;
        this.expectations.creationObserved(key, missing);
      },
    };
    const refusal = yield* createPods(this.context, creation, items);
    return { activeCount, deletedCount: 0, deletedReadyCount: 0, refusal };
  }

  /** A new pod; `index` -1 for Jobs without indexes. */
  private podOf(key: string, owner: Job, index: number, replaced: Pod | undefined): Pod {
    const { template } = owner.spec;
    const { name, namespace } = owner.metadata;
    const memory = this.memoryOf(owner);
    const parts = { template, ownerReferences: memory.ownerReferences, finalizers: tracked };
    const pods = this.context.informer('Pod');
    if (index < 0) {
      const free = freePodName(pods, namespace, name, key, memory.podCount);
      memory.podCount = free.next;
      return podFromParts(parts, namespace, free.name);
    }
    const count = memory.podCounts?.get(index) ?? 0;
    const free = freePodName(pods, namespace, `${name}-${index}`, `${key}-${index}`, count);
    memory.podCounts?.set(index, free.next);
    return podFromParts(
      parts,
      namespace,
      free.name,
      withIndex(template.labels, index),
      failureCountAnnotations(owner, withIndex(template.annotations, index), replaced),
    );
  }

  /** Takes the finalizer off pods that have been counted, or will not be. */
  *release(
    key: string,
    pods: readonly Pod[],
  ): Step<{ readonly releasedUids: readonly Uid[]; readonly refusal: string | undefined }> {
    const releasedUids: Uid[] = [];
    let refusal: string | undefined;
    for (const [at, response] of (yield* sendAll(pods.map(withoutFinalizer))).entries()) {
      if (isSuccess(response) || isGone(response)) releasedUids.push(pods[at]!.metadata.uid);
      else refusal ??= response.message;
      if (isSuccess(response)) this.guard.wrote(key, response);
    }
    return { releasedUids, refusal };
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
}

const tracked: readonly string[] = Object.freeze([trackingFinalizer]);

/** Nothing was done to the pods. */
export function idle({ active }: JobObservation): PodWork {
  return { activeCount: active.length, deletedCount: 0, deletedReadyCount: 0, refusal: undefined };
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

/** The lowest indexes that have neither ended nor an active pod. */
function pendingIndexes(
  { job: owner, pods, succeededIndexes, failedIndexes }: JobObservation,
  count: number,
): readonly number[] {
  const isTaken = (pod: Pod): boolean =>
    isPodActive(pod) || (owner.spec.podReplacementPolicy === 'Failed' && !isFailed(owner, pod));
  const taken = new Set(pods.filter(isTaken).map(indexOf));
  return firstPendingIndexes(joinIndexes(succeededIndexes, failedIndexes), taken, owner.spec.completions ?? 0, count);
}

function withIndex(labels: Labels, index: number): Labels {
  return labelsOf(new Map([...sortedLabels(labels), [indexKey, String(index)]]));
}

/** The request that takes the Job's finalizer off a pod. */
export function withoutFinalizer(pod: Pod): ApiRequest<'Pod'> {
  const { namespace, name, uid } = pod.metadata;
  return patchRequest('Pod', namespace, name, removeFinalizer, undefined, uid);
}

function removeFinalizer(pod: Pod): Pod {
  if (!isTracked(pod)) return pod;
  const rest = pod.metadata.finalizers.filter((name) => name !== trackingFinalizer);
  return podWith(pod, { metadata: metadataWith(pod.metadata, { finalizers: rest.length === 0 ? none : rest }) });
}

const none: readonly string[] = Object.freeze([]);

/** The pod is not there, or another one has its name. */
export function isGone({ code }: ApiResponse): boolean {
  return code === 'NotFound' || code === 'Conflict';
}
