/** The one pending event of each pod: the earliest moment at which something about it changes by itself. */
import type { Engine, HandlerId } from '../engine/engine.ts';
import type { ActiveDeadlines } from './active-deadline.ts';
import type { ContainerTable } from './container-table.ts';
import type { NodeMachine } from './node-machine.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { SyncRun } from './sync-run.ts';
import type { WorkerIndex } from './worker-index.ts';
import type { WorkerTable } from './worker-table.ts';

/** What may change about pods, and when. */
interface WaitingPods {
  readonly table: ContainerTable;
  readonly index: WorkerIndex;
  readonly runs: ReadonlyMap<PodWorker, SyncRun>;
  readonly queued: ReadonlyMap<PodWorker, number>;
  readonly relists: ReadonlyMap<PodWorker, number>;
  readonly deadlines: ActiveDeadlines;
  readonly reports: { canTalk(worker: PodWorker): boolean };
  readonly actions: { nextAt(worker: PodWorker): number } | undefined;
  isHeldUp(worker: PodWorker): boolean;
}

/** Posts and cancels events of pods. */
export class PodWakes {
  private readonly workers: WaitingPods;
  private readonly engine: Engine;
  private readonly rows: WorkerTable;
  private readonly handler: HandlerId;

  constructor(workers: WaitingPods, engine: Engine, rows: WorkerTable, handler: HandlerId) {
    this.workers = workers;
    this.engine = engine;
    this.rows = rows;
    this.handler = handler;
  }

  /** Posts the event of the earliest change. */
  arm(worker: PodWorker): void {
    const { id, node } = worker;
    const earliest = node.isUp ? this.earliest(worker) : Infinity;
    if (earliest === this.rows.wakeAt[id]) return;
    this.cancel(worker);
    if (earliest === Infinity) return;
    this.rows.wakeAt[id] = earliest;
    this.rows.wakes[id] = this.engine.at(Math.max(earliest, this.engine.now), this.handler, id);
  }

  private earliest(worker: PodWorker): number {
    const { firstRow, rowCount } = worker;
    const { table, runs, queued, relists, reports } = this.workers;
    let earliest = Infinity;
    for (let row = firstRow; row < firstRow + rowCount; row++) earliest = Math.min(earliest, table.dueAt[row]!);
    // Without a kubelet nothing happens but ends of containers.
    if (!worker.node.isKubeletRunning) return earliest;
    earliest = Math.min(earliest, this.workers.actions!.nextAt(worker));
    for (let row = firstRow; row < firstRow + rowCount; row++) earliest = Math.min(earliest, table.probeAt(row));
    const run = runs.size === 0 ? undefined : runs.get(worker);
    if (run !== undefined) earliest = Math.min(earliest, run.dueAt);
    else if (worker.has(WorkerFlag.pending) && !worker.has(WorkerFlag.stopping)) {
      if (!this.workers.isHeldUp(worker)) earliest = Math.min(earliest, worker.freshAt);
    } else if (worker.has(WorkerFlag.finished) && (worker.slot < 0 || reports.canTalk(worker))) {
      earliest = Math.min(earliest, worker.freshAt);
    }
    if (queued.size > 0) earliest = Math.min(earliest, queued.get(worker) ?? Infinity);
    if (relists.size > 0) earliest = Math.min(earliest, relists.get(worker) ?? Infinity);
    return worker.has(WorkerFlag.terminating) ? earliest : Math.min(earliest, this.workers.deadlines.nextAt(worker));
  }

  /** Nothing about the pod is waited for. */
  cancel({ id }: PodWorker): void {
    if (this.rows.wakeAt[id] === Infinity) return;
    this.engine.cancel(this.rows.wakes[id]!);
    this.rows.wakeAt[id] = Infinity;
  }

  /** The node has become slower or faster: sandboxes and containers that are being made go on at its new pace. */
  repace(node: NodeMachine, factor: number, before: number): void {
    if (this.workers.runs.size === 0) return;
    for (const worker of this.workers.index.on(node)) {
      const run = this.workers.runs.get(worker);
      if (run === undefined) continue;
      run.rescale(this.engine.now, factor, before);
      this.arm(worker);
    }
  }
}
