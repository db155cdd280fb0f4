/** Attempts of probes, one after the other in the order of their times, and what comes of them. */
import { ContainerFlag } from './container-table.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { ProbeResults } from './probe-results.ts';
import type { ProbeTargets } from './probe-target.ts';
import type { ProbeTeller } from './probe-teller.ts';
import type { ProbeAnswer, ProbeWorker } from './probe-worker.ts';
import type { ProbedRow } from './probed-row.ts';
import { mayBeProbed } from './probed-row.ts';

/** Asks containers that run. */
export class ProbeAttempts {
  private readonly workers: PodWorkers;
  private readonly targets: ProbeTargets;
  private readonly teller: ProbeTeller;
  private readonly results: ProbeResults;

  constructor(workers: PodWorkers, targets: ProbeTargets, teller: ProbeTeller, results: ProbeResults) {
    this.workers = workers;
    this.targets = targets;
    this.teller = teller;
    this.results = results;
  }

  /** Makes all attempts up to a time, in order of their times. */
  catchUp(worker: PodWorker, row: number, probed: ProbedRow, until: number): void {
    if (probed.shown !== this.workers.table.restartCount[row]) return;
    for (;;) {
      let next: ProbeWorker | undefined;
      for (const each of probed.probes) {
        // What a startup probe finds the others hear a little later: at one mark it comes last.
        if (each.dueAt <= until && (next === undefined || comesBefore(each, next))) next = each;
      }
      if (next === undefined || this.isLeftToSync(worker, row, next)) return;
      if (next.pendingAnswer === undefined) this.attempt(worker, row, probed, next);
      else this.answered(worker, row, probed, next, next.pendingAnswer);
    }
  }

  /** The next attempt that may bring news. */
  schedule(worker: PodWorker, row: number, probed: ProbedRow): void {
    const { table } = this.workers;
    if (!table.isAlive(row)) return table.setProbeAt(row, Infinity);
    const target = this.targets.of(worker, row);
    let next = this.readyUnaskedAt(worker, row);
    for (const each of probed.probes) next = Math.min(next, each.newsAt(target));
    table.setProbeAt(row, next);
  }

  /** When a started container that no probe asks for readiness is ready by its behaviour; Infinity where it is, or is asked. */
  readyUnaskedAt(worker: PodWorker, row: number): number {
    const { table } = this.workers;
    const isAsked = worker.container(row).readinessProbe !== undefined || !mayBeProbed(worker, row);
    if (isAsked || !table.has(row, ContainerFlag.started) || table.has(row, ContainerFlag.ready)) return Infinity;
    return this.targets.answersFrom(worker, row);
  }

  /** A container is found dead at a mark of both probes: the sync that stops it asks for readiness before its mark comes. */
  private isLeftToSync(worker: PodWorker, row: number, each: ProbeWorker): boolean {
    const { table, engine, runs } = this.workers;
    if (!each.isMoved || each.nextAt !== engine.now || !table.has(row, ContainerFlag.failedLiveness)) return false;
    if (!table.has(row, ContainerFlag.started) || table.has(row, ContainerFlag.ready)) return false;
    const syncsNow = worker.has(WorkerFlag.pending) && worker.freshAt <= engine.now && !runs.has(worker);
    return syncsNow && !worker.has(WorkerFlag.terminating);
  }

  private attempt(worker: PodWorker, row: number, probed: ProbedRow, each: ProbeWorker): void {
    const at = each.nextAt;
    each.advance();
    const target = this.targets.of(worker, row);
    if (each.isNew && this.results.begun(worker, row, each)) probed.wasStarted = false;
    if (!each.asks(target, at)) return;
    const answer = target.ask(each.kind, each.probe, at);
    each.askedAt = at;
    if (answer.took === 0) return this.answered(worker, row, probed, each, answer);
    each.pendingAnswer = answer;
    each.knownAt = at + answer.took;
    each.waitFor(each.knownAt);
  }

  /** An attempt has found something. */
  answered(worker: PodWorker, row: number, probed: ProbedRow, each: ProbeWorker, answer: ProbeAnswer): void {
    each.pendingAnswer = undefined;
    this.teller.answered(worker, row, each, answer);
    this.results.count(worker, row, each, answer);
    if (each.kind === 'startup' && answer.isSuccess) this.takeKnownReadiness(row, probed);
  }

  /** What was found of an instance while it counted as started holds when its startup probe has found it started. */
  private takeKnownReadiness(row: number, probed: ProbedRow): void {
    const { table } = this.workers;
    const isKnown = probed.probes.some(({ kind, result }) => kind === 'readiness' && result === true);
    if (isKnown && table.has(row, ContainerFlag.started)) table.set(row, ContainerFlag.ready, true);
  }
}

/** Whether `a` asks before `b`, which stands before it in the list. */
function comesBefore(a: ProbeWorker, b: ProbeWorker): boolean {
  if (a.dueAt !== b.dueAt) return a.dueAt < b.dueAt;
  // Marks that a sync has moved come after those that it found.
  return !(a.isMoved && b.kind === 'liveness');
}
