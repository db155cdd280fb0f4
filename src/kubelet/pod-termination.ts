/** How the containers of a pod are stopped (upstream `kuberuntime_container.go` killContainer, `kuberuntime_termination_order.go`). */
import { SECOND } from '../engine/time.ts';
import type { ContainerExits } from './container-exit.ts';
import { statusUnknown } from './container-states.ts';
import { Stage } from './container-table.ts';
import { sigkillExitCode, sigtermExitCode, upstream } from './defaults.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import { isSidecar } from './pod-phase.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';

/** Stops pods: main containers together, then sidecars from the last to the first, all within one grace. */
export class PodTermination {
  private readonly workers: PodWorkers;
  private readonly exits: ContainerExits;
  private readonly events: KubeletEvents;
  /** When the grace of a pod with sidecars is over, microseconds. */
  private readonly graceEnds = new Map<PodWorker, number>();

  constructor(workers: PodWorkers, exits: ContainerExits, events: KubeletEvents) {
    this.workers = workers;
    this.exits = exits;
    this.events = events;
  }

  /** Takes a terminating pod as far as it goes now; at the end it is marked finished. */
  proceed(worker: PodWorker): void {
    if (!worker.has(WorkerFlag.stopping)) this.begin(worker);
    if (this.areOthersRunning(worker)) return;
    for (let row = worker.firstRow + worker.initCount - 1; row >= worker.firstRow; row--) {
      const { table, engine } = this.workers;
      if (table.stage[row] === Stage.running) {
        const leftUs = Math.max(0, (this.graceEnds.get(worker) ?? engine.now) - engine.now);
        this.stop(worker, row, Math.floor(leftUs / SECOND));
      }
      if (table.stage[row] === Stage.stopping) return;
    }
    this.graceEnds.delete(worker);
    this.workers.markFinished(worker);
  }

  /** SIGTERM now, SIGKILL after the grace, which is never less than two seconds. `because` explains it in the event. */
  stop(worker: PodWorker, row: number, graceSeconds: number, because = ''): void {
    const { table, engine } = this.workers;
    if (this.events.areWanted) this.tellKilling(worker, row, because);
    const graceUs = Math.max(graceSeconds, upstream.minimumGraceSeconds) * SECOND;
    const stopUs = this.workers.duration(worker.behavior.stopAfter, worker, row);
    const endsAt = engine.now + Math.min(stopUs, graceUs);
    table.stage[row] = Stage.stopping;
    if (endsAt < table.dueAt[row]!) {
      table.dueAt[row] = endsAt;
      table.exitCode[row] = stopUs <= graceUs ? sigtermExitCode : sigkillExitCode;
    }
    if (table.dueAt[row]! <= engine.now) this.exits.record(worker, row);
  }

  /** A container that is to be restarted is stopped first: it ends soon and is then treated like any exit. */
  stopForRestart(worker: PodWorker, row: number, because: string): void {
    const { table } = this.workers;
    this.stop(worker, row, worker.spec.terminationGracePeriodSeconds, because);
    table.stage[row] = table.stage[row] === Stage.stopping ? Stage.running : Stage.exited;
  }

  private begin(worker: PodWorker): void {
    worker.set(WorkerFlag.stopping);
    const { table, engine } = this.workers;
    const graceSeconds = this.workers.graces.get(worker)!;
    if (worker.initCount > 0) this.graceEnds.set(worker, engine.now + graceSeconds * SECOND);
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (table.stage[row] === Stage.running) {
        if (!this.isSidecarRow(worker, row)) this.stop(worker, row, graceSeconds);
      } else if (table.stage[row] !== Stage.stopping) this.settle(worker, row);
    }
  }

  /** The last state of a container that does not run: how it ended, or that nobody knows it. */
  private settle(worker: PodWorker, row: number): void {
    const { table } = this.workers;
    table.stage[row] = Stage.done;
    table.dueAt[row] = Infinity;
    if (table.state[row]!.phase !== 'waiting') return;
    const last = table.lastState.get(row);
    if (last === undefined && !worker.has(WorkerFlag.initialized)) return;
    table.state[row] = last ?? statusUnknown;
    table.setLastState(row, undefined);
  }

  private areOthersRunning(worker: PodWorker): boolean {
    const { stage } = this.workers.table;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      const isRunning = stage[row] === Stage.running || stage[row] === Stage.stopping;
      if (isRunning && !this.isSidecarRow(worker, row)) return true;
    }
    return false;
  }

  private isSidecarRow(worker: PodWorker, row: number): boolean {
    return row < worker.firstRow + worker.initCount && isSidecar(this.workers.container(worker, row));
  }

  private tellKilling(worker: PodWorker, row: number, because: string): void {
    const { name } = this.workers.container(worker, row);
    const message = because === '' ? `Stopping container ${name}` : `Container ${name} ${because}`;
    this.events.pod(this.workers.podOf(worker), 'Normal', 'Killing', message);
  }
}
