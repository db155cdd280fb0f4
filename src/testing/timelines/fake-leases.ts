/** Leases of fake kubelets: renewed at a phase and every ten seconds from then on, until the node falls silent. */
import type { NodeHeartbeats } from '../../controllers/controller.ts';
import { SECOND } from '../../engine/time.ts';

const periodUs = 10 * SECOND;

interface Lease {
  readonly firstAt: number;
  /** The last renewal of a silent node; undefined while it speaks. */
  readonly lastAt: number | undefined;
}

/** All leases of a case; times in microseconds of virtual time. */
export class FakeLeases implements NodeHeartbeats {
  private readonly leases = new Map<string, Lease>();
  private readonly listeners: ((nodeName: string, isRenewing: boolean) => void)[] = [];

  lastRenewal(nodeName: string, now: number): number {
    const lease = this.leases.get(nodeName);
    if (lease === undefined) return -1;
    if (lease.lastAt !== undefined && lease.lastAt <= now) return lease.lastAt;
    if (now < lease.firstAt) return -1;
    return now - ((now - lease.firstAt) % periodUs);
  }

  onChange(listener: (nodeName: string, isRenewing: boolean) => void): void {
    this.listeners.push(listener);
  }

  /** The node renews at this time and every ten seconds from then on. */
  speak(nodeName: string, firstAt: number): void {
    this.leases.set(nodeName, { firstAt, lastAt: undefined });
    for (const listener of this.listeners) listener(nodeName, true);
  }

  /** The node renews no more; `lastAt` says when it did last, if the recording does. */
  silence(nodeName: string, now: number, lastAt: number | undefined): void {
    const renewed = lastAt ?? this.lastRenewal(nodeName, now);
    this.leases.set(nodeName, { firstAt: renewed, lastAt: renewed });
    for (const listener of this.listeners) listener(nodeName, false);
  }
}
