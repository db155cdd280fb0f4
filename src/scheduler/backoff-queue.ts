/** Pods that back off (upstream `ps/backend/queue/backoff_queue.go`): those that were rejected, and apart from them those that failed by an error. */
import { SECOND } from '../engine/time.ts';
import { backoffExpiration, isBackingOff } from './backoff.ts';
import type { BackoffLimits } from './backoff.ts';
import type { QueuedPodInfo } from './framework/queued-pod-info.ts';
import { PodHeap } from './pod-heap.ts';
import { isErrored } from './requeue-hints.ts';

/** Which of the two heaps a pod is in. */
export type BackoffPlace = 'backoff' | 'errorBackoff';

/** Two heaps by the end of the back-off. Times in microseconds. */
export class BackoffQueue {
  private readonly limits: BackoffLimits;
  private readonly podBackoffQ: PodHeap;
  private readonly podErrorBackoffQ: PodHeap;

  /** @param less the queue sort, for pods that were rejected and may go at one moment. */
  constructor(limits: BackoffLimits, less: (a: QueuedPodInfo, b: QueuedPodInfo) => boolean) {
    this.limits = limits;
    const expiresFirst = (a: QueuedPodInfo, b: QueuedPodInfo): boolean => a.backoffExpiration < b.backoffExpiration;
    this.podBackoffQ = new PodHeap((a, b) =>
      a.backoffExpiration === b.backoffExpiration ? less(a, b) : expiresFirst(a, b),
    );
    this.podErrorBackoffQ = new PodHeap(expiresFirst);
  }

  /** Pods in both heaps. */
  get size(): number {
    return this.podBackoffQ.size + this.podErrorBackoffQ.size;
  }

  /** Whether `pop` would give a pod. */
  get hasNext(): boolean {
    return this.podBackoffQ.size > 0;
  }

  /** The rejected pod whose back-off ends first, although it has not ended. */
  pop(): QueuedPodInfo | undefined {
    return this.podBackoffQ.pop();
  }

  isBackingOff(info: QueuedPodInfo, now: number): boolean {
    return isBackingOff(info, this.limits, now);
  }

  push(info: QueuedPodInfo): BackoffPlace {
    backoffExpiration(info, this.limits);
    const place = isErrored(info) ? 'errorBackoff' : 'backoff';
    this.heapOf(place).push(info);
    return place;
  }

  remove(info: QueuedPodInfo, place: BackoffPlace): void {
    this.heapOf(place).remove(info);
  }

  /** Takes a pod whose back-off is over; undefined when there is none. */
  popDue(now: number): QueuedPodInfo | undefined {
    for (const heap of [this.podBackoffQ, this.podErrorBackoffQ]) {
      const top = heap.peek();
      if (top !== undefined && top.backoffExpiration < now - (now % SECOND)) return heap.pop();
    }
    return undefined;
  }

  /** The first whole second after `now` at which a back-off is over; Infinity when nobody backs off. */
  nextDueAt(now: number): number {
    let next = Infinity;
    for (const heap of [this.podBackoffQ, this.podErrorBackoffQ]) {
      const top = heap.peek();
      if (top === undefined) continue;
      next = Math.min(next, Math.max(top.backoffExpiration + SECOND, now - (now % SECOND) + SECOND));
    }
    return next;
  }

  private heapOf(place: BackoffPlace): PodHeap {
    return place === 'errorBackoff' ? this.podErrorBackoffQ : this.podBackoffQ;
  }
}
