import { describe, expect, test } from 'vitest';
import type { MemoryUser } from './node-memory.ts';
import { MemoryWatch, byMemoryRank } from './node-memory.ts';

describe('the memory of a node', () => {
  const hard = { bytes: 100, graceUs: 0 };
  const soft = { bytes: 1000, graceUs: 20 };

  test('calls for an eviction at once below a hard threshold, and after the grace below a soft one', () => {
    const watch = new MemoryWatch([hard, soft], 300);
    expect(watch.pass(0, 5000)).toBeUndefined();
    expect(watch.pass(10, 500)).toBeUndefined();
    expect(watch.pass(20, 500)).toBeUndefined();
    expect(watch.pass(30, 500)).toBe(soft);
    expect(watch.pass(40, 50)).toBe(hard);
  });

  test('forgets the grace of a threshold that is not met any more', () => {
    const watch = new MemoryWatch([soft], 300);
    watch.pass(0, 500);
    watch.pass(10, 5000);
    expect(watch.pass(20, 500)).toBeUndefined();
    expect(watch.pass(40, 500)).toBe(soft);
  });

  test('is under pressure from the first pass on that finds a threshold met until the transition is over', () => {
    const watch = new MemoryWatch([soft], 300);
    watch.pass(5, 5000);
    expect(watch.hasPressure(5)).toBe(false);
    watch.pass(10, 500);
    expect(watch.hasPressure(10)).toBe(true);
    watch.pass(20, 5000);
    expect([watch.hasPressure(309), watch.hasPressure(310)]).toEqual([true, false]);
    expect([watch.isUnsettled(309, 5000), watch.isUnsettled(310, 5000)]).toEqual([true, false]);
  });
});

test('pods above their requests go first, then the less important, then those that are most above', () => {
  const user = (name: string, usage: number, request: number, priority = 0): MemoryUser & { name: string } => ({
    name,
    usage,
    request,
    priority,
    uid: 1,
  });
  const users = [
    user('within its request', 90, 100),
    user('important', 900, 100, 10),
    user('a little above', 110, 100),
    user('far above', 300, 100),
    user('best effort', 150, 0),
  ];
  expect(users.sort(byMemoryRank).map(({ name }) => name)).toEqual([
    'far above',
    'best effort',
    'a little above',
    'important',
    'within its request',
  ]);
});
