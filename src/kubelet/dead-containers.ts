/** Probes of containers that do not run (upstream `pkg/kubelet/prober/worker.go`): what was taken for true of them is not any more. */
import { Stage } from './container-table.ts';
import { mayStart } from './container-statuses.ts';
import { isSidecar } from './pod-phase.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { ProbeResults } from './probe-results.ts';
import type { ProbeTeller } from './probe-teller.ts';
import type { ProbeKind, ProbeWorker } from './probe-worker.ts';
import type { ProbedRow } from './probed-row.ts';

/** Marks of probes at containers that have ended. */
export class DeadContainers {
  private readonly workers: PodWorkers;
  private readonly teller: ProbeTeller;
  private readonly results: ProbeResults;

  constructor(workers: PodWorkers, teller: ProbeTeller, results: ProbeResults) {
    this.workers = workers;
    this.teller = teller;
    this.results = results;
  }

  /** The status shows an instance as ended: what probes took for true of it is not any more, which their next marks find. */
  shown(worker: PodWorker, row: number, probed: ProbedRow): void {
    const { table, engine } = this.workers;
    if (table.since[row]! > this.workers.reports.seenUntil(worker)) return;
    probed.wasStarted = false;
    if (probed.isEndShown) return;
    probed.isEndShown = true;
    for (const each of probed.probes) each.skipTo(engine.now + 1);
    this.schedule(worker, row, probed);
  }

  /** The next mark of a container that does not run. */
  schedule(worker: PodWorker, row: number, probed: ProbedRow): void {
    const isThere = this.workers.table.stage[row] === Stage.exited && !worker.has(WorkerFlag.finished);
    let next = Infinity;
    for (const each of probed.probes) {
      const isKnown = probed.isEndShown && each.result === false && !each.isNew;
      const isTold = isKnown && (each.hasGivenUp || this.startsAgain(worker, row));
      if (!each.isOnHold && !isTold) next = Math.min(next, each.nextAt);
    }
    this.workers.table.setProbeAt(row, isThere ? next : Infinity);
  }

  /** Marks of probes find that the container does not run: that is news where it was thought to be well, and a sync follows. */
  attend(worker: PodWorker, row: number, probed: ProbedRow): void {
    if (this.workers.table.stage[row] !== Stage.exited) return;
    for (const each of probed.probes) {
      if (each.isOnHold || each.nextAt > this.workers.engine.now) continue;
      each.advance();
      const wasNew = each.isNew;
      if (each.isNew && this.results.begun(worker, row, each)) probed.wasStarted = false;
      if (!probed.isEndShown) {
        this.teller.failToAsk(worker, row, each, probed.wasStarted);
        continue;
      }
      each.hasGivenUp = !this.startsAgain(worker, row);
      if (each.result !== false) this.tell(worker, wasNew);
      each.result = false;
    }
    probed.isOver = firstProbe(probed).hasGivenUp;
    this.schedule(worker, row, probed);
  }

  /** That a container is not well is news; with a first look it is one piece of news. */
  private tell(worker: PodWorker, wasNew: boolean): void {
    if (worker.has(WorkerFlag.terminating)) return;
    if (wasNew) worker.set(WorkerFlag.pending);
    else this.results.wantSync(worker);
  }

  /** Whether the end is not for good. */
  private startsAgain(worker: PodWorker, row: number): boolean {
    return isSidecar(worker.container(row)) || mayStart(worker, this.workers.table, row, false);
  }
}

/** As long as this one looks, syncs begin none of the others anew (upstream AddPod, which goes on to the next container). */
function firstProbe({ probes }: ProbedRow): ProbeWorker {
  const of = (wanted: ProbeKind): ProbeWorker | undefined => probes.find(({ kind }) => kind === wanted);
  return of('startup') ?? of('readiness') ?? probes[0]!;
}
