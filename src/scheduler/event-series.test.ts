import { expect, it } from 'vitest';
import { podWith } from '../apiserver/pod-object.ts';
import { MINUTE, SECOND } from '../engine/time.ts';
import { makePod } from '../testing/builders.ts';
import { EventSeries } from './event-series.ts';

it('counts the Events of one version of a pod, and begins anew with the next version', () => {
  const series = new EventSeries();
  const pod = makePod('a');
  expect([0, 3, 6, 9].map((seconds) => series.note(pod, seconds * SECOND))).toEqual([1, 2, 3, 4]);
  const next = podWith(pod, { metadata: pod.metadata });
  expect([12, 15].map((seconds) => series.note(next, seconds * SECOND))).toEqual([1, 2]);
  expect(series.note(makePod('b'), 16 * SECOND)).toBe(1);
});

it('forgets a series at the first sweep, every 6 minutes, that finds it silent for as long', () => {
  const series = new EventSeries();
  const pod = makePod('a');
  expect(series.note(pod, 5 * MINUTE)).toBe(1);
  // The sweep at 6 min comes too early, that at 12 min forgets it.
  expect(series.note(pod, 11.9 * MINUTE)).toBe(2);
  expect(series.note(pod, 17.9 * MINUTE)).toBe(3);
  expect(series.note(pod, 23.9 * MINUTE)).toBe(4);
  expect(series.note(pod, 30 * MINUTE)).toBe(1);
});
