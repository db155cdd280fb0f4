import { SECOND } from '../engine/time.ts';

/**
 * A token bucket that answers *when* the next request may go (client-go `flowcontrol`, Wait semantics), in integer
 * microseconds: the generic cell rate algorithm.
 */
export class RateLimit {
  private readonly intervalUs: number;
  private readonly toleranceUs: number;
  /** Theoretical arrival time of the next request when all went at the limit. */
  private nextUs = 0;

  /** @param queriesPerSecond refill, > 0. @param burst size of the bucket, >= 1. */
  constructor(queriesPerSecond: number, burst: number) {
    this.intervalUs = Math.round(SECOND / queriesPerSecond);
    this.toleranceUs = this.intervalUs * (burst - 1);
  }

  /** Takes a token and returns when the request may leave: `now`, or later if the bucket is empty. */
  reserve(now: number): number {
    const start = Math.max(now, this.nextUs - this.toleranceUs);
    this.nextUs = Math.max(this.nextUs, start) + this.intervalUs;
    return start;
  }

  /** Takes a token only if one is there now. */
  tryAccept(now: number): boolean {
    if (this.nextUs - this.toleranceUs > now) return false;
    this.reserve(now);
    return true;
  }
}
