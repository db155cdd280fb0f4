/** Pods that wait for a change of the cluster, gated ones among them (upstream `ps/backend/queue/scheduling_queue.go`, unschedulablePods). */
import type { Uid } from '../api/meta-v1.ts';
import { SECOND } from '../engine/time.ts';
import type { QueuedPodInfo } from './framework/queued-pod-info.ts';

/** Flush of pods that have been unschedulable for too long: looked for every 30 s. */
const flushPeriodUs = 30 * SECOND;

/** The pods, and when one of them has waited too long. Times in microseconds. */
export class UnschedulablePods {
  private readonly pods = new Map<Uid, QueuedPodInfo>();
  private readonly startedAt: number;
  private readonly waitUsMax: number;
  /** Lower bound of the next time at which a pod has waited too long. */
  private leftoverDueAt = Infinity;

  /** @param startedAt flushes are counted from here on. */
  constructor(startedAt: number, waitUsMax: number) {
    this.startedAt = startedAt;
    this.waitUsMax = waitUsMax;
  }

  get size(): number {
    return this.pods.size;
  }

  get gatedCount(): number {
    let gated = 0;
    for (const info of this.pods.values()) if (info.isGated) gated++;
    return gated;
  }

  has(uid: Uid): boolean {
    return this.pods.has(uid);
  }

  values(): Iterable<QueuedPodInfo> {
    return this.pods.values();
  }

  /** A pod that is there already stays as it is. */
  add(uid: Uid, info: QueuedPodInfo): void {
    if (this.pods.has(uid)) return;
    this.pods.set(uid, info);
    this.noteLeftover(info);
  }

  delete(uid: Uid): void {
    this.pods.delete(uid);
  }

  /** The pods that have waited too long, if it is time for a flush; they stay until they are deleted. */
  late(now: number): readonly QueuedPodInfo[] {
    const late: QueuedPodInfo[] = [];
    if (this.leftoverDueAt > now || (now - this.startedAt) % flushPeriodUs !== 0) return late;
    this.leftoverDueAt = Infinity;
    for (const info of this.pods.values()) {
      if (this.dueAt(info) > now) {
        this.noteLeftover(info);
        continue;
      }
      info.flushTimestamp = now;
      info.wasFlushed = true;
      late.push(info);
    }
    return late;
  }

  /** The pod waits on: it will be late again. */
  noteLeftover(info: QueuedPodInfo): void {
    this.leftoverDueAt = Math.min(this.leftoverDueAt, this.dueAt(info));
  }

  /** When to look for late ones next, after `now`; Infinity when there are no pods. */
  nextFlushAt(now: number): number {
    if (this.pods.size === 0) return Infinity;
    const sinceStart = now - this.startedAt;
    const mark = sinceStart - (sinceStart % flushPeriodUs) + flushPeriodUs + this.startedAt;
    return Math.max(this.leftoverDueAt, mark);
  }

  /** First 30-second mark at which the pod has waited strictly longer than the limit. */
  private dueAt(info: QueuedPodInfo): number {
    const limit = Math.max(info.timestamp, info.flushTimestamp) + this.waitUsMax - this.startedAt;
    return this.startedAt + (Math.floor(limit / flushPeriodUs) + 1) * flushPeriodUs;
  }
}
