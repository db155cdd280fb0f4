/**
 * client-go's rate-limiting work queue in virtual time (util/workqueue): a set of dirty keys in FIFO order, a set of keys
 * being processed, delayed additions, and a back-off per failing key.
 */
import { RateLimit } from '../apiserver/rate-limit.ts';
import type { Engine, EventId, HandlerId } from '../engine/engine.ts';
import { MILLISECOND, SECOND } from '../engine/time.ts';
import type { RetryLimits } from './controller.ts';

/** Default controller rate limiter: 5 ms doubling to 1000 s per key, and 10/s burst 100 over all keys. */
const defaultRetry: RetryLimits = { baseDelayUs: 5 * MILLISECOND, maxDelayUs: 1000 * SECOND, hasSharedBucket: true };

interface Waiting {
  readonly slot: number;
  readonly dueAt: number;
  readonly event: EventId;
}

/** Keys to be processed, each by one worker at a time. */
export class WorkQueue {
  private readonly engine: Engine;
  private readonly onAdded: () => void;
  private readonly queued = new Set<string>();
  private readonly processing = new Set<string>();
  private readonly dirtyWhileProcessing = new Set<string>();
  private readonly waiting = new Map<string, Waiting>();
  private readonly waitingBySlot: (string | undefined)[] = [];
  private readonly freeSlots: number[] = [];
  private readonly failures = new Map<string, number>();
  private readonly retry: RetryLimits;
  private readonly bucket: RateLimit | undefined;
  private readonly due: HandlerId;

  /** `onAdded` is called whenever a key becomes ready to be processed. */
  constructor(name: string, phase: number, engine: Engine, onAdded: () => void, retry = defaultRetry) {
    this.engine = engine;
    this.onAdded = onAdded;
    this.retry = retry;
    this.bucket = retry.hasSharedBucket ? new RateLimit(10, 100) : undefined;
    this.due = engine.register({ name: `${name}/delayed`, phase, handle: (slot) => this.onDue(slot) });
  }

  /** Number of keys ready to be processed. */
  get depth(): number {
    return this.queued.size;
  }

  /** Marks a key dirty; a key that is being processed is processed once more afterwards. */
  add(key: string): void {
    if (this.processing.has(key)) {
      this.dirtyWhileProcessing.add(key);
      return;
    }
    if (this.queued.has(key)) return;
    this.queued.add(key);
    this.onAdded();
  }

  /** Adds a key later; of several delays for one key the earliest holds. */
  addAfter(key: string, delayUs: number): void {
    if (delayUs <= 0) return this.add(key);
    const dueAt = this.engine.now + delayUs;
    const earlier = this.waiting.get(key);
    if (earlier !== undefined) {
      if (earlier.dueAt <= dueAt) return;
      this.engine.cancel(earlier.event);
      this.release(earlier.slot);
    }
    const slot = this.freeSlots.pop() ?? this.waitingBySlot.push(undefined) - 1;
    this.waitingBySlot[slot] = key;
    this.waiting.set(key, { slot, dueAt, event: this.engine.at(dueAt, this.due, slot) });
  }

  /** Adds a key after its back-off: a failed sync. */
  addRateLimited(key: string): void {
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    const { baseDelayUs, maxDelayUs } = this.retry;
    const exponential = failures > 20 ? maxDelayUs : Math.min(maxDelayUs, baseDelayUs * (1 << failures));
    const { now } = this.engine;
    this.addAfter(key, Math.max(exponential, this.bucket === undefined ? 0 : this.bucket.reserve(now) - now));
  }

  /** Failures of a key since the last `forget`. */
  failuresOf(key: string): number {
    return this.failures.get(key) ?? 0;
  }

  forget(key: string): void {
    this.failures.delete(key);
  }

  /** Takes the oldest ready key; the caller must end with `done`. */
  take(): string | undefined {
    for (const key of this.queued) {
      this.queued.delete(key);
      this.processing.add(key);
      return key;
    }
    return undefined;
  }

  done(key: string): void {
    this.processing.delete(key);
    if (this.dirtyWhileProcessing.delete(key)) this.add(key);
  }

  /** Nothing comes back from its delay any more. */
  close(): void {
    this.engine.retire(this.due);
  }

  private onDue(slot: number): void {
    const key = this.waitingBySlot[slot]!;
    this.waiting.delete(key);
    this.release(slot);
    this.add(key);
  }

  private release(slot: number): void {
    this.waitingBySlot[slot] = undefined;
    this.freeSlots.push(slot);
  }
}
