/**
 * The probes of all containers (upstream `pkg/kubelet/prober`), without an event per period while nothing changes: attempts
 * that find what the one before found are told afterwards, where somebody listens.
 */
import { ContainerFlag, Stage } from './container-table.ts';
import { DeadContainers } from './dead-containers.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import { ProbeAttempts } from './probe-attempts.ts';
import { ProbeInstances } from './probe-instances.ts';
import { ProbeResults } from './probe-results.ts';
import { ProbeTargets } from './probe-target.ts';
import { ProbeTeller } from './probe-teller.ts';
import type { ProbedRow } from './probed-row.ts';

/** What syncs and the ends of pods have to do with probes. */
export class Prober {
  readonly instances: ProbeInstances;
  private readonly workers: PodWorkers;
  private readonly teller: ProbeTeller;
  private readonly results: ProbeResults;
  private readonly attempts: ProbeAttempts;
  private readonly dead: DeadContainers;
  /** By row; only of containers with probes. */
  private readonly rows = new Map<number, ProbedRow>();

  constructor(workers: PodWorkers, events: KubeletEvents) {
    this.workers = workers;
    const targets = new ProbeTargets(workers);
    this.teller = new ProbeTeller(workers, events);
    this.results = new ProbeResults(workers);
    this.attempts = new ProbeAttempts(workers, targets, this.teller, this.results);
    this.dead = new DeadContainers(workers, this.teller, this.results);
    this.instances = new ProbeInstances(workers, this.rows, targets, this.attempts, this.dead);
  }

  /** Whether each sync of the pod leads to another one. */
  asksForSyncs(worker: PodWorker): boolean {
    if (this.rows.size === 0) return false;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (this.rows.get(row)?.isOver === true) return true;
    }
    return false;
  }

  /**
   * A sync looks at containers that are not ready: their readiness is asked for at once, and the marks move.
   *
   * @param hearsNews what probes find first is known before the sync is over, and leads to one more.
   */
  trigger(worker: PodWorker, hearsNews = false): void {
    if (this.rows.size === 0) return;
    const { table, engine } = this.workers;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      const probed = this.rows.get(row);
      const readiness = probed?.probes.find(({ kind }) => kind === 'readiness');
      if (readiness === undefined || probed!.shown !== table.restartCount[row]) continue;
      if (!table.isAlive(row)) {
        const isTakenForRunning = table.stage[row] === Stage.exited && !probed!.isEndShown;
        if (isTakenForRunning && readiness.result !== true)
          this.teller.failToAsk(worker, row, readiness, probed!.wasStarted);
        continue;
      }
      if (!table.has(row, ContainerFlag.started) || table.has(row, ContainerFlag.ready)) continue;
      if (readiness.isNew && !(hearsNews && worker.has(WorkerFlag.pending))) this.results.wantSync(worker);
      readiness.isNew = false;
      if (readiness.nextAt !== engine.now) this.attempts.catchUp(worker, row, probed!, engine.now);
      readiness.restart(engine.now);
      this.attend(worker, row);
    }
  }

  /** Whether a sync of the pod would ask a probe that has not found the container ready. */
  isWaiting(worker: PodWorker): boolean {
    if (this.rows.size === 0) return false;
    const { table } = this.workers;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      const probed = this.rows.get(row);
      if (probed === undefined || !table.isAlive(row)) continue;
      if (probed.probes.some(({ kind, result }) => kind === 'readiness' && result !== true)) return true;
    }
    return false;
  }

  /** Asks what is due now. */
  attend(worker: PodWorker, row: number): void {
    const probed = this.rows.get(row);
    const { table, engine } = this.workers;
    table.setProbeAt(row, Infinity);
    if (probed === undefined) {
      if (table.isAlive(row)) this.results.ready(worker, row);
      return;
    }
    if (!table.isAlive(row)) return this.dead.attend(worker, row, probed);
    this.attempts.catchUp(worker, row, probed, engine.now);
    if (this.attempts.readyUnaskedAt(worker, row) <= engine.now) this.results.ready(worker, row);
    this.attempts.schedule(worker, row, probed);
  }

  /** What a container answers changes by `change`: attempts up to now are made before. */
  change(worker: PodWorker, row: number, change: () => void): void {
    const probed = this.rows.get(row);
    if (probed === undefined || probed.shown !== this.workers.table.restartCount[row]) return change();
    this.attempts.catchUp(worker, row, probed, this.workers.engine.now);
    change();
    this.attempts.schedule(worker, row, probed);
  }

  /** Of the regular containers nothing but readiness is asked any more: the pod is being stopped. */
  stopKilling(worker: PodWorker): void {
    if (this.rows.size === 0) return;
    for (let row = worker.firstRow + worker.initCount; row < worker.firstRow + worker.rowCount; row++) {
      const probed = this.rows.get(row);
      if (probed === undefined) continue;
      if (this.workers.table.isAlive(row)) this.attempts.catchUp(worker, row, probed, this.workers.engine.now);
      for (const probe of probed.probes) if (probe.kind !== 'readiness') probe.isOnHold = true;
    }
  }

  /** Tells the attempts up to now that have had no event of their own. */
  catchUpAll(worker: PodWorker): void {
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      const probed = this.rows.get(row);
      if (probed === undefined || !this.workers.table.isAlive(row)) continue;
      this.attempts.catchUp(worker, row, probed, this.workers.engine.now);
    }
  }

  /** The status says how the pod ends: nothing is probed any more. */
  end(worker: PodWorker): void {
    this.catchUpAll(worker);
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (this.rows.has(row)) this.workers.table.setProbeAt(row, Infinity);
    }
    this.forget(worker);
  }

  /** The same before the pod is stopped. What is not ready is asked at once and its probe ends: without one it counts as ready. */
  endBeforeStop(worker: PodWorker): void {
    if (this.rows.size === 0) return;
    const { table } = this.workers;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      const readiness = this.rows.get(row)?.probes.find(({ kind }) => kind === 'readiness');
      if (readiness === undefined || readiness.result === true || readiness.pendingAnswer !== undefined) continue;
      if (!table.isAlive(row) || !table.has(row, ContainerFlag.started)) continue;
      table.set(row, ContainerFlag.ready, true);
      this.workers.note(worker);
    }
    this.end(worker);
  }

  /** The pod is gone, or its kubelet. */
  forget(worker: PodWorker): void {
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) this.rows.delete(row);
  }
}
