import { describe, expect, test } from 'vitest';
import { nodeCondition } from '../api/node-conditions.ts';
import { constant } from '../engine/distributions.ts';
import { SECOND } from '../engine/time.ts';
import { makeContainer, makePod } from '../testing/builders.ts';
import { KubeletHarness, makeBehavior } from '../testing/kubelet-harness.ts';
import type { Behavior, EvictionThreshold } from './behavior.ts';

const gib = 1024 * 1024 * 1024;

function using(name: string, memoryBytes: number): Behavior {
  const script = {
    name: '*',
    createDuration: undefined,
    startDuration: constant(0),
    runs: [],
    answers: [],
    memoryBytes,
  };
  return makeBehavior({ name, containers: [script] });
}

const memoryBelow = (amount: number): EvictionThreshold => ({
  signal: 'memory.available',
  amount,
  percent: undefined,
  graceUs: 0,
});

function eventsOf(harness: KubeletHarness, reason: string): readonly string[] {
  return harness.log.filter((line) => line.includes(` ${reason}:`)).map((line) => line.split(' ')[2]!);
}

describe('a node of 16 GiB', () => {
  test('evicts one pod after the other until the memory suffices: those above their requests first', () => {
    const behaviors = [using('a', 5 * gib), using('b', 6 * gib), using('c', 5 * gib)];
    const harness = new KubeletHarness({ behaviors, kubelet: { evictionHard: [memoryBelow(4 * gib)] } }).start();
    harness.create(makePod('a', { requests: { memory: 5 * gib } }));
    harness.create(makePod('b', { requests: { memory: 5 * gib } }));
    harness.create(makePod('c')).until(100);
    // 16 GiB in use: c has no request and is farthest above it; 11 GiB are less than 12.
    expect(eventsOf(harness, 'Evicted')).toEqual(['c']);
    expect(harness.line('c')).toBe('Failed/Evicted terminated(Error) 0');
    harness.machines.setOtherMemory('n1', 2 * gib);
    harness.until(200);
    expect(eventsOf(harness, 'Evicted')).toEqual(['c', 'b']);
    expect(harness.line('a')).toBe('Running running() 0');
  });

  test('is left alone, without an event, where nobody says how much memory is in use', () => {
    const handlers: string[] = [];
    const harness = new KubeletHarness();
    harness.engine.onEvent = (_index, _time, _phase, name) => void handlers.push(name);
    harness.create(makePod('a')).start().until(1000);
    expect(handlers).not.toContain('kubelet/eviction');
  });
});

test('a container that takes more memory than its limit is killed by the kernel, again and again', () => {
  const resources = { requests: new Map(), limits: new Map([['memory', gib]]) };
  const harness = new KubeletHarness({ behaviors: [using('p', 2 * gib)] });
  harness
    .create(makePod('p', { spec: { containers: [makeContainer({ resources })] } }))
    .start()
    .until(60);
  expect(harness.log).toContain('0 exit p/0 137 OOMKilled');
  expect(harness.starts.length).toBeGreaterThan(2);
  expect(harness.pod('p')!.status.containerStatuses[0]!.state).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
});

describe('a critical pod that finds no room', () => {
  const critical = { priority: 2_000_000_000 };

  test('waits until a pod has made room, with all of its grace', () => {
    const harness = new KubeletHarness({ behaviors: [makeBehavior({ stopAfter: constant(4 * SECOND) })] }).start();
    harness.create(makePod('a', { requests: { cpu: 3000 } })).until(5);
    harness.create(makePod('b', { requests: { cpu: 2000 }, spec: critical })).until(8);
    expect([harness.line('a'), harness.line('b')]).toEqual(['Running running() 0', 'Pending']);
    harness.until(20);
    expect(harness.line('b')).toBe('Running running() 0');
    expect(harness.pod('a')!.status.otherConditions).toMatchObject([
      { type: 'DisruptionTarget', reason: 'TerminationByKubelet' },
    ]);
  });

  test('is refused where all others together would not do', () => {
    const harness = new KubeletHarness().start();
    harness.create(makePod('a', { requests: { cpu: 1000 } })).until(5);
    harness.create(makePod('b', { requests: { cpu: 5000 }, spec: critical })).until(8);
    expect(harness.line('b')).toBe('Failed/UnexpectedAdmissionError');
    expect(harness.pod('b')!.status.message).toContain('[(res: cpu, q: 1000), ]');
    expect(harness.line('a')).toBe('Running running() 0');
  });
});

describe('a kubelet that begins anew', () => {
  const limit = { signal: 'memory.available', amount: gib, percent: undefined } as const;
  const pressureOf = (harness: KubeletHarness): string =>
    nodeCondition(harness.server.state.get('Node', '', 'n1')!, 'MemoryPressure')!.status;

  test('knows nothing of a pressure that is over, however long the transition is', () => {
    const harness = new KubeletHarness({ kubelet: { evictionHard: [{ ...limit, graceUs: 0 }] } }).start().until(5);
    harness.machines.setOtherMemory('n1', 16 * gib);
    harness.until(30);
    expect(pressureOf(harness)).toBe('True');
    harness.machines.setOtherMemory('n1', 0);
    harness.machines.stopKubelet('n1');
    harness.until(60);
    expect(pressureOf(harness)).toBe('True');
    harness.machines.startKubelet('n1');
    harness.until(61);
    expect(pressureOf(harness)).toBe('False');
  });

  test('finds what is short at once, and grants the grace of a soft threshold once more', () => {
    const kubelet = { evictionHard: [], evictionSoft: [{ ...limit, graceUs: 40 * SECOND }] };
    const harness = new KubeletHarness({ kubelet }).create(makePod('p')).start().until(5);
    harness.machines.setOtherMemory('n1', 16 * gib);
    harness.until(35).machines.stopKubelet('n1');
    harness.until(36).machines.startKubelet('n1');
    harness.until(37);
    expect(pressureOf(harness)).toBe('True');
    harness.until(75);
    expect(harness.line('p')).toBe('Running running() 0');
    // Passes come in periods of 10 s from the beginning of the kubelet.
    harness.until(78);
    expect(harness.line('p')).toMatch(/^Failed/);
  });
});
