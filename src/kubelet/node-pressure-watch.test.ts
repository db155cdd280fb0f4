import { describe, expect, test } from 'vitest';
import type { EvictionSignal, EvictionThreshold } from './behavior.ts';
import type { ReadSignal, ResourceUser } from './node-pressure.ts';
import { PressureWatch, byExcess, byProcesses } from './node-pressure.ts';

const memory = (available: number): ReadSignal => signals({ 'memory.available': available });

/** A node of 10,000 of everything, of which so much is left. */
function signals(available: Partial<Record<EvictionSignal, number>>): ReadSignal {
  return (signal) => ({ available: available[signal] ?? 10_000, capacity: 10_000 });
}

function threshold(amount: number, graceUs: number, signal: EvictionSignal = 'memory.available'): EvictionThreshold {
  return { signal, amount, percent: undefined, graceUs };
}

describe('the memory of a node', () => {
  const hard = threshold(100, 0);
  const soft = threshold(1000, 20);

  test('calls for an eviction at once below a hard threshold, and after the grace below a soft one', () => {
    const watch = new PressureWatch([hard, soft], 300);
    expect(watch.pass(0, memory(5000))).toBeUndefined();
    expect(watch.pass(10, memory(500))).toBeUndefined();
    expect(watch.pass(20, memory(500))).toBeUndefined();
    expect(watch.pass(30, memory(500))).toBe(soft);
    expect(watch.pass(40, memory(50))).toBe(hard);
  });

  test('forgets the grace of a threshold that is not met any more', () => {
    const watch = new PressureWatch([soft], 300);
    watch.pass(0, memory(500));
    watch.pass(10, memory(5000));
    expect(watch.pass(20, memory(500))).toBeUndefined();
    expect(watch.pass(40, memory(500))).toBe(soft);
  });

  test('is under pressure from the first pass on that finds a threshold met until the transition is over', () => {
    const watch = new PressureWatch([soft], 300);
    watch.pass(5, memory(5000));
    expect(watch.has('MemoryPressure', 5)).toBe(false);
    watch.pass(10, memory(500));
    expect(watch.has('MemoryPressure', 10)).toBe(true);
    watch.pass(20, memory(5000));
    expect([watch.has('MemoryPressure', 309), watch.has('MemoryPressure', 310)]).toEqual([true, false]);
    expect([watch.isUnsettled(309, memory(5000)), watch.isUnsettled(310, memory(5000))]).toEqual([true, false]);
  });
});

describe('a node that is short of several things', () => {
  const disk: EvictionThreshold = { signal: 'nodefs.available', amount: 0, percent: 10, graceUs: 0 };
  const pids = threshold(50, 0, 'pid.available');
  const hard = threshold(100, 0);

  test('reclaims memory first, and each condition has its own time', () => {
    const watch = new PressureWatch([disk, hard, pids], 300);
    // 10 % of 10,000 are 1,000: 1,000 left are enough.
    expect(watch.pass(0, signals({ 'nodefs.available': 1000 }))).toBeUndefined();
    expect(watch.pass(10, signals({ 'nodefs.available': 999 }))).toBe(disk);
    expect(watch.pass(20, signals({ 'nodefs.available': 999, 'memory.available': 99 }))).toBe(hard);
    expect(watch.pass(30, signals({ 'pid.available': 49 }))).toBe(pids);
    expect(['MemoryPressure', 'DiskPressure', 'PIDPressure'].map((each) => watch.has(each as never, 319))).toEqual([
      true,
      true,
      true,
    ]);
    expect(['MemoryPressure', 'DiskPressure', 'PIDPressure'].map((each) => watch.has(each as never, 329))).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('ranks by priority and number of processes where process ids are short', () => {
    const users = [
      { usage: 3, request: 0, priority: 0, uid: 1 },
      { usage: 9, request: 0, priority: 5, uid: 2 },
      { usage: 4, request: 0, priority: 0, uid: 3 },
    ];
    expect(users.sort(byProcesses).map(({ uid }) => uid)).toEqual([3, 1, 2]);
  });
});

test('pods above their requests go first, then the less important, then those that are most above', () => {
  const user = (name: string, usage: number, request: number, priority = 0): ResourceUser & { name: string } => ({
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
  expect(users.sort(byExcess).map(({ name }) => name)).toEqual([
    'far above',
    'best effort',
    'a little above',
    'important',
    'within its request',
  ]);
});
