/** A container that runs: since when, and when and how it will end by itself. */
import { ContainerFlag, Stage } from './container-table.ts';
import { RunningStates } from './container-states.ts';
import { sigkillExitCode, upstream } from './defaults.ts';
import { isSidecar } from './pod-phase.ts';
import type { PodWorker } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { Prober } from './prober.ts';
import { statedRunDuration } from './run-duration.ts';

/** Lets containers run. */
export class ContainerRuns {
  private readonly workers: PodWorkers;
  private readonly prober: Prober;
  private readonly running = new RunningStates();

  constructor(workers: PodWorkers, prober: Prober) {
    this.workers = workers;
    this.prober = prober;
  }

  /** The container runs from now on. */
  begin(worker: PodWorker, row: number): void {
    const { table, engine } = this.workers;
    const { hasRun, failedLiveness, failedStartup, redefined, isStopped } = ContainerFlag;
    table.set(row, hasRun, true);
    table.set(row, failedLiveness | failedStartup | redefined | isStopped, false);
    table.reasons.delete(row);
    table.stage[row] = Stage.running;
    table.since[row] = engine.now;
    table.state[row] = this.running.since(worker.node.secondsAt(engine.now));
    this.workers.note(worker);
    this.setExit(worker, row);
    this.prober.instances.containerStarted(worker, row);
    this.workers.usageChanged(worker, row);
  }

  /** When and how the container will end by itself. */
  private setExit(worker: PodWorker, row: number): void {
    const { table, engine, settings } = this.workers;
    const { behavior } = worker;
    const scripted = this.workers.scripted.run(worker, row);
    let runUs = Infinity;
    if (scripted !== undefined) {
      table.exitCode[row] = scripted.exitCode;
      if (scripted.exitAfter !== undefined) runUs = this.workers.scripted.duration(scripted.exitAfter, worker, row);
    } else if (row >= worker.firstRow + worker.initCount) {
      table.exitCode[row] = behavior.exitCode;
      const statedUs = statedRunDuration(this.workers.podOf(worker));
      if (statedUs !== undefined) runUs = statedUs;
      else if (behavior.runDuration !== undefined)
        runUs = this.workers.scripted.duration(behavior.runDuration, worker, row);
      const crashUs =
        behavior.crashInterval === undefined
          ? Infinity
          : this.workers.scripted.duration(behavior.crashInterval, worker, row);
      if (crashUs < runUs) table.exitCode[row] = behavior.crashExitCode;
      runUs = Math.min(runUs, crashUs);
    } else if (!isSidecar(worker.container(row))) {
      table.exitCode[row] = 0;
      runUs = this.workers.scripted.duration(settings.initDuration, worker, row);
    }
    if (worker.isOverLimit(row)) {
      // The kernel ends it as soon as it has taken the memory that its behaviour says.
      runUs = 0;
      table.exitCode[row] = sigkillExitCode;
    }
    table.dueAt[row] = engine.now + (runUs < upstream.quickRunUs ? this.quickRun(worker, row) : runUs);
  }

  /** A process that ends at once may still be there when the containers are listed. */
  private quickRun(worker: PodWorker, row: number): number {
    const { table, engine } = this.workers;
    if (table.attempt(row) < 2) return 0;
    const random = engine.entityRandom('kubelet/quick-run', this.workers.scripted.entity(worker, row));
    return random.double() < upstream.quickRunSeenPart ? upstream.quickRunUs : 0;
  }
}
