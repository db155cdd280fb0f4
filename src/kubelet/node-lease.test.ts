import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lastRenewal, nextAtOrAfter } from './node-lease.ts';

test('the arithmetic of leases is that of a poller that renews in a loop', () => {
  const times = fc.integer({ min: -50, max: 300 });
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 40 }), times, fc.nat(400), (firstAt, periodUs, silent, now) => {
      const silentAt = silent < firstAt ? Infinity : silent;
      let last = -1;
      for (let at = firstAt; at <= now && at < silentAt; at += periodUs) if (at >= 0) last = at;
      expect(lastRenewal({ firstAt, periodUs, silentAt }, now)).toBe(last);
    }),
  );
});

test('the next time of a period is the first of the phase that is not past', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(39), fc.nat(400), (period, anyPhase, time) => {
      const phase = anyPhase % period;
      let next = phase;
      while (next < time) next += period;
      expect(nextAtOrAfter(phase, period, time)).toBe(next);
    }),
  );
});
