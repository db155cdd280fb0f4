/** What kubelets say about pods, from the sync that finds it to the API server. */
import type { Pod } from '../api/core-v1.ts';
import type { Engine } from '../engine/engine.ts';
import type { PodHop } from '../record/facts.ts';
import type { ContainerTable } from './container-table.ts';
import { lastListKnown } from './node-clock.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import { isProbed } from './probe-worker.ts';
import type { EndReason, PodReport, RowNews } from './report-types.ts';
import { StatusLists } from './container-statuses.ts';
import { makeReport } from './status-report.ts';
import type { StatusWriter } from './status-writer.ts';

/** The pods that are reported on. */
interface ReportedPods {
  readonly endReasons: ReadonlyMap<PodWorker, EndReason>;
  podOf(worker: PodWorker): Pod;
  tellOnce(worker: PodWorker, flag: number, hop: PodHop, time: number): void;
}

/** Makes reports, and keeps them until they may be sent. */
export class PodReports {
  isApiReachable = true;
  private readonly pods: ReportedPods;
  private readonly engine: Engine;
  private readonly table: ContainerTable;
  private readonly writer: StatusWriter;
  private readonly lists = new StatusLists();
  /** What the last syncs found and nobody has been told. */
  private readonly reports = new Map<PodWorker, PodReport>();
  /** What was sent last of pods whose containers may have news: it may still be on its way, so that the object does not say it. */
  private readonly sent = new Map<PodWorker, PodReport>();

  constructor(pods: ReportedPods, engine: Engine, table: ContainerTable, writer: StatusWriter) {
    this.pods = pods;
    this.engine = engine;
    this.table = table;
    this.writer = writer;
  }

  /** Sends what is to be reported, if it may be. */
  flush(worker: PodWorker): void {
    const report = this.reports.get(worker);
    if (report === undefined || !this.canTalk(worker)) return;
    this.reports.delete(worker);
    if (mayHaveNews(worker)) this.sent.set(worker, report);
    if (worker.slot >= 0) this.writer.report(worker.node, this.pods.podOf(worker), report);
  }

  /** Whether the API server hears this kubelet. */
  canTalk({ node }: PodWorker): boolean {
    return this.isApiReachable && node.isConnected;
  }

  /** Whether the status of a pod that has ended does not say all there is to say. */
  needsLastWord(worker: PodWorker): boolean {
    const pod = this.pods.podOf(worker);
    return (
      pod.metadata.deletionTimestamp !== undefined || this.pods.endReasons.has(worker) || !worker.has(WorkerFlag.told)
    );
  }

  /** Removes the object of a pod that is to be deleted and has ended. */
  removeObject(worker: PodWorker): void {
    this.flush(worker);
    if (worker.slot < 0) return;
    const pod = this.pods.podOf(worker);
    if (pod.metadata.deletionTimestamp !== undefined) this.writer.remove(worker.node, pod);
  }

  /**
   * Takes down what is known of a pod now, to be sent when the event is over.
   *
   * @param seenUntil see `seenUntil`.
   * @param isLast nothing more is to come: a pod that has not succeeded has failed.
   */
  publish(worker: PodWorker, seenUntil: number, isLast = false): PodReport {
    worker.clear(WorkerFlag.needsReport);
    const report = this.take(worker, seenUntil, isLast);
    this.forgetRestarting(worker);
    return report;
  }

  /** A status that follows one that says why a container waits does not say it again. */
  private forgetRestarting({ firstRow, rowCount }: PodWorker): void {
    const { restarting } = this.table;
    if (restarting.size === 0) return;
    for (let row = firstRow; row < firstRow + rowCount; row++) restarting.delete(row);
  }

  private take(worker: PodWorker, seenUntil: number, isLast: boolean, news?: RowNews): PodReport {
    const end = this.pods.endReasons.get(worker);
    const pod = this.pods.podOf(worker);
    const isDeleted = pod.metadata.deletionTimestamp !== undefined;
    const report = makeReport(worker, this.table, this.lists, {
      at: worker.node.secondsAt(this.engine.now),
      seenUntil,
      end,
      isDeleted,
      isLast,
      news,
    });
    if (report.areContainersReady) this.pods.tellOnce(worker, WorkerFlag.toldReady, 'ready', this.engine.now);
    this.reports.set(worker, report);
    return report;
  }

  /** Says whether one container is ready, or started, and of the others what has been said before. */
  publishRow(worker: PodWorker, row: number, what: RowNews['what']): void {
    const told = this.reports.get(worker) ?? this.sent.get(worker) ?? this.pods.podOf(worker).status;
    const { containerStatuses, initContainerStatuses } = told;
    this.take(worker, this.seenUntil(worker), false, { row, what, containerStatuses, initContainerStatuses });
  }

  /** Up to when the kubelet knows the containers of a pod: its last list of all, or the one of this pod after a sync. */
  seenUntil(worker: PodWorker): number {
    const { freshAt } = worker;
    return freshAt <= this.engine.now ? Math.max(this.listedUntil(worker), freshAt) : this.listedUntil(worker);
  }

  /** When the last list of all containers was made whose findings the kubelet knows. */
  listedUntil({ node }: PodWorker): number {
    return lastListKnown(node.relistPhaseUs, this.engine.now, node.slowdown);
  }

  forget(worker: PodWorker): void {
    this.reports.delete(worker);
    this.sent.delete(worker);
  }
}

/** Whether the readiness of a container depends on more than that it runs. */
function mayHaveNews({ spec, behavior }: PodWorker): boolean {
  return behavior.readyAfter !== undefined || spec.containers.some(isProbed) || spec.initContainers.some(isProbed);
}
