import { describe, expect, test } from 'vitest';
import { MINUTE } from '../engine/time.ts';
import { makePod } from '../testing/builders.ts';
import { Expectations, StaleCacheGuard } from './expectations.ts';

describe('expectations', () => {
  test('are satisfied when every creation has been seen or has failed', () => {
    const expectations = new Expectations();
    expect(expectations.isSatisfied('a', 0)).toBe(true);
    expectations.expect('a', 3, [], 0);
    expectations.creationObserved('a');
    expectations.creationObserved('a');
    expect(expectations.isSatisfied('a', 1)).toBe(false);
    expectations.creationObserved('a');
    expect(expectations.isSatisfied('a', 1)).toBe(true);
    expect(expectations.isSatisfied('b', 1)).toBe(true);
  });

  test('of deletions count each pod once, however often it is heard of', () => {
    const expectations = new Expectations();
    expectations.expect('a', 0, [7, 8], 0);
    expectations.deletionObserved('a', 7);
    expectations.deletionObserved('a', 7);
    expectations.deletionObserved('a', 99);
    expect(expectations.isSatisfied('a', 1)).toBe(false);
    expectations.deletionObserved('a', 8);
    expect(expectations.isSatisfied('a', 1)).toBe(true);
  });

  test('are given up after five minutes', () => {
    const expectations = new Expectations();
    expectations.expect('a', 1, [], 1000);
    expect(expectations.isSatisfied('a', 1000 + 5 * MINUTE)).toBe(false);
    expect(expectations.isSatisfied('a', 1001 + 5 * MINUTE)).toBe(true);
  });

  test('go with their owner', () => {
    const expectations = new Expectations();
    expectations.expect('a', 1, [], 0);
    expectations.forget('a');
    expect(expectations.isSatisfied('a', 0)).toBe(true);
  });
});

test('a cache is stale for an owner until it has heard the last write for it', () => {
  const watch = { resourceVersion: 10 };
  const guard = new StaleCacheGuard(watch);
  const written = (resourceVersion: number) =>
    ({ code: 'OK', object: makePod('p', { metadata: { resourceVersion } }), message: '' }) as const;
  expect(guard.isStale('a')).toBe(false);
  guard.wrote('a', written(12));
  guard.wrote('a', written(11));
  guard.wrote('a', { code: 'Conflict', object: undefined, message: '' });
  expect([guard.isStale('a'), guard.isStale('b')]).toEqual([true, false]);
  watch.resourceVersion = 11;
  expect(guard.isStale('a')).toBe(true);
  watch.resourceVersion = 12;
  expect(guard.isStale('a')).toBe(false);
});
