/**
 * Free cpu that pods like those of the workload cannot use, because it lies on nodes they do not fit on: the idea of Weng et
 * al., "Beware of Fragmentation" (USENIX ATC 2023), for cpu, memory and pod slots. The mean over the pods that exist and are
 * not terminal, each weighing the same, of the free cpu on nodes where a pod with its requests does not fit.
 */

/** With more distinct requests than this, those that appear later do not count: a change of a node looks at all of them. */
const shapesMax = 64;

/** What is free on a node. Never negative. */
export interface FreeCapacity {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly pods: number;
}

interface Shape {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  podCount: number;
  /** Sum of free cpu over nodes on which it does not fit, milliCPU. */
  unusableMilli: number;
}

/** The free cpu that pods of the workload cannot use, updated with each change of a node or of the pods. */
export class Fragmentation {
  private readonly shapes: Shape[] = [];
  private readonly free: FreeCapacity[] = [];
  private podCount = 0;

  /** Adds (or with a negative count removes) pods that request this much. */
  addPods(cpuMilli: number, memoryBytes: number, count: number): void {
    const shape = this.shapeOf(cpuMilli, memoryBytes);
    if (shape === undefined) return;
    shape.podCount += count;
    this.podCount += count;
  }

  /** Nodes are numbered densely, in order of first appearance. */
  setFree(node: number, free: FreeCapacity): void {
    const before = this.free[node];
    for (const shape of this.shapes) {
      if (before !== undefined) shape.unusableMilli -= unusable(shape, before);
      shape.unusableMilli += unusable(shape, free);
    }
    this.free[node] = free;
  }

  /** Free cpu that a pod of the workload cannot use, milliCPU, rounded to an integer; 0 without pods. */
  unusableMilli(): number {
    if (this.podCount === 0) return 0;
    let sum = 0;
    for (const shape of this.shapes) sum += shape.podCount * shape.unusableMilli;
    return Math.round(sum / this.podCount);
  }

  private shapeOf(cpuMilli: number, memoryBytes: number): Shape | undefined {
    for (const shape of this.shapes) {
      if (shape.cpuMilli === cpuMilli && shape.memoryBytes === memoryBytes) return shape;
    }
    if (this.shapes.length === shapesMax) return undefined;
    const shape: Shape = { cpuMilli, memoryBytes, podCount: 0, unusableMilli: 0 };
    for (const free of this.free) shape.unusableMilli += unusable(shape, free);
    this.shapes.push(shape);
    return shape;
  }
}

function unusable({ cpuMilli, memoryBytes }: Shape, free: FreeCapacity): number {
  const isFitting = cpuMilli <= free.cpuMilli && memoryBytes <= free.memoryBytes && free.pods >= 1;
  return isFitting ? 0 : free.cpuMilli;
}
