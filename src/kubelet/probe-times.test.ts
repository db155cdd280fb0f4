import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Probe } from '../api/core-v1.ts';
import { SECOND } from '../engine/time.ts';
import { readyTime, startupOutcome } from './probe-times.ts';

const probes = fc.record({
  initialDelaySeconds: fc.nat(20),
  periodSeconds: fc.integer({ min: 1, max: 12 }),
  timeoutSeconds: fc.constant(1),
  successThreshold: fc.integer({ min: 1, max: 3 }),
  failureThreshold: fc.integer({ min: 1, max: 5 }),
});
const times = fc.nat(25_000).map((milliseconds) => milliseconds * 1000);

/** Attempts every period from `from` on, skipped until the whole seconds of the start time are the delay ago. */
function* attempts(probe: Probe, startedAt: number, from: number): Generator<number> {
  const startedSecond = Math.floor(startedAt / SECOND) * SECOND;
  for (let at = from; ; at += probe.periodSeconds * SECOND) {
    if (at - startedSecond >= probe.initialDelaySeconds * SECOND) yield at;
  }
}

test('readiness is that of a prober which counts successes in a loop', () => {
  fc.assert(
    fc.property(probes, times, times, times, (probe, startedAt, extraUs, answersAfterUs) => {
      const attemptsFrom = startedAt + extraUs;
      const answersFrom = startedAt + answersAfterUs;
      let run = 0;
      let readyAt = -1;
      for (const at of attempts(probe, startedAt, attemptsFrom)) {
        run = at >= answersFrom ? run + 1 : 0;
        readyAt = at;
        if (run === probe.successThreshold) break;
      }
      expect(readyTime(probe, startedAt, attemptsFrom, answersFrom)).toBe(readyAt);
    }),
    { numRuns: 2000 },
  );
});

test('a startup probe ends at the first success or the last allowed failure of such a prober', () => {
  fc.assert(
    fc.property(probes, times, times, (probe, startedAt, answersAfterUs) => {
      let failures = 0;
      let outcome = { at: -1, succeeded: false };
      for (const at of attempts(probe, startedAt, startedAt + probe.periodSeconds * SECOND)) {
        const succeeded = at >= startedAt + answersAfterUs;
        if (!succeeded) failures++;
        outcome = { at, succeeded };
        if (succeeded || failures === probe.failureThreshold) break;
      }
      expect(startupOutcome(probe, startedAt, startedAt + answersAfterUs)).toEqual(outcome);
    }),
  );
});
