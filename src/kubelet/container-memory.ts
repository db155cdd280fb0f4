/** How much memory containers have in use: what their scripts say, or a function of time. */
import type { PodSpec } from '../api/core-v1.ts';
import type { Engine } from '../engine/engine.ts';
import type { PodUsage } from './behavior.ts';
import type { ContainerTable } from './container-table.ts';
import type { MemoryUse } from './memory-use.ts';
import { memoryUses } from './memory-use.ts';
import type { PodWorker } from './pod-worker.ts';
import { usageAt } from './usage-curve.ts';

/** Reads the memory of containers by the row of the container table. */
export class ContainerMemory {
  private readonly table: ContainerTable;
  private readonly engine: Engine;
  /** By behaviour and list of containers, which all pods of a template share. */
  private readonly uses = new WeakMap<PodUsage, WeakMap<PodSpec['containers'], ReturnType<typeof memoryUses>>>();

  constructor(table: ContainerTable, engine: Engine) {
    this.table = table;
    this.engine = engine;
  }

  /** Working set of a container, bytes. */
  of(worker: PodWorker, row: number): number {
    if (!this.table.isAlive(row)) return 0;
    const use = this.useOf(worker, row);
    return use === undefined
      ? (worker.script(row)?.memoryBytes ?? 0)
      : Math.round(usageAt(use.curve, use.request, this.engine.now));
  }

  /** What a container uses of memory as a function of time; undefined = nobody says so. */
  useOf({ behavior, spec, firstRow, initCount }: PodWorker, row: number): MemoryUse | undefined {
    const { usage } = behavior;
    if (usage === undefined) return undefined;
    let byContainers = this.uses.get(usage);
    if (byContainers === undefined) this.uses.set(usage, (byContainers = new WeakMap()));
    let uses = byContainers.get(spec.containers);
    if (uses === undefined) byContainers.set(spec.containers, (uses = memoryUses(spec, usage)));
    return uses[row - firstRow - initCount];
  }
}
