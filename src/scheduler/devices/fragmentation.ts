/**
 * Fragmentation of a node: the free thousandths of its devices that a pod of the workload, drawn at random, cannot use (Weng et al., USENIX
 * ATC 2023, section 3.2). Bit for bit the sums of the authors' program: by class of (node, typical pod) in the order of the pods, then
 * over the classes in the order q1, q2, q4, xL, xR, NA.
 */
import { KnownStates } from './known-states.ts';
import type { TypicalPod } from './typical-pods.ts';

/** How a typical pod finds a node; all but `q3` make what is free a fragment. */
export const fragmentClasses = ['q1', 'q2', 'q3', 'q4', 'xL', 'xR', 'NA'] as const;

/** Measures nodes against one list of typical pods. */
export class DeviceFragmentation {
  /** Per class: thousandths, as of the last `measure`; in the order of `fragmentClasses`. */
  readonly parts = new Float64Array(fragmentClasses.length);
  private readonly pods: readonly TypicalPod[];
  private readonly shares: Float64Array;
  private readonly milliCpus: Float64Array;
  /** The different amounts of cpu, ascending. */
  private readonly cpuSteps: Float64Array;
  private readonly counts: Int32Array;
  /** Position of the demand among `demands`; -1 = the pod wants no device. */
  private readonly demandAt: Int32Array;
  /** The different thousandths that are asked for, and for each what the node at hand has. */
  private readonly demands: readonly number[];
  private readonly roomy: Int32Array;
  private readonly tooSmall: Int32Array;
  private readonly allowed = new Map<string, Uint8Array>();
  private readonly known = new KnownStates();

  constructor(pods: readonly TypicalPod[]) {
    this.pods = pods;
    this.shares = Float64Array.from(pods, ({ share }) => share);
    this.milliCpus = Float64Array.from(pods, ({ milliCpu }) => milliCpu);
    this.cpuSteps = Float64Array.from(new Set(this.milliCpus)).sort((a, b) => a - b);
    this.counts = Int32Array.from(pods, ({ devices }) => devices?.count ?? 0);
    this.demands = [...new Set(pods.flatMap(({ devices }) => (devices === undefined ? [] : [devices.milli])))];
    this.demandAt = Int32Array.from(pods, ({ devices }) =>
      devices === undefined ? -1 : this.demands.indexOf(devices.milli),
    );
    this.roomy = new Int32Array(this.demands.length);
    this.tooSmall = new Int32Array(this.demands.length);
  }

  /**
   * Thousandths that are fragments.
   *
   * @param free free thousandths of each device.
   */
  of(freeMilliCpu: number, model: string, free: ArrayLike<number>): number {
    const rank = this.rankOf(freeMilliCpu);
    let fragments = this.known.get(rank, model, free);
    if (fragments === undefined) {
      fragments = this.measure(freeMilliCpu, model, free);
      this.known.set(rank, model, free, fragments);
    }
    return fragments;
  }

  /** The same, with its parts. */
  measure(freeMilliCpu: number, model: string, free: ArrayLike<number>): number {
    const freeMilli = this.lookAt(free);
    const allowed = this.allowed.get(model) ?? this.allow(model);
    const { shares, milliCpus, counts, demandAt, roomy, tooSmall } = this;
    let q1 = 0;
    let q2 = 0;
    let q3 = 0;
    let q4 = 0;
    let xL = 0;
    let xR = 0;
    let notAllowed = 0;
    for (let at = 0; at < shares.length; at++) {
      const share = shares[at]!;
      const demand = demandAt[at]!;
      const hasCpu = freeMilliCpu >= milliCpus[at]!;
      if (demand < 0) {
        if (hasCpu) xL += share * freeMilli;
        else xR += share * freeMilli;
      } else if (allowed[at] === 0) notAllowed += share * freeMilli;
      else if (roomy[demand]! >= counts[at]!) {
        if (!hasCpu) q4 += share * freeMilli;
        else {
          q2 += share * tooSmall[demand]!;
          q3 += share * (freeMilli - tooSmall[demand]!);
        }
      } else if (hasCpu) q2 += share * freeMilli;
      else q1 += share * freeMilli;
    }
    const { parts } = this;
    parts[0] = q1;
    parts[1] = q2;
    parts[2] = q3;
    parts[3] = q4;
    parts[4] = xL;
    parts[5] = xR;
    parts[6] = notAllowed;
    return q1 + q2 + q4 + xL + xR + notAllowed;
  }

  /** How many of the amounts of cpu there is room for: free cpu of one rank is as good for all typical pods. */
  private rankOf(freeMilliCpu: number): number {
    const { cpuSteps } = this;
    let low = 0;
    let high = cpuSteps.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (cpuSteps[middle]! <= freeMilliCpu) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Counts for each demand the devices with room, and sums up the rest; returns all that is free. */
  private lookAt(free: ArrayLike<number>): number {
    const { demands, roomy, tooSmall } = this;
    let sum = 0;
    for (let device = 0; device < free.length; device++) sum += free[device]!;
    for (let at = 0; at < demands.length; at++) {
      const milli = demands[at]!;
      let count = 0;
      let rest = 0;
      for (let device = 0; device < free.length; device++) {
        const room = free[device]!;
        if (room >= milli) count++;
        else rest += room;
      }
      roomy[at] = count;
      tooSmall[at] = rest;
    }
    return sum;
  }

  private allow(model: string): Uint8Array {
    const allowed = Uint8Array.from(this.pods, ({ devices }) =>
      devices === undefined || devices.models.length === 0 || devices.models.includes(model) ? 1 : 0,
    );
    this.allowed.set(model, allowed);
    return allowed;
  }
}
