/** The steps of a sync, in their order: volumes, what has to stop, the sandbox, what has to start (upstream SyncPod). */
import type { ContainerExits } from './container-exit.ts';
import type { ContainerKiller } from './container-kill.ts';
import type { ContainerStarter } from './container-start.ts';
import { restartingAll } from './container-states.ts';
import { ContainerFlag } from './container-table.ts';
import { upstream } from './defaults.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import { isSidecar } from './pod-phase.ts';
import { hasEnded, planSync, rowsToReset } from './pod-plan.ts';
import type { PodSandboxes } from './pod-sandbox.ts';
import type { PodTermination } from './pod-termination.ts';
import type { PodVolumes } from './pod-volumes.ts';
import type { PodWorker } from './pod-worker.ts';
import { WorkerFlag } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { Prober } from './prober.ts';
import type { SyncQueue } from './sync-queue.ts';
import type { SyncRun } from './sync-run.ts';
import { SyncStep } from './sync-run.ts';

/** Those who do the work of single steps. */
export interface SyncHands {
  readonly exits: ContainerExits;
  readonly prober: Prober;
  readonly killer: ContainerKiller;
  readonly starter: ContainerStarter;
  readonly termination: PodTermination;
  readonly sandboxes: PodSandboxes;
  readonly volumes: PodVolumes;
  readonly queue: SyncQueue;
}

/** Takes syncs from step to step. */
export class SyncSteps {
  private readonly workers: PodWorkers;
  private readonly events: KubeletEvents;
  private readonly hands: SyncHands;

  constructor(workers: PodWorkers, events: KubeletEvents, hands: SyncHands) {
    this.workers = workers;
    this.events = events;
    this.hands = hands;
  }

  /** The first step: volumes, and where there is nothing to wait for, the plan. */
  begin(worker: PodWorker, run: SyncRun): void {
    if (this.hands.volumes.begin(worker, run)) this.plan(worker, run);
  }

  /** Takes a sync as far as it goes now; true when it is over. */
  advance(worker: PodWorker, run: SyncRun): boolean {
    for (;;) {
      if (run.step !== SyncStep.none && !this.stepOver(worker, run)) return false;
      if (!this.workers.runs.has(worker)) return true;
      if (run.step === SyncStep.none && !this.nextStep(worker, run)) {
        this.endSync(worker, run);
        return true;
      }
    }
  }

  /** Whether the step in hand is over; what follows from it is done. */
  private stepOver(worker: PodWorker, run: SyncRun): boolean {
    const { now } = this.workers.engine;
    switch (run.step) {
      case SyncStep.volumes:
        if (run.dueAt > now) return false;
        run.step = SyncStep.none;
        if (this.hands.volumes.over(worker, run)) this.plan(worker, run);
        return true;
      case SyncStep.sandbox:
        if (run.dueAt > now) return false;
        return this.hands.sandboxes.over(worker, run, now);
      case SyncStep.kill:
      case SyncStep.killStarted:
        this.hands.killer.proceed(worker, always);
        if (this.hands.killer.isBusy(run.row)) return false;
        run.step = SyncStep.none;
        run.noteChange(this.workers.engine.now);
        return true;
      case SyncStep.killAll:
        if (!this.hands.termination.haveEnded(worker)) return false;
        run.step = SyncStep.none;
        return true;
      default:
        if (run.dueAt > now) return false;
        if (run.mergedSandboxAt >= 0) {
          this.hands.sandboxes.ready(worker, run, run.mergedSandboxAt);
          this.hands.starter.tellPresent(worker, run.row);
          run.mergedSandboxAt = -1;
        }
        this.hands.starter.stepOver(worker, run);
        return true;
    }
  }

  /** Begins the next thing that the sync has to do; false when there is none. */
  private nextStep(worker: PodWorker, run: SyncRun): boolean {
    if (run.restartsAll) return this.restartAll(worker, run);
    if (run.killsPod) return this.killPod(worker, run);
    const condemned = this.nextCondemned(worker, run);
    if (condemned >= 0) return this.killCondemned(worker, run, condemned);
    if (run.needsSandbox) {
      run.needsSandbox = false;
      this.beginSandbox(worker, run);
      return true;
    }
    if (run.isBroken) return false;
    const row = this.rowWith(worker, ContainerFlag.planned);
    if (row < 0) return false;
    this.hands.starter.begin(worker, run, row);
    const isRegularInit = row < worker.firstRow + worker.initCount && !isSidecar(worker.container(row));
    if (isRegularInit && run.hasError) run.isBroken = true;
    return true;
  }

  /** Sandbox and first start are one event where nothing can come between them that lasts long enough to be told. */
  private beginSandbox(worker: PodWorker, run: SyncRun): void {
    const { engine } = this.workers;
    const readyAt = this.hands.sandboxes.begin(worker, run);
    const row = this.rowWith(worker, ContainerFlag.planned);
    const startsUs = row < 0 ? Infinity : this.plainStarts(worker);
    if (readyAt <= engine.now || startsUs > upstream.untoldUs) return;
    // A sandbox that is made so fast that nobody is told that it is missing.
    const madeUs = readyAt - engine.now;
    if (madeUs <= upstream.untoldUs && madeUs + startsUs > upstream.untoldUs) return;
    if (this.hands.sandboxes.failsNext(worker)) return;
    run.step = SyncStep.none;
    this.hands.starter.begin(worker, run, row, readyAt);
    run.mergedSandboxAt = readyAt;
  }

  /** How long the starts of a sync take if nothing but time lies between them and the sandbox, microseconds; else Infinity. */
  private plainStarts(worker: PodWorker): number {
    const { table } = this.workers;
    let us = 0;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (table.has(row, ContainerFlag.planned)) us += this.hands.starter.plainStart(worker, row) ?? Infinity;
    }
    return us;
  }

  private killCondemned(worker: PodWorker, run: SyncRun, row: number): boolean {
    const { table } = this.workers;
    const container = worker.container(row);
    const isRestarted = table.has(row, ContainerFlag.planned);
    run.stoppedRow = row;
    if (!isRestarted) table.set(row, ContainerFlag.condemned, false);
    run.step = SyncStep.kill;
    run.row = row;
    run.dueAt = Infinity;
    run.hasActed = true;
    const isStartup = table.has(row, ContainerFlag.failedStartup);
    const probe = isStartup ? container.startupProbe : container.livenessProbe;
    const isRedefined = table.has(row, ContainerFlag.redefined);
    const why = isRedefined ? 'definition changed' : `failed ${isStartup ? 'startup' : 'liveness'} probe`;
    const grace = isRedefined ? undefined : probe?.terminationGracePeriodSeconds;
    const isInit = row < worker.firstRow + worker.initCount;
    const message = isInit
      ? `Init container ${container.name} ${why}`
      : `Container ${container.name} ${why}${isRestarted ? ', will be restarted' : ''}`;
    this.hands.killer.kill(worker, row, grace ?? worker.spec.terminationGracePeriodSeconds, message);
    return true;
  }

  private killPod(worker: PodWorker, run: SyncRun): boolean {
    if (!run.isKilling) {
      run.isKilling = true;
      run.step = SyncStep.killAll;
      run.dueAt = Infinity;
      this.hands.termination.killAll(worker, worker.spec.terminationGracePeriodSeconds);
      return true;
    }
    this.hands.termination.stopSandbox(worker);
    run.hasActed = true;
    run.noteChange(this.workers.engine.now);
    return false;
  }

  /** Stops and removes all containers one after the other (upstream ContainersToReset). */
  private restartAll(worker: PodWorker, run: SyncRun): boolean {
    const { table } = this.workers;
    for (const row of rowsToReset(worker, table, run.seenUntil)) {
      const isTakenForRunning = !hasEnded(table, row, run.seenUntil);
      if (isTakenForRunning && !(run.isKilling && run.row === row)) {
        run.isKilling = true;
        run.step = SyncStep.kill;
        run.row = row;
        run.dueAt = Infinity;
        this.hands.killer.kill(worker, row, upstream.minimumGraceSeconds, 'killing', false, false);
        return true;
      }
      run.isKilling = false;
      this.removeInstance(row);
    }
    worker.clear(WorkerFlag.initialized);
    this.workers.note(worker);
    run.hasActed = true;
    run.noteChange(this.workers.engine.now);
    return false;
  }

  /** One that waited for its start was not restarted. */
  private removeInstance(row: number): void {
    const { table } = this.workers;
    const waited = table.reasons.has(row);
    table.setLastState(row, waited ? table.state[row] : restartingAll);
    if (waited) table.leaveUncounted(row);
    else table.restarting.add(row);
    table.remove(row);
    this.hands.exits.forgetEnds(row);
    this.hands.prober.instances.removed(row);
  }

  private endSync(worker: PodWorker, run: SyncRun): void {
    const { runs, table } = this.workers;
    runs.delete(worker);
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      table.set(row, ContainerFlag.planned | ContainerFlag.condemned, false);
    }
    this.hands.queue.afterSync(worker, run);
  }

  private plan(worker: PodWorker, run: SyncRun): void {
    this.hands.prober.instances.begin(worker);
    planSync(worker, this.workers.table, run.seenUntil, run);
    if (this.giveUp(worker)) return void this.workers.runs.delete(worker);
  }

  /** The scenario's own rule, which Kubernetes does not have: the whole pod fails, so that its controller replaces it. */
  private giveUp(worker: PodWorker): boolean {
    const { table } = this.workers;
    const limit = worker.behavior.failAfterRestarts;
    if (limit === Infinity) return false;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      const isRestart = table.has(row, ContainerFlag.planned) && table.has(row, ContainerFlag.hasRun);
      if (!isRestart || table.restartCount[row]! < limit) continue;
      const { name } = worker.container(row);
      const message = `not Kubernetes: failAfterRestarts of the scenario, container ${name} ended after ${table.restartCount[row]} restarts`;
      const end = { reason: 'FailAfterRestarts', message, isLasting: true };
      this.workers.terminate(worker, worker.spec.terminationGracePeriodSeconds, end);
      worker.freshAt = this.workers.engine.now;
      if (this.events.areWanted) this.events.pod(this.workers.podOf(worker), 'Warning', end.reason, message);
      return true;
    }
    return false;
  }

  private rowWith(worker: PodWorker, flag: number): number {
    const { table } = this.workers;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (table.has(row, flag)) return row;
    }
    return -1;
  }

  /** The next container that is to be stopped, in their order; one that has ended unseen is stopped in vain. */
  private nextCondemned(worker: PodWorker, { stoppedRow }: SyncRun): number {
    const { table } = this.workers;
    for (let row = Math.max(worker.firstRow, stoppedRow + 1); row < worker.firstRow + worker.rowCount; row++) {
      if (table.has(row, ContainerFlag.condemned)) return row;
    }
    return -1;
  }
}

const always = (): boolean => true;
