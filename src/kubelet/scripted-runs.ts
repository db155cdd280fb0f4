/** What one run of a container does by its script, and how long its start takes. */
import type { Pod } from '../api/core-v1.ts';
import type { Engine } from '../engine/engine.ts';
import type { ContainerTable } from './container-table.ts';
import type { EntityDuration } from './draw.ts';
import type { PodWorker } from './pod-worker.ts';
import type { ResolvedRun } from './scripts.ts';
import { runOf } from './scripts.ts';

/** Reads scripts of containers by the row of the container table. */
export class ScriptedRuns {
  private readonly engine: Engine;
  private readonly table: ContainerTable;
  private readonly pods: { podOf(worker: PodWorker): Pod };

  constructor(engine: Engine, table: ContainerTable, pods: { podOf(worker: PodWorker): Pod }) {
    this.engine = engine;
    this.table = table;
    this.pods = pods;
  }

  /** The script of the present run of a container. */
  run(worker: PodWorker, row: number): ResolvedRun | undefined {
    const script = worker.script(row);
    return script === undefined ? undefined : runOf(script, this.table.attempt(row));
  }

  /** Reason of the end of a container that nobody has stopped; empty = that of its exit code. */
  exitReason(worker: PodWorker, row: number): string {
    return worker.isOverLimit(row) ? 'OOMKilled' : (this.run(worker, row)?.reason ?? '');
  }

  /** A duration of one start of a container, keyed by who it is and not by when it happens. */
  duration(duration: EntityDuration, worker: PodWorker, row: number): number {
    return duration.constantUs ?? duration.draw(this.engine, this.entity(worker, row));
  }

  /** Identity of one start of a container. */
  entity(worker: PodWorker, row: number): string {
    const { namespace, name } = this.pods.podOf(worker).metadata;
    return `${namespace}/${name}/${row - worker.firstRow}/${this.table.restartCount[row]}`;
  }
}
