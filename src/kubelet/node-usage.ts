/** What is in use on a node: memory and disk of its containers as far as behaviours say it, processes, and what runs beside. */
import type { EvictionSignal } from './behavior.ts';
import { ContainerFlag } from './container-table.ts';
import { typical } from './defaults.ts';
import type { ImageSizes } from './images.ts';
import type { NodeMachine } from './node-machine.ts';
import type { Pressure, Reading } from './node-pressure.ts';
import type { PodWorker } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';

/** What a fault puts on a node beside its pods. */
export interface OtherUse {
  memoryBytes: number;
  diskBytes: number;
  processes: number;
}

/** What nodes have of something; bytes, or processes. */
export type NodeCapacity = 'memory' | 'disk' | 'processes';

/** Reads usage off the tables of the kubelets. */
export class NodeUsageReader {
  private readonly workers: PodWorkers;
  private readonly sizes: ImageSizes;

  constructor(workers: PodWorkers) {
    this.workers = workers;
    this.sizes = workers.settings.pulls.sizes;
  }

  /** How much of it the node has in all. */
  capacity(node: NodeMachine, what: NodeCapacity): number {
    if (what === 'processes') return typical.processesMax;
    const capacity = this.workers.server.state.get('Node', '', node.name)?.status.capacity;
    return what === 'memory'
      ? (capacity?.get('memory') ?? Infinity)
      : (capacity?.get('ephemeral-storage') ?? typical.diskBytes);
  }

  /** One file system holds images and pods, so that nodefs and imagefs say the same. */
  read(node: NodeMachine, other: OtherUse, signal: EvictionSignal): Reading {
    if (signal === 'memory.available') {
      const capacity = this.capacity(node, 'memory');
      return { available: capacity - other.memoryBytes - this.sum(node, 'MemoryPressure'), capacity };
    }
    if (signal === 'pid.available') {
      const capacity = this.capacity(node, 'processes');
      return { available: capacity - other.processes - this.sum(node, 'PIDPressure'), capacity };
    }
    const capacity = this.capacity(node, 'disk');
    const used = other.diskBytes + this.imageBytes(node) + this.sum(node, 'DiskPressure');
    return { available: Math.max(0, capacity - used), capacity };
  }

  /** What a pod uses of what a pressure is about. */
  ofPod(worker: PodWorker, pressure: Pressure): number {
    let sum = 0;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      sum += this.ofRow(worker, row, pressure);
    }
    return sum;
  }

  /** The same for one container. */
  ofRow(worker: PodWorker, row: number, pressure: Pressure): number {
    const { table } = this.workers;
    if (pressure === 'PIDPressure') return table.isAlive(row) ? 1 : 0;
    if (pressure === 'MemoryPressure') return this.workers.memory.of(worker, row);
    return table.has(row, ContainerFlag.hasRun) ? (worker.script(row)?.diskBytes ?? 0) : 0;
  }

  /** Images on the node that no pod there uses. */
  unusedImages(node: NodeMachine, keyOf: (image: string) => string): readonly string[] {
    const used = new Set<string>();
    for (const { spec } of this.workers.index.on(node)) {
      for (const { image } of [...spec.initContainers, ...spec.containers]) used.add(keyOf(image));
    }
    return [...node.images].filter((image) => !used.has(image));
  }

  private sum(node: NodeMachine, pressure: Pressure): number {
    let sum = 0;
    for (const worker of this.workers.index.on(node)) sum += this.ofPod(worker, pressure);
    return sum;
  }

  private imageBytes(node: NodeMachine): number {
    let bytes = 0;
    for (const image of node.images) bytes += this.sizes.of(image);
    return bytes;
  }
}
