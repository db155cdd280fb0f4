/** Pods that workloads get for those that a fault took, until it is over. */
import type { Pod } from '../api/core-v1.ts';
import type { Uid } from '../api/meta-v1.ts';
import { isPodActive } from '../api/pod-conditions.ts';
import type { FaultRecovery } from './fault-recovery.ts';
import type { WorkloadLedger } from './workload-ledger.ts';

/** When the last of them was made, scheduled and had its images. */
export class Replacements {
  private readonly ledger: WorkloadLedger;
  private readonly faults = new Map<Uid, FaultRecovery>();

  constructor(ledger: WorkloadLedger) {
    this.ledger = ledger;
  }

  /** The images of a pod are there at `time`, microseconds. */
  pulled(uid: Uid, time: number): void {
    const fault = this.faults.get(uid);
    if (fault?.recoveredAt === -1) fault.pulledAt = Math.max(fault.pulledAt, time);
  }

  /** A pod was made, or has changed, while these faults are open. */
  committed(pod: Pod, before: Pod | undefined, open: Iterable<FaultRecovery>, now: number): void {
    const { uid } = pod.metadata;
    if (before === undefined) return this.created(pod, open, now);
    const fault = this.faults.get(uid);
    if (fault === undefined) return;
    if (fault.recoveredAt >= 0 || !isPodActive(pod)) this.faults.delete(uid);
    else if (before.spec.nodeName !== pod.spec.nodeName) fault.scheduledAt = now;
  }

  /** Another fault takes the pod. */
  lost(uid: Uid): void {
    this.faults.delete(uid);
  }

  private created(pod: Pod, open: Iterable<FaultRecovery>, now: number): void {
    const { owners } = this.ledger;
    const owner = owners.controllerIndex(pod);
    const workload = owner < 0 ? owner : owners.top(owner);
    for (const fault of open) {
      if (!fault.isReplacing(workload)) continue;
      fault.podRecreated(now, owners.nameAt(owner).kind);
      this.faults.set(pod.metadata.uid, fault);
      return;
    }
  }
}
