/** Ends of containers, and the crash-loop back-off that follows them. */
import { lostWithMachine, terminatedState } from './container-states.ts';
import { ContainerFlag, Stage } from './container-table.ts';
import type { PodWorker } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { BackoffEntry } from './restart-backoff.ts';
import { afterRestart, restartAt } from './restart-backoff.ts';

/** How containers end. */
export class ContainerExits {
  private readonly workers: PodWorkers;
  /** Crash-loop back-off by row; only of containers that have been restarted. */
  private readonly backoffs = new Map<number, BackoffEntry>();
  /** When the instance before the newest one ended, microseconds; only of containers that have been restarted. */
  private readonly earlierEnds = new Map<number, number>();

  constructor(workers: PodWorkers) {
    this.workers = workers;
  }

  /** The process has ended now, with the exit code of its row. */
  record(worker: PodWorker, row: number, reason = ''): void {
    const { table, recorder, engine } = this.workers;
    const code = table.exitCode[row]!;
    const { startedAt } = table.state[row]!;
    const state = terminatedState(code, startedAt, worker.node.secondsAt(engine.now), reason);
    table.state[row] = state;
    table.since[row] = engine.now;
    table.stage[row] = Stage.exited;
    table.set(row, ContainerFlag.wasReady, table.has(row, ContainerFlag.ready));
    table.set(row, ContainerFlag.wasStarted, table.has(row, ContainerFlag.started));
    this.clear(row);
    this.workers.tellCall(worker, row, 'Exit', '', code);
    if (row >= worker.firstRow + worker.initCount) {
      const index = row - worker.firstRow - worker.initCount;
      recorder.containerExited(this.workers.podOf(worker), index, code, state.reason);
    }
    this.workers.note(worker);
    this.workers.usageChanged(worker, row);
  }

  /** The container is gone with its machine: nothing is written, and a new instance is a restart. */
  lose(worker: PodWorker, row: number): void {
    const { table, recorder } = this.workers;
    if (table.isAlive(row)) {
      if (row >= worker.firstRow + worker.initCount) {
        const index = row - worker.firstRow - worker.initCount;
        const { exitCode, reason } = lostWithMachine;
        recorder.containerExited(this.workers.podOf(worker), index, exitCode, reason);
      }
      table.setLastState(row, lostWithMachine);
      table.exitCode[row] = lostWithMachine.exitCode;
    } else if (table.state[row] !== undefined) table.setLastState(row, table.state[row]);
    table.state[row] = undefined;
    table.stage[row] = Stage.none;
    table.since[row] = -1;
    table.reasons.delete(row);
    this.clear(row);
    this.forget(row);
  }

  /**
   * Until when the crash-loop back-off holds up a container whose last instance has ended; 0 = it may start.
   *
   * @param wasKilled the sync itself has stopped it: what counts is the end of the instance before.
   */
  backedOffUntil(row: number, wasKilled: boolean): number {
    const finishedAt = this.endThatCounts(row, wasKilled);
    if (finishedAt === undefined) return 0;
    const { engine, settings } = this.workers;
    const startAt = restartAt(this.backoffs.get(row), finishedAt, settings.restartBackoff);
    return startAt <= engine.now ? 0 : startAt;
  }

  /** The present delay of a back-off, microseconds. */
  delayOf(row: number): number {
    return this.backoffs.get(row)?.delayUs ?? 0;
  }

  /** A container that ran before starts again. */
  noteRestart(row: number, wasKilled: boolean): void {
    const { table, engine, settings } = this.workers;
    if (this.endThatCounts(row, wasKilled) !== undefined) {
      this.backoffs.set(row, afterRestart(this.backoffs.get(row), engine.now, settings.restartBackoff));
    }
    if (table.stage[row] === Stage.exited) this.earlierEnds.set(row, table.since[row]!);
  }

  /** A container with another definition has a back-off of its own; its earlier ends count for it. */
  forgetBackoff(row: number): void {
    this.backoffs.delete(row);
  }

  /** The instances of a container are gone from the runtime. */
  forgetEnds(row: number): void {
    this.earlierEnds.delete(row);
  }

  /** The kubelet has lost what it knew of this row. */
  forget(row: number): void {
    this.forgetBackoff(row);
    this.earlierEnds.delete(row);
  }

  private endThatCounts(row: number, wasKilled: boolean): number | undefined {
    const { table } = this.workers;
    if (table.stage[row] !== Stage.exited) return undefined;
    return wasKilled ? this.earlierEnds.get(row) : table.since[row]!;
  }

  private clear(row: number): void {
    const { table } = this.workers;
    table.dueAt[row] = Infinity;
    table.setProbeAt(row, Infinity);
    table.hangs.delete(row);
    // What condemns it stands until the end is seen: the next sync stops it in vain and starts the next instance.
    table.set(row, ContainerFlag.ready | ContainerFlag.started, false);
  }
}
