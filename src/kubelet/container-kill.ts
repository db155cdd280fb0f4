/** How one container is stopped (upstream `kuberuntime_container.go` killContainer): preStop hook, order, SIGTERM, SIGKILL. */
import type { LifecycleHandler } from '../api/core-v1.ts';
import { SECOND } from '../engine/time.ts';
import type { ContainerExits } from './container-exit.ts';
import { ContainerFlag, Stage } from './container-table.ts';
import { notRunningCode, sigkillExitCode, sigtermExitCode, upstream } from './defaults.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import type { PodWorker } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import type { Prober } from './prober.ts';
import { answerOf } from './scripts.ts';

/** A container on its way to SIGTERM. Times in microseconds. */
interface Ending {
  /** When its grace began. */
  readonly since: number;
  readonly graceSeconds: number;
  /** It waits for others to end first. */
  readonly isOrdered: boolean;
  readonly hook: LifecycleHandler | undefined;
  /** When the hook ends by itself. */
  readonly hookEndsAt: number;
  readonly hookCode: number;
  /** When the hook was over, or nobody waited for it any more; Infinity = it runs. */
  hookOverAt: number;
}

/** Who may be stopped now, where containers of a pod have an order. */
export type StopOrder = (worker: PodWorker, row: number) => boolean;

/** Stops containers. */
export class ContainerKiller {
  private readonly workers: PodWorkers;
  private readonly exits: ContainerExits;
  private readonly prober: Prober;
  private readonly events: KubeletEvents;
  /** By row; few at a time. */
  private readonly endings = new Map<number, Ending>();

  constructor(workers: PodWorkers, exits: ContainerExits, prober: Prober, events: KubeletEvents) {
    this.workers = workers;
    this.exits = exits;
    this.prober = prober;
    this.events = events;
  }

  /** Begins to stop a container that runs, or is taken for running. `message` is that of the event Killing. */
  kill(
    worker: PodWorker,
    row: number,
    graceSeconds: number,
    message: string,
    isOrdered = false,
    runsHook = true,
  ): void {
    const { table, engine } = this.workers;
    const { name, preStop } = worker.container(row);
    if (this.events.areWanted) this.events.pod(this.workers.podOf(worker), 'Normal', 'Killing', message, name);
    const hook = runsHook && graceSeconds > 0 ? preStop : undefined;
    const isAlive = table.isAlive(row);
    if (hook === undefined && !isOrdered) return isAlive ? this.stop(worker, row, graceSeconds) : undefined;
    if (!isAlive && (hook === undefined || hook.sleepSeconds < 0)) return this.failHook(worker, row, hook);
    const { took, code } = hook === undefined ? noHook : this.hookAnswer(worker, row, hook);
    if (isAlive) table.stage[row] = Stage.ending;
    this.endings.set(row, {
      since: engine.now,
      graceSeconds,
      isOrdered,
      hook,
      hookEndsAt: engine.now + took,
      hookCode: code,
      hookOverAt: hook === undefined ? engine.now : Infinity,
    });
  }

  /** Takes containers that are to end as far as they go now. */
  proceed(worker: PodWorker, mayStop: StopOrder): void {
    if (this.endings.size === 0) return;
    const { engine } = this.workers;
    for (let row = worker.firstRow + worker.rowCount - 1; row >= worker.firstRow; row--) {
      const ending = this.endings.get(row);
      // One that has been told to stop keeps its hook as long as both live.
      if (ending === undefined || this.workers.table.stage[row] === Stage.stopping) continue;
      if (ending.hookOverAt === Infinity && hookWaitEnds(ending) <= engine.now) {
        ending.hookOverAt = engine.now;
        if (ending.hookEndsAt <= engine.now) this.tellHook(worker, row, ending, ending.hookCode);
      }
      if (ending.hookOverAt === Infinity) continue;
      if (ending.isOrdered && turnWaitEnds(ending) > engine.now && !mayStop(worker, row)) continue;
      const waitedSeconds = Math.floor((engine.now - ending.hookOverAt) / SECOND);
      const isOver = !this.workers.table.isAlive(row);
      if (isOver || ending.hookEndsAt <= engine.now) this.endings.delete(row);
      if (isOver) continue;
      this.stop(worker, row, graceAfterHook(ending) - waitedSeconds);
    }
  }

  /** A container that was being stopped has ended. */
  ended(worker: PodWorker, row: number): void {
    const ending = this.endings.get(row);
    // A hook that only sleeps is waited for all the same.
    if (ending === undefined || (ending.hookOverAt === Infinity && ending.hook!.sleepSeconds >= 0)) return;
    this.endings.delete(row);
    // The hook ran in the container, and died with it unless it was over.
    if (ending.hook !== undefined && ending.hook.sleepSeconds < 0) {
      const isKilled = ending.hookEndsAt > this.workers.engine.now;
      this.tellHook(worker, row, ending, isKilled ? sigkillExitCode : ending.hookCode);
    }
  }

  /** Whether something about the end of a container is still waited for. */
  isBusy(row: number): boolean {
    return this.workers.table.isAlive(row) || this.endings.has(row);
  }

  /** When the wait for a hook or for a container's turn is over; Infinity = there is none. */
  nextAt(worker: PodWorker): number {
    if (this.endings.size === 0) return Infinity;
    let next = Infinity;
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      const ending = this.endings.get(row);
      if (ending === undefined || this.workers.table.stage[row] === Stage.stopping) continue;
      const wait = ending.hookOverAt === Infinity ? hookWaitEnds(ending) : turnWaitEnds(ending);
      next = Math.min(next, wait);
    }
    return next;
  }

  /** The kubelet is gone: nobody goes on with what had begun. */
  abandon(worker: PodWorker): void {
    for (let row = worker.firstRow; row < worker.firstRow + worker.rowCount; row++) {
      if (!this.endings.delete(row)) continue;
      if (this.workers.table.stage[row] === Stage.ending) this.workers.table.stage[row] = Stage.running;
    }
  }

  /** SIGTERM now, SIGKILL after the grace, which is never less than two seconds. */
  private stop(worker: PodWorker, row: number, graceSeconds: number): void {
    const { table, engine } = this.workers;
    const timeout = Math.max(graceSeconds, upstream.minimumGraceSeconds);
    this.workers.tellCall(worker, row, 'StopContainer', '', timeout);
    const run = this.workers.scripted.run(worker, row);
    const stopAfter = run === undefined ? worker.behavior.stopAfter : run.stopAfter;
    const stopUs =
      run?.ignoresSigterm === true || table.isHung(row)
        ? Infinity
        : stopAfter === undefined
          ? 0
          : this.workers.scripted.duration(stopAfter, worker, row);
    const graceUs = timeout * SECOND;
    table.stage[row] = Stage.stopping;
    const endsAt = engine.now + Math.min(stopUs, graceUs);
    if (endsAt < table.dueAt[row]!) {
      table.dueAt[row] = endsAt;
      table.set(row, ContainerFlag.isStopped, true);
      table.exitCode[row] = stopUs < graceUs ? (run?.stopExitCode ?? sigtermExitCode) : sigkillExitCode;
    }
    if (table.dueAt[row]! > engine.now) return;
    this.prober.instances.containerEnds(worker, row);
    this.exits.record(worker, row);
    this.ended(worker, row);
    this.prober.instances.containerEnded(worker, row);
  }

  private hookAnswer(worker: PodWorker, row: number, hook: LifecycleHandler): { took: number; code: number } {
    if (hook.sleepSeconds >= 0) return { took: hook.sleepSeconds * SECOND, code: 0 };
    const { table, engine } = this.workers;
    const answers = worker.script(row)?.answers ?? [];
    const answer = answerOf(answers, hook.command, engine.now - table.since[row]!, table.attempt(row));
    return { took: answer?.took ?? 0, code: answer?.code ?? 0 };
  }

  /** No command can be run in a container that has ended. */
  private failHook(worker: PodWorker, row: number, hook: LifecycleHandler | undefined): void {
    if (hook === undefined) return;
    this.workers.tellCall(worker, row, 'ExecSync', hook.command, notRunningCode);
    this.tellHookFailure(worker, row);
  }

  private tellHook(worker: PodWorker, row: number, { hook, since }: Ending, code: number): void {
    if (hook!.sleepSeconds < 0) this.workers.tellCall(worker, row, 'ExecSync', hook!.command, code, since);
    if (code !== 0) this.tellHookFailure(worker, row);
  }

  private tellHookFailure(worker: PodWorker, row: number): void {
    if (!this.events.areWanted) return;
    const { name } = worker.container(row);
    this.events.pod(this.workers.podOf(worker), 'Warning', 'FailedPreStopHook', 'PreStopHook failed', name);
  }
}

const noHook = { took: 0, code: 0 };

/** What a hook leaves of the grace, whole seconds. */
function graceAfterHook({ since, graceSeconds, hookOverAt }: Ending): number {
  return graceSeconds - Math.floor((hookOverAt - since) / SECOND);
}

/** A container waits for its turn as long as there is grace. */
function turnWaitEnds(ending: Ending): number {
  return ending.hookOverAt + graceAfterHook(ending) * SECOND;
}

/** A hook is given the whole grace. */
function hookWaitEnds({ since, graceSeconds, hookEndsAt }: Ending): number {
  return Math.min(hookEndsAt, since + graceSeconds * SECOND);
}
