/** Pod workers by number, by the store slot of their pod, and by node. */
import type { Pod } from '../api/core-v1.ts';
import { grown } from './columns.ts';
import type { NodeMachine } from './node-machine.ts';
import type { PodWorker } from './pod-worker.ts';

/** Finds workers. */
export class WorkerIndex {
  private readonly workers: (PodWorker | undefined)[] = [];
  private readonly freeIds: number[] = [];
  /** Ids by the store slot of the pod; -1 = none. */
  private idBySlot = new Int32Array(64).fill(noWorker);
  private readonly byNode: PodWorker[][] = [];

  /** The worker of a pod's store slot. */
  of(pod: Pod, slot: number): PodWorker | undefined {
    const worker = this.workers[this.idBySlot[slot] ?? noWorker];
    return worker?.uid === pod.metadata.uid ? worker : undefined;
  }

  /** The workers of a node, in no particular but always the same order. */
  on(node: NodeMachine): readonly PodWorker[] {
    return this.byNode[node.index] ?? noWorkers;
  }

  byId(id: number): PodWorker | undefined {
    return this.workers[id];
  }

  /** A number that no worker has. */
  freeId(): number {
    return this.freeIds.pop() ?? this.workers.push(undefined) - 1;
  }

  /** A worker that is there from now on. */
  enter(worker: PodWorker, slot: number): void {
    const { id, node } = worker;
    this.workers[id] = worker;
    if (slot >= this.idBySlot.length) this.idBySlot = grown(this.idBySlot, slot + 1, noWorker);
    this.idBySlot[slot] = id;
    (this.byNode[node.index] ??= []).push(worker);
  }

  /** A worker that is there no more. */
  leave(worker: PodWorker): void {
    const { id, node } = worker;
    if (worker.slot >= 0) this.leaveSlot(worker);
    const siblings = this.byNode[node.index]!;
    const last = siblings.pop()!;
    if (last !== worker) siblings[siblings.indexOf(worker)] = last;
    this.workers[id] = undefined;
    this.freeIds.push(id);
  }

  /** Another pod may have the slot of this one's object. */
  leaveSlot({ id, slot }: PodWorker): void {
    if (this.idBySlot[slot] === id) this.idBySlot[slot] = noWorker;
  }
}

const noWorker = -1;

const noWorkers: readonly PodWorker[] = [];
