/** Which fault has taken the leader of a component of the control plane: that of its process, or the one by which it cannot renew its lease. */
import { SECOND } from '../engine/time.ts';
import { leaseUs } from '../faults/leader-election.ts';
import type { FaultRecord, Leader } from '../record/facts.ts';

/** Faults by which nothing can be written, so that no leader renews its lease. */
const unwritable: ReadonlySet<string> = new Set(['apiServerOutage', 'etcdLeaderLoss']);

/** Follows faults; `T` is what is kept of each. */
export class LeaderLosses<T> {
  private readonly takenBy = new Map<string, T>();
  /** Of the outages that are on. */
  private readonly outages = new Set<number>();
  /** The first of them: leases have not been renewed since. */
  private outage: T | undefined;

  faultStarted({ id, kind, target }: FaultRecord, fault: T): void {
    if (kind === 'componentDown') this.takenBy.set(target, fault);
    // A leader that waits too long for answers loses its lease as well; a short delay takes none.
    if (kind === 'apiServerLatency' && this.outages.size === 0) this.outage = fault;
    if (!unwritable.has(kind)) return;
    if (this.outages.size === 0) this.outage = fault;
    this.outages.add(id);
  }

  faultEnded({ id }: FaultRecord): void {
    this.outages.delete(id);
  }

  /** The component has lost its leader: by the outage, unless its process has been taken in this very instant. */
  lost(component: string, isAtOnce: (fault: T) => boolean): T | undefined {
    const taken = this.takenBy.get(component);
    if (taken !== undefined && isAtOnce(taken)) return taken;
    if (this.outage !== undefined) this.takenBy.set(component, this.outage);
    return this.outage;
  }

  /** What has last taken the leader of a component. */
  lastOf(component: string): T | undefined {
    return this.takenBy.get(component);
  }
}

/** What it means who leads, and by which rule he does. */
export const leaderTexts: { readonly [leader in Leader]: { readonly what: string; readonly rule: string } } = {
  none: { what: 'the process that leads is gone: nobody does its work', rule: '' },
  standby: { what: 'taken over by a process that stood by', rule: `lease-duration ${leaseUs / SECOND}s` },
  restarted: { what: 'held again by a process that was begun anew', rule: `lease-duration ${leaseUs / SECOND}s` },
};
