/** When a node is short of something (upstream `pkg/kubelet/eviction`): thresholds, their grace, the conditions, and who has to go. */
import type { EvictionSignal, EvictionThreshold } from './behavior.ts';

/** What a node can be short of, in the order of its conditions. */
export const pressures = ['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;

/** One of them: the type of the condition. */
export type Pressure = (typeof pressures)[number];

/** What one signal says: bytes, or processes. */
export interface Reading {
  readonly available: number;
  readonly capacity: number;
}

/** Reads a signal of one node; Infinity where it is not known. */
export type ReadSignal = (signal: EvictionSignal) => Reading;

const pressureBySignal: Readonly<Record<EvictionSignal, Pressure>> = {
  'memory.available': 'MemoryPressure',
  'nodefs.available': 'DiskPressure',
  'imagefs.available': 'DiskPressure',
  'pid.available': 'PIDPressure',
};

/** The condition that a signal raises. */
export function pressureOf(signal: EvictionSignal): Pressure {
  return pressureBySignal[signal];
}

/** What is reclaimed where a node is under a pressure, as in messages. */
export const starvedResource: Readonly<Record<Pressure, string>> = {
  MemoryPressure: 'memory',
  DiskPressure: 'ephemeral-storage',
  PIDPressure: 'pids',
};

/** The amount below which a threshold is met: bytes, or processes. */
export function thresholdAmount({ amount, percent }: EvictionThreshold, capacity: number): number {
  return percent === undefined ? amount : Math.trunc((capacity * percent) / 100);
}

/** Whether less is available than the threshold wants. */
export function isMet(threshold: EvictionThreshold, read: ReadSignal): boolean {
  const { available, capacity } = read(threshold.signal);
  return available < thresholdAmount(threshold, capacity);
}

/** What passes of the eviction loop have found so far; times in microseconds, -1 = not. */
export class PressureWatch {
  /** Since when each threshold is met. */
  private readonly metSince: number[];
  private readonly lastMetAt = new Map<Pressure, number>();
  private readonly thresholds: readonly EvictionThreshold[];
  private readonly transitionUs: number;

  constructor(thresholds: readonly EvictionThreshold[], transitionUs: number) {
    this.thresholds = thresholds;
    this.transitionUs = transitionUs;
    this.metSince = thresholds.map(() => -1);
  }

  /** The kubelet has ended, and knows nothing of it when it begins anew. */
  forget(): void {
    this.metSince.fill(-1);
    this.lastMetAt.clear();
  }

  /** One pass: the threshold that calls for an eviction, if any; memory goes before the others. */
  pass(now: number, read: ReadSignal): EvictionThreshold | undefined {
    let due: EvictionThreshold | undefined;
    for (const [index, threshold] of this.thresholds.entries()) {
      if (!isMet(threshold, read)) {
        this.metSince[index] = -1;
        continue;
      }
      if (this.metSince[index]! < 0) this.metSince[index] = now;
      this.lastMetAt.set(pressureOf(threshold.signal), now);
      if (now - this.metSince[index]! < threshold.graceUs) continue;
      const isFirst = due === undefined || (isMemory(threshold) && !isMemory(due));
      if (isFirst) due = threshold;
    }
    return due;
  }

  /** Whether a condition holds, as of the last pass. */
  has(pressure: Pressure, now: number): boolean {
    const lastMetAt = this.lastMetAt.get(pressure);
    return lastMetAt !== undefined && now - lastMetAt < this.transitionUs;
  }

  /** Whether the next pass may find something else although nothing on the node changes. */
  isUnsettled(now: number, read: ReadSignal): boolean {
    return pressures.some((each) => this.has(each, now)) || this.thresholds.some((each) => isMet(each, read));
  }
}

function isMemory({ signal }: EvictionThreshold): boolean {
  return signal === 'memory.available';
}

/** What a pod has to do with what its node is short of: bytes, or processes. */
export interface ResourceUser {
  readonly usage: number;
  readonly request: number;
  readonly priority: number;
  readonly uid: number;
}

/** Who is evicted first for want of memory or disk: those above their requests, then by priority, then by how much they are above. */
export function byExcess(a: ResourceUser, b: ResourceUser): number {
  const excessA = a.usage - a.request;
  const excessB = b.usage - b.request;
  if (excessA > 0 !== excessB > 0) return excessA > 0 ? -1 : 1;
  return a.priority - b.priority || excessB - excessA || a.uid - b.uid;
}

/** And for want of process ids: by priority, then by the number of processes. */
export function byProcesses(a: ResourceUser, b: ResourceUser): number {
  return a.priority - b.priority || b.usage - a.usage || a.uid - b.uid;
}
