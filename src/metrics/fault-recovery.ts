/** What one fault did, and when the cluster noticed, acted and recovered. */
import type { FaultRecord } from '../record/facts.ts';

const never = -1;

/** Times in microseconds; -1 = has not happened. */
export class FaultRecovery {
  readonly record: FaultRecord;
  detectedAt = never;
  taintedAt = never;
  evictedAt = never;
  recoveredAt = never;
  podsLost = 0;
  hasEnded = false;
  /** Workloads with pods on its nodes, by owner. */
  readonly workloads = new Set<number>();
  /** Whether one of them was below its wish since the start. */
  isHurt = false;

  constructor(record: FaultRecord) {
    this.record = record;
  }

  /** Whether it hit nodes: only then there is something to detect and to recover from. */
  get hitsNodes(): boolean {
    return this.record.nodes.length > 0;
  }

  detected(now: number): void {
    if (this.detectedAt === never) this.detectedAt = now;
  }

  tainted(now: number): void {
    if (this.taintedAt === never) this.taintedAt = now;
  }

  podEvicted(now: number): void {
    this.evictedAt = now;
    this.podsLost++;
  }

  podFailed(): void {
    this.podsLost++;
  }

  /** Looks at the workloads again: recovered is the first time that none is below after one was. */
  review(isBelow: (owner: number) => boolean, now: number): void {
    if (this.recoveredAt !== never) return;
    for (const owner of this.workloads) {
      if (!isBelow(owner)) continue;
      this.isHurt = true;
      return;
    }
    if (this.isHurt) this.recoveredAt = now;
  }

  /** What never was hurt needed no recovery: it counts as recovered at once. */
  finish(): void {
    if (this.hitsNodes && !this.isHurt) this.recoveredAt = this.record.startsAt;
  }

  /** Whether nothing more can follow from it, once its nodes are Ready again. */
  get isOver(): boolean {
    return this.hasEnded && (!this.isHurt || this.recoveredAt !== never);
  }
}

/** The time since the start of the fault; undefined for what has not happened. */
export function sinceStart({ record }: FaultRecovery, time: number): number | undefined {
  return time === never ? undefined : time - record.startsAt;
}

/** A time, or undefined for what has not happened. */
export function timeOrNothing(time: number): number | undefined {
  return time === never ? undefined : time;
}
