import { describe, expect, test } from 'vitest';
import type { Pod } from '../api/core-v1.ts';
import { packCondition } from '../api/pod-status.ts';
import type { ContainerStatus } from '../api/pod-status.ts';
import { SECOND } from '../engine/time.ts';
import { makeContainer, makePod } from '../testing/builders.ts';
import { afterFinished, finishedAt, noFailures, remainingBackoffUs } from './job-backoff.ts';

function container(finished: number, index = 0): ContainerStatus {
  const phase = finished < 0 ? ('running' as const) : ('terminated' as const);
  const state = { phase, reason: '', message: '', exitCode: 0, startedAt: 0, finishedAt: finished };
  return { index, state, lastState: undefined, restartCount: 0, ready: false, started: true };
}

const finished = (at: number): Pod => makePod('p', { status: { containerStatuses: [container(at)] } });

describe('the wait before new pods', () => {
  test.each([
    [1, 10],
    [2, 20],
    [4, 80],
    [6, 320],
    [7, 600],
    [50, 600],
  ])('after %i failures is %i s', (failures, seconds) => {
    expect(remainingBackoffUs({ failures, lastFailure: 100 }, 100 * SECOND)).toBe(seconds * SECOND);
    expect(remainingBackoffUs({ failures, lastFailure: 100 }, (100 + seconds) * SECOND - 1)).toBe(1);
    expect(remainingBackoffUs({ failures, lastFailure: 100 }, (100 + seconds) * SECOND)).toBe(0);
  });

  test('without failures is none', () => {
    expect(remainingBackoffUs(noFailures, 0)).toBe(0);
  });
});

describe('the record', () => {
  test('counts failures up to the next success', () => {
    const two = afterFinished(noFailures, [], [finished(5), finished(7)]);
    expect(two).toEqual({ failures: 2, lastFailure: 7 });
    expect(afterFinished(two, [], [])).toBe(two);
    expect(afterFinished(two, [], [finished(9)])).toEqual({ failures: 3, lastFailure: 9 });
    expect(afterFinished(two, [finished(20)], [])).toEqual(noFailures);
  });

  test('of a batch with a success counts only failures after it', () => {
    const record = { failures: 4, lastFailure: 3 };
    const failed = [finished(10), finished(20), finished(30), finished(31)];
    expect(afterFinished(record, [finished(15), finished(20)], failed)).toEqual({ failures: 2, lastFailure: 31 });
  });
});

describe('a pod finished', () => {
  test('with the last of its containers and sidecars', () => {
    const spec = { initContainers: [makeContainer(), makeContainer({ restartPolicy: 'Always' })] };
    const containerStatuses = [container(40), container(50, 1)];
    const initContainerStatuses = [container(99, 0), container(60, 1)];
    expect(finishedAt(makePod('p', { spec, status: { containerStatuses, initContainerStatuses } }))).toBe(60);
  });

  test('when it stopped to be ready, if a container has not ended', () => {
    const status = { containerStatuses: [container(40), container(-1, 1)], ready: packCondition(false, 33) };
    expect(finishedAt(makePod('p', { status }))).toBe(33);
  });

  test('when its deletion was asked for, or when it was made, if nothing else is known', () => {
    const metadata = { creationTimestamp: 7, deletionTimestamp: 130, deletionGracePeriodSeconds: 30 };
    expect(finishedAt(makePod('p', { metadata }))).toBe(100);
    expect(finishedAt(makePod('p', { metadata: { creationTimestamp: 7 } }))).toBe(7);
  });
});
