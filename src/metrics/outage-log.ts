/** When each workload had fewer ready pods than it wishes: each span with its cause, who was missing, and what ended it. */
import type { WorkloadLedger } from './workload-ledger.ts';
import { noCause } from './cause-log.ts';

/** More names than this nobody reads. */
const missingMax = 3;

/** What happens at this instant, as far as it matters for workloads. */
export interface PresentFact {
  /** Number of the fact; -1 = none was noted. */
  cause: number;
  /** Row of the pod that it is about; -1 = none. */
  pod: number;
  /** Notes a fact that is only worth a number where a span begins with it; undefined = there is none. */
  lateCause: (() => number) | undefined;
}

/** One span. Times in microseconds. */
export interface Outage {
  readonly owner: number;
  readonly from: number;
  /** -1 = it lasts until the end of the run. */
  to: number;
  readonly desired: number;
  least: number;
  readonly cause: number;
  /** Rows of the first pods that were lost. */
  readonly missing: number[];
  missingCount: number;
  /** Row of the pod whose readiness ended it; -1 = it wishes fewer, is gone, or the run ended. */
  restoredBy: number;
  /** The workload had not had all its pods yet. */
  readonly isStart: boolean;
}

/** Follows the ledger of workloads. */
export class OutageLog {
  /** Spans that found no room. */
  dropped = 0;
  readonly outages: Outage[] = [];
  private readonly limit: number;
  private readonly now: () => number;
  private readonly present: PresentFact;
  private readonly open = new Map<number, Outage>();
  private readonly hasReached = new Set<number>();

  constructor(limit: number, now: () => number, present: PresentFact) {
    this.limit = limit;
    this.now = now;
    this.present = present;
  }

  /** Hears that the wish or the ready pods of a workload have changed. */
  changed(owner: number, ledger: WorkloadLedger): void {
    const desired = ledger.desired[owner]!;
    const ready = ledger.ready[owner]!;
    const outage = this.open.get(owner);
    if (ready >= desired) {
      if (desired > 0) this.hasReached.add(owner);
      if (outage !== undefined) this.close(outage, desired > 0 ? this.present.pod : noCause);
    } else if (outage === undefined) this.begin(owner, desired, ready);
    else this.goOn(outage, ready);
  }

  private begin(owner: number, desired: number, ready: number): void {
    if (this.outages.length >= this.limit) {
      this.dropped++;
      return;
    }
    const { cause, lateCause, pod } = this.present;
    const outage: Outage = {
      ...{ owner, from: this.now(), to: -1, desired, least: ready },
      cause: cause === noCause ? (lateCause?.() ?? noCause) : cause,
      missing: pod < 0 ? [] : [pod],
      missingCount: pod < 0 ? 0 : 1,
      restoredBy: noCause,
      isStart: !this.hasReached.has(owner),
    };
    this.open.set(owner, outage);
    this.outages.push(outage);
  }

  private goOn(outage: Outage, ready: number): void {
    const { pod } = this.present;
    if (ready >= outage.least) return;
    outage.least = ready;
    if (pod < 0) return;
    outage.missingCount++;
    if (outage.missing.length < missingMax) outage.missing.push(pod);
  }

  private close(outage: Outage, restoredBy: number): void {
    this.open.delete(outage.owner);
    outage.to = this.now();
    outage.restoredBy = restoredBy;
    // What began and ended in one instant was none.
    if (outage.to === outage.from && this.outages.at(-1) === outage) this.outages.pop();
  }
}
