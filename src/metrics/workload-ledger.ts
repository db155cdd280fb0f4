/** How many ready pods each workload wishes and has, kept up to date from facts alone. */
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../api/apps-v1.ts';
import type { Job } from '../api/batch-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Kind, KindMap } from '../api/kinds.ts';
import type { ApiObject } from '../api/meta-v1.ts';
import { isPodActive, isPodReady } from '../api/pod-conditions.ts';
import type { MachineState } from '../record/facts.ts';
import { int32Column, uint8Column } from './columns.ts';
import { Interner } from './interner.ts';
import { Owners } from './owners.ts';

/** Hears that the wish or the ready pods of a workload have changed. */
export interface WorkloadListener {
  /** `slot` is that of the pod whose readiness changed; -1 = it was something else. */
  workloadChanged(owner: number, slot: number): void;
}

const none = -1;
const flagReady = 1;
const flagLost = 2;

/**
 * Ready means condition Ready True, not being deleted, and on a machine that has power: the API server learns of a crash only
 * after the grace period, the users of a service feel it at once. A pod that lost power counts again from its next status on.
 */
export class WorkloadLedger {
  readonly owners = new Owners();
  /** Pods wished, by owner: replicas, nodes of a DaemonSet, what a Job still has to run at a time; 0 where the object is gone. */
  readonly desired: number[] = [];
  readonly ready: number[] = [];
  readonly podsCreated: number[] = [];
  private readonly listener: WorkloadListener;
  private readonly ownerBySlot = int32Column(none);
  private readonly flagsBySlot = uint8Column();
  private readonly nodes = new Interner();
  private readonly isDown: boolean[] = [];
  /** Active pods by node: a doubly linked list over slots. */
  private readonly headByNode: number[] = [];
  private readonly nodeBySlot = int32Column(none);
  private readonly nextSlot = int32Column(none);
  private readonly previousSlot = int32Column(none);

  constructor(listener: WorkloadListener) {
    this.listener = listener;
  }

  committed<K extends Kind>(
    kind: K,
    slot: number,
    before: KindMap[K] | undefined,
    after: KindMap[K] | undefined,
  ): void {
    switch (kind) {
      case 'Pod':
        return this.podCommitted(slot, before as Pod | undefined, after as Pod | undefined);
      case 'ReplicaSet':
        if (after !== undefined) this.link(after as ReplicaSet);
        return this.wish((after ?? before) as ReplicaSet, replicasOf(after as ReplicaSet | undefined));
      case 'Deployment':
      case 'ReplicationController':
      case 'StatefulSet':
        return this.wish((after ?? before)!, replicasOf(after as Deployment | undefined));
      case 'DaemonSet':
        return this.wish((after ?? before)!, daemonWish(after as DaemonSet | undefined));
      case 'Job':
        return this.wish((after ?? before) as Job, after === undefined ? 0 : jobWish(after as Job));
      default:
        return;
    }
  }

  machineChanged(nodeName: string, state: MachineState): void {
    const node = this.nodeIndex(nodeName);
    this.isDown[node] = state === 'down';
    if (state !== 'down') return;
    for (let slot = this.headByNode[node]!; slot !== none; slot = this.nextSlot.at(slot)) {
      this.setReady(slot, false);
      this.flagsBySlot.set(slot, flagLost);
    }
  }

  /** The workloads (see `Owners.top`) of the active pods bound to a node; pods without one are left out. */
  workloadsOn(nodeName: string): readonly number[] {
    const found: number[] = [];
    const node = this.nodes.find(nodeName);
    if (node < 0) return found;
    for (let slot = this.headByNode[node]!; slot !== none; slot = this.nextSlot.at(slot)) {
      const owner = this.ownerBySlot.at(slot);
      if (owner !== none) found.push(this.owners.top(owner));
    }
    return found;
  }

  /** Fewer ready pods than wished. */
  isBelow(owner: number): boolean {
    return (this.ready[owner] ?? 0) < (this.desired[owner] ?? 0);
  }

  private podCommitted(slot: number, before: Pod | undefined, after: Pod | undefined): void {
    if (before === undefined) this.podCreated(slot, after!);
    else if (after !== undefined && after.metadata.ownerReferences !== before.metadata.ownerReferences) {
      this.setReady(slot, false);
      this.ownerBySlot.set(slot, this.ownerOf(after));
    }
    if (after === undefined || !isPodActive(after)) {
      this.setReady(slot, false);
      this.unlinkNode(slot);
      return;
    }
    if (after.spec.nodeName !== '' && this.nodeBySlot.at(slot) === none) this.linkNode(slot, after.spec.nodeName);
    if (after.status !== before?.status) this.regainPower(slot);
    this.setReady(slot, isPodReady(after) && this.flagsBySlot.at(slot) !== flagLost);
  }

  private podCreated(slot: number, pod: Pod): void {
    const owner = this.ownerOf(pod);
    this.ownerBySlot.set(slot, owner);
    this.flagsBySlot.set(slot, 0);
    if (owner === none) return;
    this.addTo(this.podsCreated, owner, 1);
  }

  private ownerOf(pod: Pod): number {
    const owner = this.owners.controllerIndex(pod);
    if (owner !== none) this.grow();
    return owner;
  }

  private regainPower(slot: number): void {
    const node = this.nodeBySlot.at(slot);
    if (this.flagsBySlot.at(slot) === flagLost && node !== none && !this.isDown[node]) this.flagsBySlot.set(slot, 0);
  }

  private setReady(slot: number, isReady: boolean): void {
    const flags = this.flagsBySlot.at(slot);
    if ((flags === flagReady) === isReady) return;
    this.flagsBySlot.set(slot, isReady ? flagReady : 0);
    const owner = this.ownerBySlot.at(slot);
    if (owner === none) return;
    this.addTo(this.ready, owner, isReady ? 1 : -1);
    this.listener.workloadChanged(this.owners.top(owner), slot);
  }

  /** To the controller and to the Deployment above it. */
  private addTo(counts: number[], owner: number, amount: number): void {
    counts[owner]! += amount;
    const top = this.owners.top(owner);
    if (top !== owner) counts[top]! += amount;
  }

  private link(replicaSet: ReplicaSet): void {
    const isNew = this.owners.link(replicaSet);
    this.grow();
    if (!isNew) return;
    const owner = this.owners.indexOf(replicaSet);
    const top = this.owners.top(owner);
    this.ready[top]! += this.ready[owner]!;
    this.podsCreated[top]! += this.podsCreated[owner]!;
    this.listener.workloadChanged(top, none);
  }

  private wish(object: ApiObject, desired: number): void {
    const owner = this.owners.indexOf(object);
    this.grow();
    this.desired[owner] = desired;
    if (this.owners.top(owner) === owner) this.listener.workloadChanged(owner, none);
  }

  private grow(): void {
    while (this.desired.length < this.owners.size) {
      this.desired.push(0);
      this.ready.push(0);
      this.podsCreated.push(0);
    }
  }

  private nodeIndex(name: string): number {
    const node = this.nodes.indexOf(name);
    if (node === this.headByNode.length) {
      this.headByNode.push(none);
      this.isDown.push(false);
    }
    return node;
  }

  private linkNode(slot: number, nodeName: string): void {
    const node = this.nodeIndex(nodeName);
    const head = this.headByNode[node]!;
    this.nodeBySlot.set(slot, node);
    this.nextSlot.set(slot, head);
    this.previousSlot.set(slot, none);
    if (head !== none) this.previousSlot.set(head, slot);
    this.headByNode[node] = slot;
  }

  private unlinkNode(slot: number): void {
    const node = this.nodeBySlot.at(slot);
    if (node === none) return;
    const next = this.nextSlot.at(slot);
    const previous = this.previousSlot.at(slot);
    if (next !== none) this.previousSlot.set(next, previous);
    if (previous !== none) this.nextSlot.set(previous, next);
    else this.headByNode[node] = next;
    this.nodeBySlot.set(slot, none);
  }
}

function replicasOf(object: Deployment | ReplicaSet | StatefulSet | undefined): number {
  return object === undefined || object.metadata.deletionTimestamp !== undefined ? 0 : object.spec.replicas;
}

/** One pod for each node that the DaemonSet is meant for, as its controller counts them. */
function daemonWish(object: DaemonSet | undefined): number {
  return object === undefined || object.metadata.deletionTimestamp !== undefined
    ? 0
    : object.status.desiredNumberScheduled;
}

/** Whether a Job has reached a condition that ends it. */
export function jobOutcome(job: Job): 'Complete' | 'Failed' | undefined {
  for (const { type, status } of job.status.conditions) {
    if (status === 'True' && (type === 'Complete' || type === 'Failed')) return type;
  }
  return undefined;
}

/** Pods a Job wants at a time: parallelism, or what is left of the completions; none when it is suspended or over. */
function jobWish(job: Job): number {
  const { parallelism, completions, suspend } = job.spec;
  if (suspend || job.metadata.deletionTimestamp !== undefined || jobOutcome(job) !== undefined) return 0;
  if (completions === undefined) return job.status.succeeded > 0 ? 0 : parallelism;
  return Math.min(parallelism, Math.max(0, completions - job.status.succeeded));
}
