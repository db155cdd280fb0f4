/** What follows the end of a container: restart at once, after a back-off, or not at all. */
import { SECOND } from '../engine/time.ts';
import {
  containerCreating,
  lostWithMachine,
  podInitializing,
  terminatedState,
  waitingState,
} from './container-states.ts';
import { ContainerFlag, Stage } from './container-table.ts';
import { backOffEventMessage, crashLoopMessage } from './kubelet-events.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import { isSidecar, restarts } from './pod-phase.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { BackoffEntry } from './restart-backoff.ts';
import { afterRestart, restartAt } from './restart-backoff.ts';

/** Ends of containers, and the crash-loop back-offs that they lead to. */
export class ContainerExits {
  private readonly workers: PodWorkers;
  private readonly events: KubeletEvents;
  /** Crash-loop back-off by row; only of containers that have been restarted. */
  private readonly backoffs = new Map<number, BackoffEntry>();

  constructor(workers: PodWorkers, events: KubeletEvents) {
    this.workers = workers;
    this.events = events;
  }

  /** A process ends under the eyes of its kubelet. */
  handle(worker: PodWorker, row: number): void {
    this.record(worker, row);
    if (this.workers.table.stage[row] === Stage.exited) this.decide(worker, row);
  }

  /** The process has ended now, with the exit code of its row. */
  record(worker: PodWorker, row: number): void {
    const { table, recorder, engine, server } = this.workers;
    const code = table.exitCode[row]!;
    const startedAt = Math.floor(table.since[row]! / SECOND);
    const state = terminatedState(code, startedAt, server.nowSeconds);
    table.state[row] = state;
    table.since[row] = engine.now;
    table.stage[row] = table.stage[row] === Stage.stopping ? Stage.done : Stage.exited;
    this.clearTimes(row);
    if (row >= worker.firstRow + worker.initCount) {
      const index = row - worker.firstRow - worker.initCount;
      recorder.containerExited(this.workers.podOf(worker), index, code, state.reason);
    }
    this.workers.note(worker);
  }

  /** The container is gone with its machine: nothing is written, and a new instance is a restart. */
  lose(worker: PodWorker, row: number): void {
    const { table, recorder } = this.workers;
    const isRunning = table.stage[row] === Stage.running || table.stage[row] === Stage.stopping;
    if (isRunning && row >= worker.firstRow + worker.initCount) {
      const index = row - worker.firstRow - worker.initCount;
      recorder.containerExited(this.workers.podOf(worker), index, lostWithMachine.exitCode, lostWithMachine.reason);
    }
    if (isRunning) {
      table.setLastState(row, lostWithMachine);
      table.exitCode[row] = lostWithMachine.exitCode;
    } else if (table.state[row]!.phase === 'terminated') table.setLastState(row, table.state[row]);
    table.state[row] = worker.initCount > 0 ? podInitializing : containerCreating;
    table.stage[row] = Stage.waiting;
    table.since[row] = -1;
    this.clearTimes(row);
    this.backoffs.delete(row);
  }

  /** Chooses what follows an exit that the kubelet sees now. */
  decide(worker: PodWorker, row: number): void {
    const { table, engine, settings } = this.workers;
    if (worker.has(WorkerFlag.terminating) || !this.isRestarted(worker, row)) {
      table.stage[row] = Stage.done;
      return;
    }
    if (table.restartCount[row]! >= worker.behavior.failAfterRestarts) return this.giveUp(worker, row);
    const entry = this.backoffs.get(row);
    const startAt = restartAt(entry, table.since[row]!, settings.restartBackoff);
    if (startAt <= engine.now) table.stage[row] = Stage.waiting;
    else this.backOff(worker, row, startAt, entry!.delayUs);
  }

  /** A container that ran before is about to start again. */
  noteRestart(row: number): void {
    const { table, engine, settings } = this.workers;
    if (table.since[row]! < 0) return;
    this.backoffs.set(row, afterRestart(this.backoffs.get(row), engine.now, settings.restartBackoff));
  }

  /** The kubelet has lost what it knew of this row. */
  forget(row: number): void {
    this.backoffs.delete(row);
  }

  private isRestarted(worker: PodWorker, row: number): boolean {
    const code = this.workers.table.exitCode[row]!;
    const container = this.workers.container(worker, row);
    if (row >= worker.firstRow + worker.initCount) return restarts(worker.spec, code);
    return isSidecar(container) || (code !== 0 && worker.spec.restartPolicy !== 'Never');
  }

  private backOff(worker: PodWorker, row: number, startAt: number, delayUs: number): void {
    const { table } = this.workers;
    const pod = this.workers.podOf(worker);
    const { name } = this.workers.container(worker, row);
    table.stage[row] = Stage.backoff;
    table.dueAt[row] = startAt;
    table.setLastState(row, table.state[row]);
    table.state[row] = waitingState('CrashLoopBackOff', crashLoopMessage(delayUs, name, pod));
    if (this.events.areWanted) this.events.pod(pod, 'Warning', 'BackOff', backOffEventMessage(name, pod));
  }

  /** The scenario's own rule, which Kubernetes does not have: the whole pod fails, so that its controller replaces it. */
  private giveUp(worker: PodWorker, row: number): void {
    const { table } = this.workers;
    table.stage[row] = Stage.done;
    const { name } = this.workers.container(worker, row);
    const message = `not Kubernetes: failAfterRestarts of the scenario, container ${name} ended after ${table.restartCount[row]} restarts`;
    this.workers.terminate(worker, worker.spec.terminationGracePeriodSeconds, { reason: 'FailAfterRestarts', message });
    if (this.events.areWanted) {
      this.events.pod(this.workers.podOf(worker), 'Warning', 'FailAfterRestarts', message);
    }
  }

  private clearTimes(row: number): void {
    const { table } = this.workers;
    table.dueAt[row] = Infinity;
    table.setProbeAt(row, Infinity);
    table.set(row, ContainerFlag.ready, false);
    table.set(row, ContainerFlag.started, false);
    table.set(row, ContainerFlag.startupFails, false);
  }
}
