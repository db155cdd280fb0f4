/** Pods that have been active for longer than they may (upstream `pkg/kubelet/active_deadline.go`). */
import type { Engine } from '../engine/engine.ts';
import { SECOND } from '../engine/time.ts';
import { nextQueueLook } from './node-clock.ts';
import type { PodWorker } from './pod-worker.ts';

/** Why such a pod ends: its status says so at each look, whatever its containers do, and whatever else it was ended for. */
export const deadlineEnd = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
  isLasting: true,
} as const;

/** The looks at the queue that find deadlines over, microseconds; only of pods that have one. */
export class ActiveDeadlines {
  private readonly engine: Engine;
  private readonly looks = new Map<PodWorker, number>();

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** The pod has this spec from now on. */
  set(worker: PodWorker): void {
    const { activeDeadlineSeconds } = worker.spec;
    if (activeDeadlineSeconds === undefined) return;
    const { seenSince, node } = worker;
    const deadline = (seenSince + activeDeadlineSeconds) * SECOND - node.clockOffsetUs;
    this.looks.set(worker, nextQueueLook(node.queuePhaseUs, Math.max(deadline - 1, this.engine.now)));
  }

  /** When the pod is next looked at for its deadline; Infinity = never. */
  nextAt(worker: PodWorker): number {
    return this.looks.size === 0 ? Infinity : (this.looks.get(worker) ?? Infinity);
  }

  /** Whether that moment has come. */
  takeDue(worker: PodWorker): boolean {
    return this.nextAt(worker) <= this.engine.now && this.looks.delete(worker);
  }

  /** Whether the deadline is over, by the clock of the node. */
  isOver({ spec, node, seenSince }: PodWorker): boolean {
    const { activeDeadlineSeconds } = spec;
    return activeDeadlineSeconds !== undefined && node.secondsAt(this.engine.now) - seenSince >= activeDeadlineSeconds;
  }

  forget(worker: PodWorker): void {
    this.looks.delete(worker);
  }
}
