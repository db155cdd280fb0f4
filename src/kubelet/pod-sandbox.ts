/** Sandboxes of pods: how they are made, and that this may fail. */
import type { KubeletEvents } from './kubelet-events.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { SyncRun } from './sync-run.ts';
import { SyncStep } from './sync-run.ts';

/** Makes sandboxes. */
export class PodSandboxes {
  private readonly workers: PodWorkers;
  private readonly events: KubeletEvents;
  /** Failed attempts; only of pods whose sandbox fails. */
  private readonly failures = new Map<PodWorker, number>();

  constructor(workers: PodWorkers, events: KubeletEvents) {
    this.workers = workers;
    this.events = events;
  }

  /** Begins to make a sandbox. @returns when it is ready, microseconds. */
  begin(worker: PodWorker, run: SyncRun): number {
    const { engine, settings } = this.workers;
    const duration = worker.behavior.script?.sandboxDuration ?? settings.sandboxDuration;
    run.step = SyncStep.sandbox;
    run.since = engine.now;
    run.sandboxBegan = engine.now;
    run.dueAt = engine.now + worker.node.slowed(this.workers.scripted.duration(duration, worker, worker.firstRow));
    return run.dueAt;
  }

  /** Whether the next attempt fails. */
  failsNext(worker: PodWorker): boolean {
    return this.problem(worker) !== undefined;
  }

  /** The sandbox is ready, or it has failed and the sync goes no further. */
  over(worker: PodWorker, run: SyncRun, at: number): true {
    run.step = SyncStep.none;
    const problem = this.problem(worker);
    if (problem === undefined) {
      this.ready(worker, run, at);
      this.workers.reports.publish(worker, this.workers.reports.seenUntil(worker));
      this.workers.note(worker);
      return true;
    }
    this.failures.set(worker, (this.failures.get(worker) ?? 0) + 1);
    const error = `rpc error: code = Unknown desc = ${problem}`;
    this.workers.tellCall(worker, -1, 'RunPodSandbox', error, 0, run.since);
    if (this.events.areWanted) {
      const message = `Failed to create pod sandbox: ${error}`;
      this.events.pod(this.workers.podOf(worker), 'Warning', 'FailedCreatePodSandBox', message);
    }
    run.hasError = true;
    run.isBroken = true;
    return true;
  }

  /** The sandbox is there since `at`. */
  ready(worker: PodWorker, run: SyncRun, at: number): void {
    worker.sandboxSince = worker.node.secondsAt(at);
    if (!worker.spec.hostNetwork) worker.address = worker.node.nextAddress();
    this.workers.tellOnce(worker, WorkerFlag.toldSandbox, 'sandbox_ready', at);
    this.workers.tellCall(worker, -1, 'RunPodSandbox', '', 0, run.sandboxBegan);
    this.workers.note(worker);
    run.hasActed = true;
    run.noteChange(at);
  }

  forget(worker: PodWorker): void {
    this.failures.delete(worker);
  }

  private problem(worker: PodWorker): string | undefined {
    const failures = worker.behavior.script?.sandboxFailures ?? 0;
    if ((this.failures.get(worker) ?? 0) < failures) return 'failed to setup network for sandbox: no address left';
    return this.handlerProblem(worker);
  }

  /** A handler that the runtime does not know: no RuntimeClass object stands for it. */
  private handlerProblem({ spec, behavior }: PodWorker): string | undefined {
    const { runtimeClassName } = spec;
    if (runtimeClassName === '' || behavior.script?.isMissing(runtimeClassName) !== true) return undefined;
    return `failed to get sandbox runtime: no runtime for "${runtimeClassName}" is configured`;
  }
}
