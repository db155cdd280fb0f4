/** Instances of containers that begin and end, as far as probes are concerned (upstream `pkg/kubelet/prober/prober_manager.go`). */
import { ContainerFlag, Stage } from './container-table.ts';
import type { DeadContainers } from './dead-containers.ts';
import { sigkillExitCode } from './defaults.ts';
import type { PodWorker } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { ProbeAttempts } from './probe-attempts.ts';
import type { ProbeTargets } from './probe-target.ts';
import type { ProbeAnswer } from './probe-worker.ts';
import { ProbeWorker, isProbed, probesOf } from './probe-worker.ts';
import type { ProbedRow } from './probed-row.ts';
import { mayBeProbed } from './probed-row.ts';

/** A command that died with its container. */
const killed: ProbeAnswer = { isSuccess: false, code: sigkillExitCode, took: 0 };

/** Begins and ends what is asked of each instance. */
export class ProbeInstances {
  private readonly workers: PodWorkers;
  private readonly rows: Map<number, ProbedRow>;
  private readonly targets: ProbeTargets;
  private readonly attempts: ProbeAttempts;
  private readonly dead: DeadContainers;

  /** @param rows by row of the container table; only of containers with probes. */
  constructor(
    workers: PodWorkers,
    rows: Map<number, ProbedRow>,
    targets: ProbeTargets,
    attempts: ProbeAttempts,
    dead: DeadContainers,
  ) {
    this.workers = workers;
    this.rows = rows;
    this.targets = targets;
    this.attempts = attempts;
    this.dead = dead;
  }

  /** The marks of all probes of a pod begin now. */
  begin(worker: PodWorker): void {
    const { now } = this.workers.engine;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (this.rows.has(row) || !isProbed(worker.container(row)) || !mayBeProbed(worker, row)) continue;
      const probes = probesOf(worker.container(row)).map(([kind, probe]) => new ProbeWorker(kind, probe, now));
      this.rows.set(row, { probes, shown: -1, wasStarted: false, isEndShown: false, isOver: false });
    }
  }

  /** An instance of a container runs: what it is without being asked. */
  containerStarted(worker: PodWorker, row: number): void {
    const { table, engine } = this.workers;
    const { startupProbe, readinessProbe } = worker.container(row);
    table.setProbeAt(row, Infinity);
    const isEverProbed = mayBeProbed(worker, row);
    // One that takes the place of another within a sync counts as started until its startup probe notices.
    const isStarted = startupProbe === undefined || !isEverProbed || this.rows.get(row)?.wasStarted === true;
    if (isStarted) table.set(row, ContainerFlag.started, true);
    if (!isEverProbed || readinessProbe !== undefined || !isStarted) return;
    // Without a probe a container counts as ready as soon as its behaviour says that it answers.
    const readyAt = this.targets.answersFrom(worker, row);
    if (readyAt <= engine.now) table.set(row, ContainerFlag.ready, true);
    else table.setProbeAt(row, readyAt);
  }

  /** The status shows these containers as running: they can be probed from now on. */
  shown(worker: PodWorker): void {
    if (this.rows.size === 0) return;
    const { table } = this.workers;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      const probed = this.rows.get(row);
      if (probed === undefined) continue;
      if (table.stage[row] === Stage.none) continue;
      if (probed.shown !== table.restartCount[row]) this.meet(worker, row, probed);
      if (!table.isAlive(row)) this.dead.shown(worker, row, probed);
    }
  }

  /** A new instance. What is taken for true of it changes with the next marks, and the mark at this very moment comes too early. */
  private meet(worker: PodWorker, row: number, probed: ProbedRow): void {
    const { table, engine } = this.workers;
    probed.shown = table.restartCount[row]!;
    probed.isEndShown = false;
    probed.isOver = false;
    for (const each of probed.probes) {
      each.begin();
      // After a restart of the kubelet a container stays started and ready until a probe says otherwise.
      if (each.kind === 'readiness' && table.has(row, ContainerFlag.ready)) each.keep();
      if (each.kind === 'startup' && table.has(row, ContainerFlag.started) && !probed.wasStarted) each.keep();
      each.skipTo(engine.now + 1);
    }
    this.attempts.schedule(worker, row, probed);
  }

  /**
   * A container has ended: what happened before is told now.
   *
   * @param wasTold it had been told to stop a while ago: a sync asks what it stops before it does so, and the marks of both meet again.
   */
  containerEnds(worker: PodWorker, row: number, wasTold = false): void {
    const probed = this.rows.get(row);
    if (probed === undefined) return;
    const { now } = this.workers.engine;
    this.attempts.catchUp(worker, row, probed, wasTold ? now : now - 1);
    // A command dies with its container.
    for (const each of probed.probes) {
      if (each.pendingAnswer !== undefined) this.attempts.answered(worker, row, probed, each, killed);
    }
    probed.wasStarted = this.workers.table.has(row, ContainerFlag.started);
  }

  /** A container has been removed: the next one has not started before its probe says so. */
  removed(row: number): void {
    const probed = this.rows.get(row);
    if (probed !== undefined) probed.wasStarted = false;
  }

  /** A container has ended, and the status does not say so yet. */
  containerEnded(worker: PodWorker, row: number): void {
    const probed = this.rows.get(row);
    if (probed?.shown === this.workers.table.restartCount[row]) this.dead.schedule(worker, row, probed!);
  }
}
