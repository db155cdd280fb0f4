/**
 * Where pods wait (upstream `ps/backend/queue/scheduling_queue.go`): activeQ, two back-off queues, and the unschedulable
 * pods, among them the gated ones. The queue knows no clock of its own: every call says what time it is, and
 * `nextFlushAt` says when to call `flush`.
 */
import type { Pod } from '../api/core-v1.ts';
import type { ApiObject, Uid } from '../api/meta-v1.ts';
import { MINUTE } from '../engine/time.ts';
import { assert } from '../util/assert.ts';
import { defaultBackoffLimits } from './backoff.ts';
import type { BackoffLimits } from './backoff.ts';
import { BackoffQueue } from './backoff-queue.ts';
import type { BackoffPlace } from './backoff-queue.ts';
import type { ClusterEvent } from './framework/cluster-event.ts';
import { isWildcard, matchesClusterEvent, wildcardEvents } from './framework/cluster-event.ts';
import type { PodInfo, PodInfoFactory } from './framework/pod-info.ts';
import { QueuedPodInfo } from './framework/queued-pod-info.ts';
import type { Framework } from './framework/runtime.ts';
import { isSuccess } from './framework/status.ts';
import { InFlightEvents } from './in-flight-events.ts';
import { Nominator } from './nominator.ts';
import { podEvents } from './object-events.ts';
import { PodHeap } from './pod-heap.ts';
import { RequeueHints, isErrored } from './requeue-hints.ts';
import type { RequeueStrategy } from './requeue-hints.ts';
import { UnschedulablePods } from './unschedulable-pods.ts';

/** Settings of the queue; absent ones are the defaults of 1.37. */
export interface QueueOptions {
  readonly backoff?: BackoffLimits;
  /** Flag --pod-max-in-unschedulable-pods-duration; microseconds, default 5 minutes. */
  readonly unschedulableUsMax?: number;
  /** Gate SchedulerPopFromBackoffQ, on by default. */
  readonly popsFromBackoffQ?: boolean;
  /** When the scheduler started, a whole second: the flush of unschedulable pods comes every 30 s from then. */
  readonly startedAt?: number;
}

/** Where a pod is; `unschedulable` holds gated ones too. */
export type QueuePlace = 'active' | BackoffPlace | 'unschedulable' | 'inFlight';

const noPlugins: ReadonlySet<string> = new Set();

/** All pods that wait or are being scheduled. */
export class SchedulingQueue {
  readonly nominator = new Nominator();
  /** Number of the scheduling cycle: pods popped so far. */
  schedulingCycle = 0;
  private readonly frameworks: ReadonlyMap<string, Framework>;
  private readonly podInfos: PodInfoFactory;
  readonly hints: RequeueHints;
  private readonly popsFromBackoffQ: boolean;
  private readonly activeQ: PodHeap;
  private readonly backoffQ: BackoffQueue;
  private readonly unschedulablePods: UnschedulablePods;
  private readonly inFlight = new InFlightEvents();
  private readonly known = new Map<Uid, QueuedPodInfo>();
  private readonly places = new Map<Uid, QueuePlace>();
  private sequence = 0;

  /** @param frameworks profiles by schedulerName; all have the same queue sort plugin. */
  constructor(frameworks: ReadonlyMap<string, Framework>, podInfos: PodInfoFactory, options: QueueOptions = {}) {
    this.frameworks = frameworks;
    this.podInfos = podInfos;
    this.popsFromBackoffQ = options.popsFromBackoffQ ?? true;
    this.hints = new RequeueHints(frameworks);
    const [first] = frameworks.values();
    assert(first !== undefined, 'a scheduling queue needs a profile');
    const less = (a: QueuedPodInfo, b: QueuedPodInfo): boolean => first.less(a, b);
    this.activeQ = new PodHeap(less);
    this.backoffQ = new BackoffQueue(options.backoff ?? defaultBackoffLimits, less);
    this.unschedulablePods = new UnschedulablePods(options.startedAt ?? 0, options.unschedulableUsMax ?? 5 * MINUTE);
  }

  /** Where the pod is; undefined when the queue does not know it. */
  placeOf(uid: Uid): QueuePlace | undefined {
    return this.places.get(uid);
  }

  isInFlight(uid: Uid): boolean {
    return this.inFlight.has(uid);
  }

  /** The record of a pod that waits or is in flight. */
  get(uid: Uid): QueuedPodInfo | undefined {
    return this.known.get(uid);
  }

  /** Numbers of pods as in the metric `scheduler_pending_pods`. */
  counts(): { active: number; backoff: number; unschedulable: number; gated: number; inFlight: number } {
    const gated = this.unschedulablePods.gatedCount;
    return {
      active: this.activeQ.size,
      backoff: this.backoffQ.size,
      unschedulable: this.unschedulablePods.size - gated,
      gated,
      inFlight: this.inFlight.podCount,
    };
  }

  /** Whether `pop` would give a pod. */
  get hasNext(): boolean {
    return this.activeQ.size > 0 || (this.popsFromBackoffQ && this.backoffQ.hasNext);
  }

  /** A new pod without a node. */
  add(pod: Pod, now: number): void {
    const podInfo = this.podInfos.podInfo(pod);
    const info = new QueuedPodInfo(podInfo, now, this.sequence++);
    this.known.set(pod.metadata.uid, info);
    this.nominator.set(podInfo, undefined);
    this.moveToActive(info, now);
  }

  /** The next pod to schedule; undefined where the real one would block. It is in flight until `done`. */
  pop(): QueuedPodInfo | undefined {
    const info = this.activeQ.pop() ?? (this.popsFromBackoffQ ? this.backoffQ.pop() : undefined);
    if (info === undefined) return undefined;
    const { uid } = info.podInfo.pod.metadata;
    info.attempts++;
    this.schedulingCycle++;
    info.unschedulablePlugins = noPlugins;
    info.pendingPlugins = noPlugins;
    this.places.set(uid, 'inFlight');
    this.inFlight.addPod(uid);
    return info;
  }

  /**
   * A failed attempt: the pod comes back, with its latest version. Its `unschedulablePlugins` and `pendingPlugins` say who
   * rejected it; none means an error.
   */
  addUnschedulable(info: QueuedPodInfo, now: number): void {
    const { uid } = info.podInfo.pod.metadata;
    if (isErrored(info)) {
      info.consecutiveErrorsCount++;
    } else {
      info.unschedulableCount++;
      info.consecutiveErrorsCount = 0;
    }
    info.timestamp = now;
    info.backoffExpiration = -1;
    this.known.set(uid, info);
    const strategy = this.strategyAfterAttempt(info);
    this.done(uid);
    this.requeue(info, strategy, now);
  }

  /** The pod is no longer in flight: bound, or back in the queue. */
  done(uid: Uid): void {
    this.inFlight.done(uid);
    if (this.places.get(uid) !== 'inFlight') return;
    this.places.delete(uid);
    this.known.delete(uid);
  }

  /** A pod without a node changed. */
  update(before: Pod, after: Pod, now: number): void {
    const { uid } = after.metadata;
    const events = podEvents(before, after, 'TargetPod');
    if (this.inFlight.has(uid)) {
      for (const event of events) this.inFlight.addEvent({ event, before, after });
      return;
    }
    const info = this.known.get(uid);
    if (info === undefined) return this.add(after, now);
    info.podInfo = this.podInfos.podInfo(after);
    this.nominator.update(before.status.nominatedNodeName, info.podInfo);
    if (!this.unschedulablePods.has(uid)) return;
    for (const event of events) {
      this.requeue(info, this.hints.strategyOf(info, event, before, after), now);
      if (!this.unschedulablePods.has(uid)) return;
    }
  }

  /** The pod is gone or has a node. */
  delete(uid: Uid): void {
    this.nominator.delete(uid);
    const info = this.known.get(uid);
    if (info === undefined || this.places.get(uid) === 'inFlight') return;
    this.takeOut(info);
    this.known.delete(uid);
  }

  /** Moves pods to activeQ at once, whatever their back-off; gated ones stay, those in flight remember it. */
  activate(pods: readonly Pod[], now: number): void {
    for (const pod of pods) {
      const { uid } = pod.metadata;
      if (this.inFlight.has(uid)) {
        this.inFlight.addEvent({ event: wildcardEvents.forceActivate, before: undefined, after: pod });
        continue;
      }
      const info = this.known.get(uid);
      const place = this.places.get(uid);
      if (info === undefined || place === 'active') continue;
      const hasPassedGates = place !== 'unschedulable';
      this.moveToActive(this.takeOut(info), now, hasPassedGates);
    }
  }

  /**
   * Tells the queue of a change of the cluster: unschedulable pods whose plugins see a chance in it move on.
   *
   * @param preCheck pods that fail it do not look at the event.
   */
  moveAllToActiveOrBackoff(
    event: ClusterEvent,
    before: ApiObject | undefined,
    after: ApiObject | undefined,
    now: number,
    preCheck?: (pod: Pod) => boolean,
  ): void {
    if (!this.hints.isEventOfInterest(event)) return;
    const candidates: QueuedPodInfo[] = [];
    for (const info of this.unschedulablePods.values()) {
      if (preCheck === undefined || preCheck(info.podInfo.pod)) candidates.push(info);
    }
    this.movePods(candidates, event, before, after, now);
  }

  /** Moves pods whose time has come. To be called at `nextFlushAt`; at other times it does what is due. */
  flush(now: number): void {
    for (let info = this.backoffQ.popDue(now); info !== undefined; info = this.backoffQ.popDue(now)) {
      this.moveToActive(info, now, true);
    }
    const late = this.unschedulablePods.late(now);
    if (late.length > 0) this.flushLate(late, now);
  }

  /**
   * When to flush next, microseconds; undefined when nothing waits for it. Always after `now`, and never later than the
   * next change that a flush would make.
   */
  nextFlushAt(now: number): number | undefined {
    const next = Math.min(this.unschedulablePods.nextFlushAt(now), this.backoffQ.nextDueAt(now));
    return next === Infinity ? undefined : next;
  }

  private flushLate(late: readonly QueuedPodInfo[], now: number): void {
    this.movePods(late, wildcardEvents.unschedulableTimeout, undefined, undefined, now);
    for (const info of late) {
      if (this.unschedulablePods.has(info.podInfo.pod.metadata.uid)) this.unschedulablePods.noteLeftover(info);
    }
  }

  private movePods(
    candidates: readonly QueuedPodInfo[],
    event: ClusterEvent,
    before: ApiObject | undefined,
    after: ApiObject | undefined,
    now: number,
  ): void {
    for (const info of candidates) {
      if (info.isGated && !isGateInterested(info, event)) continue;
      this.requeue(info, this.hints.strategyOf(info, event, before, after), now);
    }
    this.inFlight.addEvent({ event, before, after });
  }

  private strategyAfterAttempt(info: QueuedPodInfo): RequeueStrategy {
    if (isErrored(info)) return 'afterBackoff';
    const events = this.inFlight.eventsFor(info.podInfo.pod.metadata.uid);
    if (events === undefined) return 'afterBackoff';
    let strategy: RequeueStrategy = 'skip';
    for (const { event, before, after } of events) {
      const answer = this.hints.strategyOf(info, event, before, after);
      if (answer === 'immediately') return answer;
      if (answer !== 'skip') strategy = answer;
    }
    return strategy;
  }

  private requeue(info: QueuedPodInfo, strategy: RequeueStrategy, now: number): void {
    if (strategy === 'skip') return this.park(info);
    if (strategy === 'immediately' || !this.backoffQ.isBackingOff(info, now)) return this.moveToActive(info, now);
    if (!this.passesGates(info)) return this.park(info);
    this.leave(info);
    this.places.set(info.podInfo.pod.metadata.uid, this.backoffQ.push(info));
  }

  private moveToActive(info: QueuedPodInfo, now: number, hasPassedGates = false): void {
    if (!hasPassedGates && !this.passesGates(info)) return this.park(info);
    this.leave(info);
    if (info.initialAttemptTimestamp < 0) info.initialAttemptTimestamp = now;
    this.activeQ.push(info);
    const { uid } = info.podInfo.pod.metadata;
    this.known.set(uid, info);
    this.places.set(uid, 'active');
  }

  /** Puts a pod among the unschedulable ones, or leaves it there. */
  private park(info: QueuedPodInfo): void {
    const { uid } = info.podInfo.pod.metadata;
    this.known.set(uid, info);
    this.places.set(uid, 'unschedulable');
    this.unschedulablePods.add(uid, info);
  }

  private leave(info: QueuedPodInfo): void {
    const { uid } = info.podInfo.pod.metadata;
    this.unschedulablePods.delete(uid);
    this.known.set(uid, info);
  }

  /** Takes a waiting pod out of its place. The record that is returned may be changed. */
  private takeOut(info: QueuedPodInfo): QueuedPodInfo {
    const { uid } = info.podInfo.pod.metadata;
    const place = this.places.get(uid);
    this.places.delete(uid);
    this.unschedulablePods.delete(uid);
    if (place === 'unschedulable' || place === undefined) return info;
    if (place === 'active') this.activeQ.remove(info);
    else if (place !== 'inFlight') this.backoffQ.remove(info, place);
    return info.copy();
  }

  /** Runs PreEnqueue, the plugin that gated the pod last time first. */
  private passesGates(info: QueuedPodInfo): boolean {
    const { pod } = info.podInfo;
    const framework = this.frameworks.get(pod.spec.schedulerName);
    const plugins = framework?.preEnqueuePlugins ?? [];
    const last = plugins.filter(({ plugin }) => plugin.name === info.gatingPlugin);
    const ordered = last.length === 0 ? plugins : [...last, ...plugins.filter((entry) => !last.includes(entry))];
    for (const { plugin } of ordered) {
      if (isSuccess(plugin.preEnqueue(pod))) continue;
      info.gatingPlugin = plugin.name;
      info.gatingEvents = this.hints.eventsOf(pod.spec.schedulerName, plugin.name);
      info.unschedulablePlugins = new Set([...info.unschedulablePlugins, plugin.name]);
      return false;
    }
    info.gatingPlugin = '';
    info.gatingEvents = [];
    return true;
  }

  /** Pods of one place, for tests and dumps; in no useful order. */
  podsAt(place: QueuePlace): readonly PodInfo[] {
    const infos: PodInfo[] = [];
    for (const [uid, at] of this.places) if (at === place) infos.push(this.known.get(uid)!.podInfo);
    return infos;
  }
}

function isGateInterested(info: QueuedPodInfo, event: ClusterEvent): boolean {
  return isWildcard(event) || info.gatingEvents.some((registered) => matchesClusterEvent(registered, event));
}
