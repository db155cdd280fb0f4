import { grown } from './columns.ts';

const firstCapacity = 64;

/**
 * The numbers of pod workers in columns by worker id: a field of an object takes eight bytes of the heap, and a cluster has
 * a worker for every running pod. Read and written through `PodWorker`, but for the wake-ups.
 */
export class WorkerTable {
  slot = new Int32Array(firstCapacity);
  firstRow = new Int32Array(firstCapacity);
  flags = new Int32Array(firstCapacity);
  /** Whole seconds, as `seenSince`. */
  sandboxSince = new Int32Array(firstCapacity);
  seenSince = new Int32Array(firstCapacity);
  address = new Int32Array(firstCapacity);
  freshAt = new Float64Array(firstCapacity);
  /** When the pending event of a worker comes, microseconds, Infinity = none is pending; and its id. */
  wakeAt = new Float64Array(firstCapacity).fill(Infinity);
  wakes = new Float64Array(firstCapacity);

  /** Makes room for a worker. */
  open(id: number): void {
    if (id < this.slot.length) return;
    const length = id + 1;
    this.slot = grown(this.slot, length);
    this.firstRow = grown(this.firstRow, length);
    this.flags = grown(this.flags, length);
    this.sandboxSince = grown(this.sandboxSince, length);
    this.seenSince = grown(this.seenSince, length);
    this.address = grown(this.address, length);
    this.freshAt = grown(this.freshAt, length);
    this.wakeAt = grown(this.wakeAt, length, Infinity);
    this.wakes = grown(this.wakes, length);
  }
}
