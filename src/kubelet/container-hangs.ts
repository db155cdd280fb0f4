/** Containers whose processes stand still for a while. */
import type { ContainerTable } from './container-table.ts';
import { Stage } from './container-table.ts';
import type { PodWorker } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { Prober } from './prober.ts';

/** Begins and ends hangs; what a container had still to run is kept meanwhile. */
export class ContainerHangs {
  private readonly workers: PodWorkers;
  private readonly prober: Prober;

  constructor(workers: PodWorkers, prober: Prober) {
    this.workers = workers;
    this.prober = prober;
  }

  /** The processes of a running container stand still; its name, undefined if none runs that does not hang already. */
  begin(worker: PodWorker, container: string | undefined): string | undefined {
    const { table, engine } = this.workers;
    const row = aliveRow(table, worker, container);
    if (row < 0 || table.isHung(row)) return undefined;
    this.prober.change(worker, row, () => {
      table.hangs.set(row, { isHung: true, changedAt: engine.now, restUs: table.dueAt[row]! - engine.now });
      if (table.stage[row] === Stage.running || table.stage[row] === Stage.ending) table.dueAt[row] = Infinity;
    });
    this.workers.proceed(worker);
    return worker.container(row).name;
  }

  /** They go on where they stood. */
  end(worker: PodWorker, container: string): void {
    const { table, engine } = this.workers;
    const row = aliveRow(table, worker, container);
    const hang = row < 0 ? undefined : table.hangs.get(row);
    if (hang?.isHung !== true) return;
    this.prober.change(worker, row, () => {
      table.hangs.set(row, { ...hang, isHung: false, changedAt: engine.now });
      table.dueAt[row] = Math.min(table.dueAt[row]!, engine.now + hang.restUs);
    });
    this.workers.proceed(worker);
  }
}

/** The row of a container of this name that runs, or of the first main one; -1 = there is none. */
export function aliveRow(table: ContainerTable, worker: PodWorker, container: string | undefined): number {
  const first = container === undefined ? worker.firstRow + worker.initCount : worker.firstRow;
  for (let row = first; row < worker.firstRow + worker.rowCount; row++) {
    const isMeant = container === undefined || worker.container(row).name === container;
    if (isMeant && table.isAlive(row)) return row;
  }
  return -1;
}
