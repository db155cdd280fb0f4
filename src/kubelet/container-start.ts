/** How one container comes to run: back-off, image, creation, start, hook (upstream `kuberuntime_container.go` startContainer). */
import type { ContainerExits } from './container-exit.ts';
import { wasCollected } from './container-gc.ts';
import { ContainerRuns } from './container-run.ts';
import { terminatedState, waitingState } from './container-states.ts';
import { ContainerFlag, Stage } from './container-table.ts';
import type { ContainerImages } from './container-images.ts';
import { backOffEventMessage, crashLoopMessage } from './kubelet-events.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import { upstream } from './defaults.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { Prober } from './prober.ts';
import type { PostStartHook } from './post-start-hook.ts';
import type { SyncRun } from './sync-run.ts';
import { SyncStep } from './sync-run.ts';

/** Exit code of a container that could not be started. */
const startErrorExitCode = 128;

/** Brings containers to run, one step of a sync at a time. */
export class ContainerStarter {
  private readonly workers: PodWorkers;
  private readonly exits: ContainerExits;
  private readonly images: ContainerImages;
  private readonly prober: Prober;
  private readonly events: KubeletEvents;
  private readonly runs: ContainerRuns;
  private readonly hook: PostStartHook;

  constructor(
    workers: PodWorkers,
    exits: ContainerExits,
    images: ContainerImages,
    prober: Prober,
    hook: PostStartHook,
    events: KubeletEvents,
  ) {
    this.workers = workers;
    this.exits = exits;
    this.images = images;
    this.prober = prober;
    this.events = events;
    this.runs = new ContainerRuns(workers, prober);
    this.hook = hook;
  }

  /** The first steps of a start, until one takes time or fails. `from` is when the sandbox is ready. */
  begin(worker: PodWorker, run: SyncRun, row: number, from = this.workers.engine.now): void {
    const { table } = this.workers;
    run.row = row;
    table.set(row, ContainerFlag.planned, false);
    const wasKilled = table.has(row, ContainerFlag.condemned);
    table.set(row, ContainerFlag.condemned, false);
    run.tellsEnd = !wasKilled && !table.reasons.has(row);
    const heldUntil = this.exits.backedOffUntil(row, wasKilled);
    if (heldUntil > 0) return this.holdUp(worker, run, row, heldUntil);
    this.exits.noteRestart(row, wasKilled);
    run.hasActed = true;
    const isLater = from > this.workers.engine.now;
    const refusal = isLater ? undefined : this.images.begin(worker, run, row);
    if (refusal !== undefined) return this.fail(worker, run, row, refusal.reason, refusal.message, refusal.event);
    if (run.step === SyncStep.none) this.create(worker, run, row, from);
  }

  /** The first container's sandbox, whose making is one event with its start, is ready. */
  tellPresent(worker: PodWorker, row: number): void {
    this.images.tellPresent(worker, row);
  }

  /** Whether nothing but time lies between the sandbox and the start of a container, and how much, microseconds. */
  plainStart(worker: PodWorker, row: number): number | undefined {
    const container = worker.container(row);
    if (!this.images.isPresent(worker, row) || container.environmentSources !== undefined) return undefined;
    if (this.workers.table.has(row, ContainerFlag.hasRun)) return undefined;
    return this.createUs(worker, row) + this.startUs(worker, row);
  }

  /** The step of a container that a sync waited for is over. */
  stepOver(worker: PodWorker, run: SyncRun): void {
    const { row } = run;
    const { step } = run;
    run.step = SyncStep.none;
    run.dueAt = Infinity;
    if (step === SyncStep.pull) {
      const failure = this.images.pullOver(worker, row);
      if (failure === undefined) this.create(worker, run, row, this.workers.engine.now);
      else this.fail(worker, run, row, failure.reason, failure.message, failure.event);
    } else if (step === SyncStep.create) {
      const startUs = this.startUs(worker, row);
      this.created(worker, run, row);
      run.step = SyncStep.start;
      run.since = this.workers.engine.now;
      run.dueAt = run.since + startUs;
    } else if (step === SyncStep.start) this.started(worker, run, row);
    else if (step === SyncStep.postStart) this.hook.over(worker, run, row);
  }

  /** A container that runs already; a ready one stays so. */
  adopt(worker: PodWorker, row: number, isReady: boolean): void {
    const { table } = this.workers;
    this.images.addPresent(worker, row);
    this.runs.begin(worker, row);
    this.prober.instances.begin(worker);
    if (isReady) table.set(row, ContainerFlag.started | ContainerFlag.ready, true);
  }

  private holdUp(worker: PodWorker, run: SyncRun, row: number, heldUntil: number): void {
    const pod = this.workers.podOf(worker);
    const { name } = worker.container(row);
    run.hasError = true;
    run.backoffUntil = Math.min(run.backoffUntil, heldUntil);
    const state = waitingState('CrashLoopBackOff', crashLoopMessage(this.exits.delayOf(row), name, pod));
    this.workers.table.reasons.set(row, state);
    this.workers.note(worker);
    if (this.events.areWanted) this.events.pod(pod, 'Warning', 'BackOff', backOffEventMessage(name, pod), name);
  }

  private fail(
    worker: PodWorker,
    run: SyncRun,
    row: number,
    reason: string,
    message: string,
    event = `Error: ${message}`,
  ): void {
    run.hasError = true;
    this.workers.table.reasons.set(row, waitingState(reason, message));
    this.workers.note(worker);
    this.tell(worker, row, 'Warning', 'Failed', event);
  }

  /** Creates and starts the container from `from` on, when its sandbox is ready. */
  private create(worker: PodWorker, run: SyncRun, row: number, from: number): void {
    const missing = this.missingSource(worker, row);
    if (missing !== undefined) return this.fail(worker, run, row, 'CreateContainerConfigError', missing);
    const createUs = this.createUs(worker, row);
    const startUs = this.startUs(worker, row);
    run.since = from;
    run.isCreated = false;
    // Creation and start are one event where nobody could tell them apart.
    run.step = startUs > upstream.untoldUs ? SyncStep.create : SyncStep.start;
    run.dueAt = from + createUs + (run.step === SyncStep.start ? startUs : 0);
  }

  private missingSource(worker: PodWorker, row: number): string | undefined {
    const { script } = worker.behavior;
    const sources = worker.container(row).environmentSources;
    const missing = script === undefined ? undefined : sources?.find(({ name }) => script.isMissing(name));
    return missing === undefined ? undefined : `${missing.kind} "${missing.name}" not found`;
  }

  private createUs(worker: PodWorker, row: number): number {
    const duration = worker.script(row)?.createDuration;
    return duration === undefined ? 0 : worker.node.slowed(this.workers.scripted.duration(duration, worker, row));
  }

  private startUs(worker: PodWorker, row: number): number {
    const duration = worker.script(row)?.startDuration ?? worker.behavior.startDuration;
    return worker.node.slowed(this.workers.scripted.duration(duration, worker, row));
  }

  private started(worker: PodWorker, run: SyncRun, row: number): void {
    const { table } = this.workers;
    if (!run.isCreated) {
      const createUs = this.createUs(worker, row);
      this.created(worker, run, row);
      run.since = Math.min(run.since + createUs, this.workers.engine.now);
    }
    run.noteChange(this.workers.engine.now);
    const error = this.workers.scripted.run(worker, row)?.startError ?? '';
    const detail = error === '' ? '' : `rpc error: code = Unknown desc = ${error}`;
    this.workers.tellCall(worker, row, 'StartContainer', detail, 0, run.since);
    if (error !== '') return this.startFailed(worker, run, row, error);
    if (wasCollected(worker, run, this.workers.engine.now)) return this.collected(worker, row);
    this.runs.begin(worker, row);
    this.tellStarted(worker, row);
    this.hook.call(worker, run, row);
    if (table.dueAt[row]! <= this.workers.engine.now) {
      this.exits.record(worker, row, this.workers.scripted.exitReason(worker, row));
      this.hook.containerEnded(worker, row);
    }
  }

  /** A new instance takes the place of the one before. */
  private created(worker: PodWorker, run: SyncRun, row: number): void {
    const { table } = this.workers;
    if (table.has(row, ContainerFlag.hasRun)) {
      // A status that has not shown the end sees a restart by the runtime's own count only.
      if (!run.tellsEnd && table.attempt(row) < table.toldRestarts(row)) table.leaveUncounted(row);
      table.restartCount[row] = table.restartCount[row]! + 1;
      if (table.state[row] !== undefined) table.setLastState(row, table.state[row]);
    }
    table.set(row, ContainerFlag.hasRun, true);
    run.isCreated = true;
    this.workers.tellCall(worker, row, 'CreateContainer', '', 0, run.since);
    this.tell(worker, row, 'Normal', 'Created', 'Container created');
  }

  private startFailed(worker: PodWorker, run: SyncRun, row: number, error: string): void {
    const { table, engine } = this.workers;
    table.stage[row] = Stage.exited;
    table.since[row] = engine.now;
    table.exitCode[row] = startErrorExitCode;
    table.state[row] = terminatedState(startErrorExitCode, -1, worker.node.secondsAt(engine.now), 'StartError');
    this.fail(worker, run, row, 'RunContainerError', error);
  }

  /** The container has been removed while it was being started: it has never been there. */
  private collected(worker: PodWorker, row: number): void {
    const { table } = this.workers;
    table.set(row, ContainerFlag.hasRun, false);
    table.state[row] = undefined;
    table.stage[row] = Stage.none;
    this.tell(worker, row, 'Normal', 'Started', 'Container started');
  }

  private tellStarted(worker: PodWorker, row: number): void {
    const { table, recorder } = this.workers;
    this.tell(worker, row, 'Normal', 'Started', 'Container started');
    const firstMain = worker.firstRow + worker.initCount;
    if (row < firstMain) return;
    recorder.containerStarted(this.workers.podOf(worker), row - firstMain, table.toldRestarts(row));
    for (let other = firstMain; other < worker.firstRow + worker.rowCount; other++) {
      if (!table.has(other, ContainerFlag.hasRun)) return;
    }
    this.workers.tellOnce(worker, WorkerFlag.toldStarted, 'started', this.workers.engine.now);
  }

  private tell(worker: PodWorker, row: number, type: 'Normal' | 'Warning', reason: string, message: string): void {
    if (!this.events.areWanted) return;
    const { name } = worker.container(row);
    this.events.pod(this.workers.podOf(worker), type, reason, message, name);
  }
}
