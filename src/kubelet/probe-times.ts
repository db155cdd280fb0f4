/**
 * When probes change what they say (upstream `pkg/kubelet/prober/worker.go`), without an event per period: attempts come
 * at multiples of the period, and the container answers well from some moment on.
 */
import type { Probe } from '../api/core-v1.ts';
import { SECOND } from '../engine/time.ts';

/**
 * When a readiness probe has succeeded often enough. The first attempt comes the moment the container is seen running, and
 * again right after a startup probe has succeeded: at `attemptsFrom`.
 *
 * @param answersFrom from when the container answers; all times in microseconds.
 */
export function readyTime(probe: Probe, startedAt: number, attemptsFrom: number, answersFrom: number): number {
  const allowedFrom = Math.max(answersFrom, delayEnd(probe, startedAt));
  const first = attemptAtOrAfter(attemptsFrom, probe, allowedFrom);
  return first + (probe.successThreshold - 1) * period(probe);
}

/** How a startup probe ends: the container counts as started, or it has failed `failureThreshold` times and is killed. */
export interface StartupOutcome {
  readonly at: number;
  readonly succeeded: boolean;
}

/** The outcome of a startup probe, whose first attempt comes one period after the start. */
export function startupOutcome(probe: Probe, startedAt: number, answersFrom: number): StartupOutcome {
  const firstAt = attemptAtOrAfter(startedAt + period(probe), probe, delayEnd(probe, startedAt));
  const successAt = attemptAtOrAfter(firstAt, probe, answersFrom);
  const failureAt = firstAt + (probe.failureThreshold - 1) * period(probe);
  return successAt <= failureAt ? { at: successAt, succeeded: true } : { at: failureAt, succeeded: false };
}

/** The initial delay counts whole seconds from a start time that is cut to seconds. */
function delayEnd(probe: Probe, startedAt: number): number {
  return startedAt - (startedAt % SECOND) + probe.initialDelaySeconds * SECOND;
}

function attemptAtOrAfter(firstAt: number, probe: Probe, time: number): number {
  if (time <= firstAt) return firstAt;
  return firstAt + Math.ceil((time - firstAt) / period(probe)) * period(probe);
}

function period(probe: Probe): number {
  return Math.max(1, probe.periodSeconds) * SECOND;
}
