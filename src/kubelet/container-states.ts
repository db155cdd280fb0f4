/** Container states as values. Those that many pods have at once exist once. */
import type { ContainerState } from '../api/pod-status.ts';

/** A state of phase waiting. */
export function waitingState(reason: string, message = ''): ContainerState {
  return { phase: 'waiting', reason, message, exitCode: 0, startedAt: -1, finishedAt: -1 };
}

/** A state of phase terminated; times in whole seconds. `reason` is Completed or Error unless it is given. */
export function terminatedState(exitCode: number, startedAt: number, finishedAt: number, reason = ''): ContainerState {
  const told = reason !== '' ? reason : exitCode === 0 ? 'Completed' : 'Error';
  return { phase: 'terminated', reason: told, message: '', exitCode, startedAt, finishedAt };
}

/** Never started, in a pod without init containers. */
export const containerCreating: ContainerState = Object.freeze(waitingState('ContainerCreating'));
/** Never started, in a pod with init containers. */
export const podInitializing: ContainerState = Object.freeze(waitingState('PodInitializing'));
/** A container that nobody could find any more when its pod was terminated (never started, or lost with its machine). */
export const statusUnknown: ContainerState = Object.freeze({
  ...terminatedState(137, -1, -1, 'ContainerStatusUnknown'),
  message: 'The container could not be located when the pod was terminated',
});
/** A container that ran when its machine went down, or was removed before anybody asked how it had ended. */
export const lostWithMachine: ContainerState = Object.freeze({
  ...statusUnknown,
  message: 'The container could not be located when the pod was deleted.  The container used to be Running',
});

/** All containers of the pod are started anew by the rule of one of them. */
export const restartingAll: ContainerState = Object.freeze(terminatedState(137, -1, -1, 'RestartingAllContainers'));
/** The same, of one that has just been removed. */
export const removedToRestart: ContainerState = Object.freeze(
  waitingState('RestartingAllContainers', 'The container is removed because RestartAllContainers in place'),
);

/** Running states: containers that start in the same second share one. */
export class RunningStates {
  private latest: ContainerState | undefined;

  /** @param startedAt whole seconds. */
  since(startedAt: number): ContainerState {
    if (this.latest?.startedAt !== startedAt) {
      this.latest = { phase: 'running', reason: '', message: '', exitCode: 0, startedAt, finishedAt: -1 };
    }
    return this.latest!;
  }
}
