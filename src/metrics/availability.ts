/** When one workload had fewer ready pods than desired, and for how long each missing pod was missing. */

const never = -1;

/**
 * Counts from the first time that the workload has all the pods it desires; before, it is starting. One that never gets
 * there counts as below from its creation on. All times in microseconds.
 */
export class Availability {
  readonly createdAt: number;
  /** -1 = not yet. */
  reachedAt = never;
  /** -1 = not yet removed. */
  removedAt = never;
  unavailableUs = 0;
  longestOutageUs = 0;
  /** Time with no ready pod at all, while at least one was desired. */
  noneReadyUs = 0;
  outages = 0;
  /** Whether a disruption budget was ever broken or kept: see `updateBudget`. */
  hasBudget = false;
  belowBudgetUs = 0;
  private belowSince = never;
  private noneSince = never;
  private belowBudgetSince = never;
  /** When each missing pod went missing, the oldest first; those before `firstHole` are back. */
  private readonly holes: number[] = [];
  private firstHole = 0;

  constructor(createdAt: number) {
    this.createdAt = createdAt;
  }

  /** Hears of a change at `now`; `closedHoles` takes the time that each pod was missing which is now back. */
  update(desired: number, ready: number, now: number, closedHoles: number[]): void {
    if (this.reachedAt === never) {
      if (desired === 0 || ready < desired) return;
      this.reachedAt = now;
    }
    this.setBelow(ready < desired, now);
    this.setNone(ready === 0 && desired > 0, now);
    this.setHoles(Math.max(0, desired - ready), now, closedHoles);
  }

  /** Hears whether there are fewer ready pods than the budget wants at `now`; undefined = there is no budget. */
  updateBudget(isBelow: boolean | undefined, now: number): void {
    if (isBelow !== undefined) this.hasBudget = true;
    if (this.reachedAt !== never) this.setBelowBudget(isBelow === true, now);
  }

  /** Ends the observation at `now`: at the end of the run, or when the workload is removed. */
  finish(desired: number, ready: number, now: number, closedHoles: number[]): void {
    if (this.reachedAt === never && desired > 0) this.startOver(desired, ready);
    this.setBelow(false, now);
    this.setNone(false, now);
    this.setBelowBudget(false, now);
    this.setHoles(0, now, closedHoles);
  }

  /** Share of the observed time with all desired pods ready; undefined where nothing was ever desired or no time passed. */
  ratio(end: number): number | undefined {
    if (this.reachedAt === never) return undefined;
    const observed = (this.removedAt === never ? end : this.removedAt) - this.reachedAt;
    return observed > 0 ? 1 - this.unavailableUs / observed : undefined;
  }

  private startOver(desired: number, ready: number): void {
    this.reachedAt = this.createdAt;
    this.setBelow(true, this.createdAt);
    this.setNone(ready === 0, this.createdAt);
    this.setHoles(desired - ready, this.createdAt, []);
  }

  private setBelow(isBelow: boolean, now: number): void {
    if (isBelow === (this.belowSince !== never)) return;
    if (isBelow) {
      this.belowSince = now;
      return;
    }
    const lasted = now - this.belowSince;
    this.belowSince = never;
    this.unavailableUs += lasted;
    this.longestOutageUs = Math.max(this.longestOutageUs, lasted);
    if (lasted > 0) this.outages++;
  }

  private setNone(isNone: boolean, now: number): void {
    if (isNone === (this.noneSince !== never)) return;
    if (!isNone) this.noneReadyUs += now - this.noneSince;
    this.noneSince = isNone ? now : never;
  }

  private setBelowBudget(isBelow: boolean, now: number): void {
    if (isBelow === (this.belowBudgetSince !== never)) return;
    if (!isBelow) this.belowBudgetUs += now - this.belowBudgetSince;
    this.belowBudgetSince = isBelow ? now : never;
  }

  private setHoles(count: number, now: number, closedHoles: number[]): void {
    while (this.holes.length - this.firstHole < count) this.holes.push(now);
    while (this.holes.length - this.firstHole > count) {
      const lasted = now - this.holes[this.firstHole++]!;
      if (lasted > 0) closedHoles.push(lasted);
    }
    if (this.firstHole !== this.holes.length) return;
    this.holes.length = 0;
    this.firstHole = 0;
  }
}
