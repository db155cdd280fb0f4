import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import { RateLimit } from './rate-limit.ts';

/** A bucket of tokens as the textbook has it, in exact units of one token = `interval` microseconds of refill. */
class TokenBucket {
  private readonly interval: number;
  private readonly burst: number;
  private filled: number;
  private at = 0;

  constructor(interval: number, burst: number) {
    this.interval = interval;
    this.burst = burst;
    this.filled = interval * burst;
  }

  /** The first moment not before `now`, nor before earlier requests, with a whole token. */
  reserve(now: number): number {
    const start = Math.max(now, this.at);
    this.filled = Math.min(this.interval * this.burst, this.filled + start - this.at);
    const wait = Math.max(0, this.interval - this.filled);
    this.at = start + wait;
    this.filled += wait - this.interval;
    return this.at;
  }
}

test('50 queries per second with a burst of 100: a hundred at once, then one each 20 ms', () => {
  const limit = new RateLimit(50, 100);
  const times = Array.from({ length: 103 }, () => limit.reserve(SECOND));
  expect(new Set(times.slice(0, 100))).toEqual(new Set([SECOND]));
  expect(times.slice(100)).toEqual([SECOND + 20_000, SECOND + 40_000, SECOND + 60_000]);
});

test('an idle bucket fills up to its burst and no further', () => {
  const limit = new RateLimit(20, 30);
  for (let i = 0; i < 30; i++) limit.reserve(0);
  const times = Array.from({ length: 31 }, () => limit.reserve(3600 * SECOND));
  expect(times.filter((time) => time === 3600 * SECOND)).toHaveLength(30);
  expect(times[30]).toBe(3600 * SECOND + 50_000);
});

const gaps = fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 200 });

test('agrees with a textbook token bucket', () => {
  fc.assert(
    fc.property(fc.constantFrom(1, 5, 10, 20, 50, 100), fc.integer({ min: 1, max: 40 }), gaps, (qps, burst, steps) => {
      const limit = new RateLimit(qps, burst);
      const bucket = new TokenBucket(SECOND / qps, burst);
      let now = 0;
      for (const step of steps) {
        now += step;
        expect(limit.reserve(now)).toBe(bucket.reserve(now));
      }
    }),
  );
});

test('accepts without waiting exactly when a reservation would not wait, and else takes nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), gaps, (burst, steps) => {
      const limit = new RateLimit(10, burst);
      const bucket = new RateLimit(10, burst);
      let now = 0;
      for (const step of steps) {
        now += step;
        const isAccepted = limit.tryAccept(now);
        const probe = new RateLimit(10, burst);
        Object.assign(probe, bucket);
        expect(isAccepted).toBe(probe.reserve(now) === now);
        if (isAccepted) bucket.reserve(now);
      }
    }),
  );
});
