/** When the memory of a node is short (upstream `pkg/kubelet/eviction`): thresholds, their grace, the condition, and who has to go. */

/** Available memory below `bytes` for `graceUs` microseconds calls for evictions. */
export interface MemoryThreshold {
  readonly bytes: number;
  /** 0 = a hard threshold. */
  readonly graceUs: number;
}

/** What passes of the eviction loop have found so far; times in microseconds, -1 = not. */
export class MemoryWatch {
  /** Since when each threshold is met. */
  private readonly metSince: number[];
  private lastMetAt = -1;
  private readonly thresholds: readonly MemoryThreshold[];
  private readonly transitionUs: number;

  constructor(thresholds: readonly MemoryThreshold[], transitionUs: number) {
    this.thresholds = thresholds;
    this.transitionUs = transitionUs;
    this.metSince = thresholds.map(() => -1);
  }

  /** One pass: the threshold that calls for an eviction, if any. */
  pass(now: number, availableBytes: number): MemoryThreshold | undefined {
    let due: MemoryThreshold | undefined;
    for (const [index, threshold] of this.thresholds.entries()) {
      if (availableBytes >= threshold.bytes) this.metSince[index] = -1;
      else {
        if (this.metSince[index]! < 0) this.metSince[index] = now;
        this.lastMetAt = now;
        if (now - this.metSince[index]! >= threshold.graceUs) due ??= threshold;
      }
    }
    return due;
  }

  /** MemoryPressure, as of the last pass. */
  hasPressure(now: number): boolean {
    return this.lastMetAt >= 0 && now - this.lastMetAt < this.transitionUs;
  }

  /** Whether the next pass may find something else although the memory in use stays the same. */
  isUnsettled(now: number, availableBytes: number): boolean {
    return this.hasPressure(now) || this.thresholds.some(({ bytes }) => availableBytes < bytes);
  }
}

/** What a pod has to do with the memory of its node, bytes. */
export interface MemoryUser {
  readonly usage: number;
  readonly request: number;
  readonly priority: number;
  readonly uid: number;
}

/** Who is evicted first: those above their requests, then by priority, then by how much they are above. */
export function byMemoryRank(a: MemoryUser, b: MemoryUser): number {
  const excessA = a.usage - a.request;
  const excessB = b.usage - b.request;
  if (excessA > 0 !== excessB > 0) return excessA > 0 ? -1 : 1;
  return a.priority - b.priority || excessB - excessA || a.uid - b.uid;
}
