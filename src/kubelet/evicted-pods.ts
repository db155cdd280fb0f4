/** Pods that one pass of the eviction loop ends: each is waited for, then the cleanup of all (upstream `killPodNow`, `waitForPodsCleanup`). */
import { upstream } from './defaults.ts';
import { killPatienceUs, tellImpatience } from './kill-patience.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import type { PodSyncer } from './pod-sync.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { EndReason } from './report-types.ts';

/** A pod that has to go, the grace it is given in whole seconds, and what its status says of it. */
export interface Victim {
  readonly worker: PodWorker;
  readonly graceSeconds: number;
  readonly end: EndReason;
}

/** Evicts pods of one node one after the other; its loop stands still meanwhile. Times in microseconds. */
export class EvictedPods {
  private readonly workers: PodWorkers;
  private readonly syncer: PodSyncer;
  private readonly events: KubeletEvents;
  /** Still to be evicted, and those that have been. */
  private waiting: Victim[] = [];
  private evicted: PodWorker[] = [];
  /** The pod whose containers are to end, and when nobody waits for that any more. */
  private ending: PodWorker | undefined;
  private endingUntil = Infinity;
  /** Since when the cleanup of all is waited for; -1 = it is not. */
  private cleanupSince = -1;

  constructor(workers: PodWorkers, syncer: PodSyncer, events: KubeletEvents) {
    this.workers = workers;
    this.syncer = syncer;
    this.events = events;
  }

  /** Whether the loop waits for pods. */
  get areWaitedFor(): boolean {
    return this.ending !== undefined || this.waiting.length > 0 || this.evicted.length > 0;
  }

  /** The pods that are to be evicted, in their order. */
  begin(victims: readonly Victim[]): void {
    this.waiting = [...victims];
  }

  /** The kubelet has ended, and with it what it waited for. */
  forget(): void {
    this.waiting = [];
    this.evicted = [];
    this.ending = undefined;
    this.cleanupSince = -1;
  }

  /** The containers of a pod have ended; whether that was waited for. */
  podEnded(worker: PodWorker): boolean {
    if (this.ending !== worker) return false;
    this.ending = undefined;
    return true;
  }

  /** Goes on as far as it goes now; when to go on, -1 where nothing is waited for any more. */
  proceed(now: number): number {
    if (this.ending !== undefined) {
      if (this.endingUntil > now) return this.endingUntil;
      this.giveUp(this.ending);
    }
    const victim = this.waiting.shift();
    if (victim === undefined) return this.awaitCleanup(now);
    this.evict(victim, now);
    return this.ending === undefined ? now : this.endingUntil;
  }

  /** A pod that is being stopped already is told to end all the same: its stop goes on as it was, and its status says nothing of it. */
  private evict({ worker, graceSeconds, end }: Victim, now: number): void {
    if (this.isGone(worker)) return;
    if (this.events.areWanted) this.events.pod(this.workers.podOf(worker), 'Warning', 'Evicted', end.message);
    this.evicted.push(worker);
    if (worker.has(WorkerFlag.finished)) return;
    this.ending = worker;
    this.endingUntil = now + killPatienceUs(graceSeconds);
    if (worker.has(WorkerFlag.stopping)) return;
    this.syncer.orders.terminate(worker, graceSeconds, end);
    this.workers.proceed(worker);
  }

  private giveUp(worker: PodWorker): void {
    this.ending = undefined;
    tellImpatience(this.events, this.workers.podOf(worker));
  }

  private awaitCleanup(now: number): number {
    const isFirst = this.cleanupSince < 0;
    if (isFirst) this.cleanupSince = now;
    const isOver =
      now - this.cleanupSince >= upstream.cleanupTimeoutUs || this.evicted.every((each) => this.isGone(each));
    if (this.evicted.length > 0 && (isFirst || !isOver)) return now + upstream.cleanupPollUs;
    this.forget();
    return -1;
  }

  private isGone(worker: PodWorker): boolean {
    return this.workers.index.byId(worker.id) !== worker;
  }
}
