/** The hook that a container runs when it has started (upstream `kuberuntime_container.go` startContainer, `lifecycle/handlers.go`). */
import { SECOND } from '../engine/time.ts';
import type { ContainerKiller } from './container-kill.ts';
import { waitingState } from './container-states.ts';
import { sigkillExitCode } from './defaults.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import type { PodWorker } from './pod-worker.ts';
import type { PodWorkers } from './pod-workers.ts';
import { answerOf } from './scripts.ts';
import type { SyncRun } from './sync-run.ts';
import { SyncStep } from './sync-run.ts';

/** Runs hooks postStart; a container whose hook fails is killed. */
export class PostStartHook {
  private readonly workers: PodWorkers;
  private readonly killer: ContainerKiller;
  private readonly events: KubeletEvents;

  constructor(workers: PodWorkers, killer: ContainerKiller, events: KubeletEvents) {
    this.workers = workers;
    this.killer = killer;
    this.events = events;
  }

  /** Begins the hook of a container that has one. */
  call(worker: PodWorker, run: SyncRun, row: number): void {
    const { postStart } = worker.container(row);
    if (postStart === undefined) return;
    const { engine } = this.workers;
    run.step = SyncStep.postStart;
    run.since = engine.now;
    run.dueAt = engine.now + this.answer(worker, row).took;
  }

  /** A container has ended: a command of its postStart hook dies with it. */
  containerEnded(worker: PodWorker, row: number): void {
    const run = this.workers.runs.get(worker);
    if (run?.step !== SyncStep.postStart || run.row !== row) return;
    if (worker.container(row).postStart!.sleepSeconds < 0) run.dueAt = this.workers.engine.now;
  }

  /** The hook has answered, or ended with its container. */
  over(worker: PodWorker, run: SyncRun, row: number): void {
    const { table } = this.workers;
    const { name, postStart } = worker.container(row);
    const { took, code: answer } = this.answer(worker, row);
    const code = run.since + took > this.workers.engine.now ? sigkillExitCode : answer;
    const { command, sleepSeconds } = postStart!;
    if (sleepSeconds < 0) this.workers.tellCall(worker, row, 'ExecSync', command, code, run.since);
    if (code === 0) return;
    const why = 'FailedPostStartHook';
    const { namespace, name: podName, uid } = this.workers.podOf(worker).metadata;
    if (this.events.areWanted)
      this.events.pod(this.workers.podOf(worker), 'Warning', why, 'PostStartHook failed', name);
    const message =
      `Exec lifecycle hook ([${command}]) for Container "${name}" in Pod "${podName}_${namespace}(${uid})" failed - ` +
      `error: command '${command}' exited with ${code}: bad, message: "bad"`;
    run.hasError = true;
    table.reasons.set(row, waitingState('PostStartHookError', message));
    run.step = SyncStep.killStarted;
    this.killer.kill(worker, row, worker.spec.terminationGracePeriodSeconds, why);
  }

  private answer(worker: PodWorker, row: number): { readonly took: number; readonly code: number } {
    const { table } = this.workers;
    const { command, sleepSeconds } = worker.container(row).postStart!;
    if (sleepSeconds >= 0) return { took: sleepSeconds * SECOND, code: 0 };
    const answers = worker.script(row)?.answers ?? [];
    return answerOf(answers, command, 0, table.attempt(row)) ?? { took: 0, code: 0 };
  }
}
