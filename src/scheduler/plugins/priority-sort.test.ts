import { expect, it } from 'vitest';
import { SchedulerFixture } from '../../testing/scheduler-fixture.ts';
import { QueuedPodInfo } from '../framework/queued-pod-info.ts';

function queued(fixture: SchedulerFixture, priority: number, timestamp: number): QueuedPodInfo {
  return new QueuedPodInfo(fixture.podInfos.podInfo(fixture.pod({ priority })), timestamp, 0);
}

it.each([
  // priority and time of a, of b, and whether a goes first
  [5, 20, 1, 10, true],
  [1, 10, 5, 20, false],
  [1, 10, 1, 20, true],
  [1, 20, 1, 10, false],
  [1, 10, 1, 10, false],
  [-1, 10, 0, 20, false],
])('priority %i since %i before priority %i since %i: %s', (priority, since, otherPriority, otherSince, isFirst) => {
  const fixture = new SchedulerFixture();
  const a = queued(fixture, priority, since);
  const b = queued(fixture, otherPriority, otherSince);
  expect(fixture.plugin('PrioritySort').less!(a, b)).toBe(isFirst);
});
