import type { Uid } from '../api/meta-v1.ts';
import type { PodInfo } from './framework/pod-info.ts';

/** Binary logarithm. */
const firstCapacityLog = 6;

/**
 * Pods by uid in an open-addressing hash table with linear probing. Every running pod of the cluster is in it: in a Map it
 * would take 40 to 75 bytes, here it takes 11 to 22, since its key stands in the pod itself.
 */
export class PodsByUid {
  private capacityLog = firstCapacityLog;
  private cells = emptyCells(firstCapacityLog);
  private count = 0;

  get(uid: Uid): PodInfo | undefined {
    return this.cells[this.find(uid)];
  }

  /** Adds a pod, or takes it instead of the one that has its uid. */
  set(podInfo: PodInfo): void {
    const at = this.find(uidOf(podInfo));
    const isNew = this.cells[at] === undefined;
    this.cells[at] = podInfo;
    if (isNew && ++this.count * 4 > this.cells.length * 3) this.resize(this.capacityLog + 1);
  }

  delete(uid: Uid): void {
    let hole = this.find(uid);
    if (this.cells[hole] === undefined) return;
    this.count--;
    const mask = this.cells.length - 1;
    // Closes the gap: what a collision has pushed beyond it moves back.
    for (let at = (hole + 1) & mask; this.cells[at] !== undefined; at = (at + 1) & mask) {
      const distance = (at - this.homeOf(uidOf(this.cells[at]!))) & mask;
      if (distance < ((at - hole) & mask)) continue;
      this.cells[hole] = this.cells[at];
      hole = at;
    }
    this.cells[hole] = undefined;
    if (this.capacityLog > firstCapacityLog && this.count * 8 < this.cells.length) this.resize(this.capacityLog - 1);
  }

  /** The cell of a pod, or the empty one where it would be put. */
  private find(uid: Uid): number {
    const mask = this.cells.length - 1;
    let at = this.homeOf(uid);
    for (;;) {
      const podInfo = this.cells[at];
      if (podInfo === undefined || uidOf(podInfo) === uid) return at;
      at = (at + 1) & mask;
    }
  }

  /** Multiplication by the golden ratio: uids count up, and this spreads neighbours evenly. */
  private homeOf(uid: Uid): number {
    return Math.imul(uid, 0x9e3779b1) >>> (32 - this.capacityLog);
  }

  private resize(capacityLog: number): void {
    const before = this.cells;
    this.capacityLog = capacityLog;
    this.cells = emptyCells(capacityLog);
    for (const podInfo of before) if (podInfo !== undefined) this.cells[this.find(uidOf(podInfo))] = podInfo;
  }
}

function emptyCells(capacityLog: number): (PodInfo | undefined)[] {
  return new Array<PodInfo | undefined>(1 << capacityLog).fill(undefined);
}

function uidOf({ pod }: PodInfo): Uid {
  return pod.metadata.uid;
}
