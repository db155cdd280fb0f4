import { expect, it } from 'vitest';
import { SECOND } from '../engine/time.ts';
import { SchedulerFixture } from '../testing/scheduler-fixture.ts';
import { backoffDuration, backoffExpiration, defaultBackoffLimits, isBackingOff } from './backoff.ts';
import { QueuedPodInfo } from './framework/queued-pod-info.ts';

function failed(unschedulable: number, errors: number, at = 0): QueuedPodInfo {
  const fixture = new SchedulerFixture();
  const info = new QueuedPodInfo(fixture.podInfos.podInfo(fixture.pod()), at, 0);
  info.unschedulableCount = unschedulable;
  info.consecutiveErrorsCount = errors;
  return info;
}

it.each([
  // refusals, errors in a row, seconds
  [0, 0, 0],
  [1, 0, 1],
  [2, 0, 2],
  [3, 0, 4],
  [4, 0, 8],
  [5, 0, 10],
  [60, 0, 10],
  // Errors count for themselves.
  [5, 1, 1],
  [0, 3, 4],
])('after %i refusals and %i errors in a row it is %i s', (unschedulable, errors, seconds) => {
  expect(backoffDuration(failed(unschedulable, errors), defaultBackoffLimits)).toBe(seconds * SECOND);
});

it('never exceeds a maximum below the initial value, and a maximum of 0 turns it off', () => {
  expect(backoffDuration(failed(1, 0), { initialUs: 5 * SECOND, maxUs: 3 * SECOND })).toBe(3 * SECOND);
  expect(isBackingOff(failed(1, 0), { initialUs: SECOND, maxUs: 0 }, 0)).toBe(false);
});

it('ends on a whole second, and lasts throughout that second', () => {
  // Failed at 10.3 s for the first time: 11.3 is cut to 11; at 11.9 it still holds, at 12.0 no more.
  const info = failed(1, 0, 10.3 * SECOND);
  expect(backoffExpiration(info, defaultBackoffLimits)).toBe(11 * SECOND);
  expect(isBackingOff(info, defaultBackoffLimits, 11.9 * SECOND)).toBe(true);
  expect(isBackingOff(info, defaultBackoffLimits, 12 * SECOND)).toBe(false);
});
