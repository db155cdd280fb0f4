/**
 * The probes of all containers (upstream `pkg/kubelet/prober`), without an event per period while nothing changes: attempts
 * that find what the one before found are told afterwards, where somebody listens.
 */
import { ContainerFlag, Stage } from './container-table.ts';
import { sigkillExitCode } from './defaults.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import { isSidecar } from './pod-phase.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import { ProbeResults } from './probe-results.ts';
import { ProbeTargets } from './probe-target.ts';
import { ProbeTeller } from './probe-teller.ts';
import type { ProbeAnswer } from './probe-worker.ts';
import { ProbeWorker, isProbed, probesOf } from './probe-worker.ts';
import { mayStart } from './status-report.ts';

interface ProbedRow {
  readonly probes: readonly ProbeWorker[];
  /** The instance that the status has shown as running; -1 = none. */
  shown: number;
  /** The newest instance was last shown as started. */
  wasStarted: boolean;
  /** The status has shown that the instance has ended. */
  isEndShown: boolean;
  /** It has ended for good, and a probe has found that out: each sync begins a probe anew, which asks for another sync. */
  isOver: boolean;
}

/** A command that died with its container. */
const killed: ProbeAnswer = { isSuccess: false, code: sigkillExitCode, took: 0 };

/** What probes find, and what follows. */
export class Prober {
  private readonly workers: PodWorkers;
  private readonly targets: ProbeTargets;
  private readonly teller: ProbeTeller;
  private readonly results: ProbeResults;
  /** By row; only of containers with probes. */
  private readonly rows = new Map<number, ProbedRow>();

  constructor(workers: PodWorkers, events: KubeletEvents) {
    this.workers = workers;
    this.targets = new ProbeTargets(workers);
    this.teller = new ProbeTeller(workers, events);
    this.results = new ProbeResults(workers);
  }

  /** The marks of all probes of a pod begin now. */
  begin(worker: PodWorker): void {
    const { now } = this.workers.engine;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (this.rows.has(row) || !isProbed(worker.container(row)) || !this.mayBeProbed(worker, row)) continue;
      const probes = probesOf(worker.container(row)).map(([kind, probe]) => new ProbeWorker(kind, probe, now));
      this.rows.set(row, { probes, shown: -1, wasStarted: false, isEndShown: false, isOver: false });
    }
  }

  /** An instance of a container runs: what it is without being asked. */
  containerStarted(worker: PodWorker, row: number): void {
    const { table, engine } = this.workers;
    const { startupProbe, readinessProbe } = worker.container(row);
    table.setProbeAt(row, Infinity);
    const mayBeProbed = this.mayBeProbed(worker, row);
    // One that takes the place of another within a sync counts as started until its startup probe notices.
    const isStarted = startupProbe === undefined || !mayBeProbed || this.rows.get(row)?.wasStarted === true;
    if (isStarted) table.set(row, ContainerFlag.started, true);
    if (!mayBeProbed || readinessProbe !== undefined || !isStarted) return;
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
      if (!table.isAlive(row)) this.shownDead(worker, row, probed);
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
    this.schedule(worker, row, probed);
  }

  /** The status shows an instance as ended: what probes took for true of it is not any more, which their next marks find. */
  private shownDead(worker: PodWorker, row: number, probed: ProbedRow): void {
    const { table, engine } = this.workers;
    if (table.since[row]! > this.workers.reports.seenUntil(worker)) return;
    probed.wasStarted = false;
    if (probed.isEndShown) return;
    probed.isEndShown = true;
    for (const each of probed.probes) each.skipTo(engine.now + 1);
    this.scheduleDead(worker, row, probed);
  }

  /** The next mark of a container that does not run. */
  private scheduleDead(worker: PodWorker, row: number, probed: ProbedRow): void {
    const isThere = this.workers.table.stage[row] === Stage.exited && !worker.has(WorkerFlag.finished);
    let next = Infinity;
    for (const each of probed.probes) {
      const isTold =
        probed.isEndShown && each.result === false && !each.isNew && (probed.isOver || this.startsAgain(worker, row));
      if (!each.isOnHold && !isTold) next = Math.min(next, each.nextAt);
    }
    this.workers.table.setProbeAt(row, isThere ? next : Infinity);
  }

  /** Marks of probes find that the container does not run: that is news where it was thought to be well, and a sync follows. */
  private attendDead(worker: PodWorker, row: number, probed: ProbedRow): void {
    if (this.workers.table.stage[row] !== Stage.exited) return;
    for (const each of probed.probes) {
      if (each.isOnHold || each.nextAt > this.workers.engine.now) continue;
      each.advance();
      if (each.isNew && this.results.begun(worker, row, each)) probed.wasStarted = false;
      if (!probed.isEndShown) {
        this.teller.failToAsk(worker, row, each, probed.wasStarted);
        continue;
      }
      probed.isOver ||= !this.startsAgain(worker, row);
      if (each.result !== false && !worker.has(WorkerFlag.terminating)) worker.set(WorkerFlag.pending);
      each.result = false;
    }
    this.scheduleDead(worker, row, probed);
  }

  private startsAgain(worker: PodWorker, row: number): boolean {
    return isSidecar(worker.container(row)) || mayStart(worker, this.workers.table, row, false);
  }

  /** Whether each sync of the pod leads to another one. */
  asksForSyncs(worker: PodWorker): boolean {
    if (this.rows.size === 0) return false;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (this.rows.get(row)?.isOver === true) return true;
    }
    return false;
  }

  /** A sync looks at containers that are not ready: their readiness is asked for at once, and the marks move. */
  trigger(worker: PodWorker): void {
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
      // What several probes find within one sync leads to one more.
      if (readiness.isNew) worker.set(WorkerFlag.pending);
      readiness.isNew = false;
      if (readiness.nextAt !== engine.now) this.catchUp(worker, row, engine.now);
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
    if (!table.isAlive(row)) return this.attendDead(worker, row, probed);
    this.catchUp(worker, row, engine.now);
    if (this.readyUnaskedAt(worker, row) <= engine.now) this.results.ready(worker, row);
    this.schedule(worker, row, probed);
  }

  /** When a started container that no probe asks for readiness is ready by its behaviour; Infinity where it is, or is asked. */
  private readyUnaskedAt(worker: PodWorker, row: number): number {
    const { table } = this.workers;
    const isAsked = worker.container(row).readinessProbe !== undefined || !this.mayBeProbed(worker, row);
    if (isAsked || !table.has(row, ContainerFlag.started) || table.has(row, ContainerFlag.ready)) return Infinity;
    return this.targets.answersFrom(worker, row);
  }

  /** What a container answers changes by `change`: attempts up to now are made before. */
  change(worker: PodWorker, row: number, change: () => void): void {
    const probed = this.rows.get(row);
    if (probed === undefined || probed.shown !== this.workers.table.restartCount[row]) return change();
    this.catchUp(worker, row, this.workers.engine.now);
    change();
    this.schedule(worker, row, probed);
  }

  /** Of the regular containers nothing but readiness is asked any more: the pod is being stopped. */
  stopKilling(worker: PodWorker): void {
    if (this.rows.size === 0) return;
    for (let row = worker.firstRow + worker.initCount; row < worker.firstRow + worker.rowCount; row++) {
      const probed = this.rows.get(row);
      if (probed === undefined) continue;
      if (this.workers.table.isAlive(row)) this.catchUp(worker, row, this.workers.engine.now);
      for (const probe of probed.probes) if (probe.kind !== 'readiness') probe.isOnHold = true;
    }
  }

  /** Tells the attempts up to now that have had no event of their own. */
  catchUpAll(worker: PodWorker): void {
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (this.rows.has(row) && this.workers.table.isAlive(row)) this.catchUp(worker, row, this.workers.engine.now);
    }
  }

  /** A container has ended: what happened before is told now. */
  containerEnds(worker: PodWorker, row: number): void {
    const probed = this.rows.get(row);
    if (probed === undefined) return;
    this.catchUp(worker, row, this.workers.engine.now - 1);
    // A command dies with its container.
    for (const each of probed.probes) if (each.pendingAnswer !== undefined) this.answered(worker, row, each, killed);
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
    if (probed?.shown === this.workers.table.restartCount[row]) this.scheduleDead(worker, row, probed!);
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

  private mayBeProbed(worker: PodWorker, row: number): boolean {
    return row >= worker.firstRow + worker.initCount || isSidecar(worker.container(row));
  }

  /** Makes all attempts up to a time, in order of their times. */
  private catchUp(worker: PodWorker, row: number, until: number): void {
    const probed = this.rows.get(row)!;
    if (probed.shown !== this.workers.table.restartCount[row]) return;
    for (;;) {
      let next: ProbeWorker | undefined;
      for (const each of probed.probes) {
        // What a startup probe finds the others hear a little later: at one mark it comes last.
        if (each.dueAt <= until && (next === undefined || comesBefore(each, next))) next = each;
      }
      if (next === undefined || this.isLeftToSync(worker, row, next)) return;
      if (next.pendingAnswer === undefined) this.attempt(worker, row, next);
      else this.answered(worker, row, next, next.pendingAnswer);
    }
  }

  /** A container is found dead at a mark of both probes: the sync that stops it asks for readiness before its mark comes. */
  private isLeftToSync(worker: PodWorker, row: number, each: ProbeWorker): boolean {
    const { table, engine, runs } = this.workers;
    if (!each.isMoved || each.nextAt !== engine.now || !table.has(row, ContainerFlag.failedLiveness)) return false;
    if (!table.has(row, ContainerFlag.started) || table.has(row, ContainerFlag.ready)) return false;
    const syncsNow = worker.has(WorkerFlag.pending) && worker.freshAt <= engine.now && !runs.has(worker);
    return syncsNow && !worker.has(WorkerFlag.terminating);
  }

  private attempt(worker: PodWorker, row: number, each: ProbeWorker): void {
    const at = each.nextAt;
    each.advance();
    const target = this.targets.of(worker, row);
    if (each.isNew && this.results.begun(worker, row, each)) this.rows.get(row)!.wasStarted = false;
    if (!each.asks(target, at)) return;
    const answer = target.ask(each.kind, each.probe, at);
    each.askedAt = at;
    if (answer.took === 0) return this.answered(worker, row, each, answer);
    each.pendingAnswer = answer;
    each.knownAt = at + answer.took;
    each.waitFor(each.knownAt);
  }

  private answered(worker: PodWorker, row: number, each: ProbeWorker, answer: ProbeAnswer): void {
    each.pendingAnswer = undefined;
    this.teller.answered(worker, row, each, answer);
    this.results.count(worker, row, each, answer);
    if (each.kind === 'startup' && answer.isSuccess) this.takeKnownReadiness(row);
  }

  /** What was found of an instance while it counted as started holds when its startup probe has found it started. */
  private takeKnownReadiness(row: number): void {
    const { table } = this.workers;
    const isKnown = this.rows.get(row)!.probes.some(({ kind, result }) => kind === 'readiness' && result === true);
    if (isKnown && table.has(row, ContainerFlag.started)) table.set(row, ContainerFlag.ready, true);
  }

  private schedule(worker: PodWorker, row: number, probed: ProbedRow): void {
    const { table } = this.workers;
    if (!table.isAlive(row)) return table.setProbeAt(row, Infinity);
    const target = this.targets.of(worker, row);
    let next = this.readyUnaskedAt(worker, row);
    for (const each of probed.probes) next = Math.min(next, each.newsAt(target));
    table.setProbeAt(row, next);
  }
}

/** Whether `a` asks before `b`, which stands before it in the list. */
function comesBefore(a: ProbeWorker, b: ProbeWorker): boolean {
  if (a.dueAt !== b.dueAt) return a.dueAt < b.dueAt;
  // Marks that a sync has moved come after those that it found.
  return !(a.isMoved && b.kind === 'liveness');
}
