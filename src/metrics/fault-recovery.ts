/** What one fault did, and when the cluster noticed, acted and recovered. */
import type { Uid } from '../api/meta-v1.ts';
import type { FaultRecord } from '../record/facts.ts';
import { hittingContainers, keepingLease, pressureConditions } from './fault-kinds.ts';

const never = -1;

/** Times in microseconds; -1 = has not happened. */
export class FaultRecovery {
  readonly record: FaultRecord;
  detectedAt = never;
  taintedAt = never;
  evictedAt = never;
  /** A container that it killed, or that hung by it, was started again. */
  restartedAt = never;
  /** The last replacement that was made, found a node, and had its image. */
  recreatedAt = never;
  /** Kind of the controller of the last replacement; empty before the first. */
  recreatedFor = '';
  scheduledAt = never;
  pulledAt = never;
  recoveredAt = never;
  /** Components of the control plane that it took the leader from, and when each had one again; -1 = not yet. */
  readonly leaders = new Map<string, number>();
  /** What the condition Ready of the first of its nodes became when it was detected; empty where no condition was. */
  readyBecame = '';
  /** An earlier fault by which all of its nodes were silent, or known not to be ready, when it began. */
  noticedUnder: FaultRecovery | undefined;
  podsLost = 0;
  /** Of these, pods without a controller: nobody replaces them. */
  barePodsLost = 0;
  /** Pods that were made for the others, before the recovery. */
  private podsRecreated = 0;
  /** Of the lost ones, pods that a kubelet evicted, and pods that it did not take in the first place. */
  podsEvicted = 0;
  podsRefused = 0;
  /** Pods whose containers it killed or made to hang. */
  podsHit = 0;
  /** The later fault that ended the last container that hung by it before anybody had noticed. */
  overtakenBy: FaultRecovery | undefined;
  /** Pulls of images that ended while the registry was out of order by it, and those of them that failed. */
  pulls = 0;
  pullsFailed = 0;
  /** When the first of its nodes told that it presses on it, and when the last of them told that no more. */
  pressureAt = never;
  relievedAt = never;
  /** Nodes that tell of its pressure at present. */
  private readonly pressed = new Set<string>();
  /** How long the last evicted pod tolerated the taint, microseconds; -1 = none was evicted by one. */
  toleratedUs = never;
  /** The limit under which the first of its nodes was tainted; empty = none was. */
  taintRule = '';
  /** Pods whose containers it killed or keeps from working, as long as they have not suffered from it. */
  readonly victims = new Set<Uid>();
  /** Whether it hit containers of pods. */
  hitsPods = false;
  hasEnded = false;
  /**
   * Workloads with pods on its nodes, by owner, and how many ready pods each must have again: as many as before the fault,
   * so that who was short for another reason does not hide the recovery. All it wishes, where its pods came later.
   */
  readonly workloads = new Map<number, number>();
  /** Whether one of them had fewer since the start. */
  isHurt = false;

  constructor(record: FaultRecord) {
    this.record = record;
  }

  /** Whether it hit nodes. */
  get hitsNodes(): boolean {
    return this.record.nodes.length > 0;
  }

  /** Whether a machine falls silent by it. */
  get silences(): boolean {
    return this.hitsNodes && !keepingLease.has(this.record.kind);
  }

  /** Whether it takes what the pods of a node live on. */
  get presses(): boolean {
    return pressureConditions.has(this.record.kind);
  }

  /** Whether it is of a kind that looks for containers, even where it found none. */
  get seeksContainers(): boolean {
    return hittingContainers.has(this.record.kind);
  }

  /** Whether a node tells of its pressure. */
  isPressing(node: string): boolean {
    return this.pressed.has(node);
  }

  /** Its nodes tell of the pressure since an earlier fault of the same kind. */
  pressedAlready(): void {
    for (const node of this.record.nodes) this.pressed.add(node);
  }

  /** Notes that a node tells of the pressure, or no more. */
  pressureTold(node: string, isTold: boolean, now: number): void {
    if (isTold === this.pressed.has(node)) return;
    if (isTold) {
      this.pressed.add(node);
      if (this.pressureAt === never) this.pressureAt = now;
    } else if (this.pressed.delete(node) && this.pressed.size === 0) this.relievedAt = now;
  }

  /** Whether one of its nodes became not ready by it, or a container was told of. */
  get isNoticed(): boolean {
    return this.detectedAt !== never;
  }

  /** Whether there is something to detect and to recover from. */
  get hitsAnything(): boolean {
    return this.hitsNodes || this.hitsPods;
  }

  /** Whether a pod that is made now is there because of it. */
  isReplacing(owner: number): boolean {
    const open = this.podsLost - this.barePodsLost - this.podsRecreated;
    return open > 0 && this.recoveredAt === never && this.workloads.has(owner);
  }

  /** A pod was made for one that was lost; `kind`: of its controller. */
  podRecreated(now: number, kind: string): void {
    this.podsRecreated++;
    this.recreatedAt = now;
    this.recreatedFor = kind;
  }

  /** `ready` is what the condition of a node has become; empty for a Node that is gone, or a pod. */
  detected(now: number, ready = ''): void {
    if (this.detectedAt !== never) return;
    this.detectedAt = now;
    this.readyBecame = ready;
  }

  /** `rule` is the limit that held. */
  tainted(now: number, rule: string): void {
    if (this.taintedAt !== never) return;
    this.taintedAt = now;
    this.taintRule = rule;
  }

  podEvicted(now: number): void {
    this.evictedAt = now;
  }

  /** A pod is lost by it; `isBare`: nothing controls it. */
  podLost(isBare: boolean): void {
    this.podsLost++;
    if (isBare) this.barePodsLost++;
  }

  /** When the last component that it took the leader from had one again; -1 = one has none, or it took none. */
  get takenOverAt(): number {
    const times = [...this.leaders.values()];
    return times.length === 0 || times.includes(never) ? never : Math.max(...times);
  }

  /** Whether it has taken the leader of a component that has none since. */
  isWithoutLeader(component: string): boolean {
    return this.leaders.get(component) === never;
  }

  /** Components that have no leader since it took theirs. */
  get leaderless(): readonly string[] {
    return [...this.leaders].flatMap(([component, at]) => (at === never ? [component] : []));
  }

  leaderLost(component: string): void {
    this.leaders.set(component, never);
  }

  takenOver(component: string, now: number): void {
    this.leaders.set(component, now);
  }

  /**
   * Looks at the workloads again: recovered is the first time that none is short after one was.
   *
   * @param isShort whether an owner has fewer ready pods than `level` and than it wishes.
   */
  review(isShort: (owner: number, level: number) => boolean, now: number): void {
    if (this.recoveredAt !== never) return;
    for (const [owner, level] of this.workloads) {
      if (!isShort(owner, level)) continue;
      this.isHurt = true;
      return;
    }
    if (this.isHurt) this.recoveredAt = now;
  }

  /** Another fault has ended what it did before anybody noticed: workloads that are short are so by that one. */
  overtaken(by: FaultRecovery): void {
    this.overtakenBy = by;
    this.isHurt = false;
    this.recoveredAt = never;
  }

  /** A pod suffers from it: what had recovered has not. */
  hurt(): void {
    this.isHurt = true;
    this.recoveredAt = never;
  }

  /** What never was hurt needed no recovery: it counts as recovered at once. */
  finish(): void {
    if (this.hitsAnything && !this.isHurt) this.recoveredAt = this.record.startsAt;
  }

  /** Whether nothing more can follow from it, once its nodes are Ready again. */
  get isOver(): boolean {
    if (this.overtakenBy !== undefined) return true;
    return (
      this.hasEnded && this.pressed.size === 0 && (this.isHurt ? this.recoveredAt !== never : this.victims.size === 0)
    );
  }
}

/** The time since the start of the fault; undefined for what has not happened. */
export function sinceStart({ record }: FaultRecovery, time: number): number | undefined {
  return time === never ? undefined : time - record.startsAt;
}

/** A time, or undefined for what has not happened. */
export function timeOrNothing(time: number): number | undefined {
  return time === never ? undefined : time;
}
