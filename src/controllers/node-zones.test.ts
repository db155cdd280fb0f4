import { describe, expect, test } from 'vitest';
import { SECOND } from '../engine/time.ts';
import { makeReadyNode } from '../testing/control-plane.ts';
import { ZoneCensus, ZoneQueue, evictionRate, zoneState } from './node-zones.ts';

test.each([
  // ready, not ready -> state: at least 55 % and more than two
  [10, 0, 'Normal'],
  [46, 54, 'Normal'],
  [45, 55, 'PartialDisruption'],
  [44, 56, 'PartialDisruption'],
  [1, 2, 'Normal'],
  [2, 3, 'PartialDisruption'],
  [3, 3, 'Normal'],
  [0, 1, 'FullDisruption'],
  [0, 50, 'FullDisruption'],
  [0, 0, 'Normal'],
] as const)('a zone with %i ready nodes and %i others is in state %s', (ready, notReady, state) => {
  expect(zoneState(ready, notReady)).toBe(state);
});

test.each([
  ['Normal', 1000, 0.1],
  ['FullDisruption', 10, 0.1],
  ['PartialDisruption', 51, 0.01],
  ['PartialDisruption', 50, 0],
] as const)('in state %s a zone of %i nodes may lose %f nodes a second', (state, size, rate) => {
  expect(evictionRate(state, size)).toBe(rate);
});

/** Times in seconds at which nodes are taken when somebody asks every 100 ms. */
function takenUntil(queue: ZoneQueue, from: number, until: number): string[] {
  const taken: string[] = [];
  for (let tenth = from * 10; tenth <= until * 10; tenth++) {
    for (let name = queue.take((tenth * SECOND) / 10); name !== undefined; name = queue.take((tenth * SECOND) / 10))
      taken.push(`${name} ${tenth / 10}`);
  }
  return taken;
}

describe('the queue of a zone', () => {
  const queueOf = (rate: number, ...names: string[]): ZoneQueue => {
    const queue = new ZoneQueue(rate);
    for (const name of names) queue.add(name);
    return queue;
  };

  test('gives the first node at once and then one in each interval, in the order they came', () => {
    const queue = queueOf(0.1, 'c', 'a', 'b', 'a');
    expect(takenUntil(queue, 0, 60)).toEqual(['c 0', 'a 10', 'b 20']);
    expect(queue.nextAt).toBeUndefined();
  });

  test('saves one token and no more', () => {
    const queue = queueOf(0.1, 'a');
    expect(takenUntil(queue, 0, 100)).toEqual(['a 0']);
    for (const name of ['b', 'c']) queue.add(name);
    expect(takenUntil(queue, 100, 130)).toEqual(['b 100', 'c 110']);
  });

  test('gives nothing while it is stopped, and begins with an empty bucket afterwards', () => {
    const queue = queueOf(0.1, 'a', 'b', 'c');
    queue.setRate(0, 0);
    expect(takenUntil(queue, 0, 50)).toEqual([]);
    expect(queue.nextAt).toBeUndefined();
    queue.setRate(0.1, 50 * SECOND);
    expect(takenUntil(queue, 50, 90)).toEqual(['a 60', 'b 70', 'c 80']);
  });

  test('has a full bucket under a new rate if the old one was full, an empty one if not', () => {
    const full = queueOf(0.1, 'a', 'b');
    full.setRate(0.01, 5 * SECOND);
    expect(takenUntil(full, 5, 200)).toEqual(['a 5', 'b 105']);
    const empty = queueOf(0.1, 'a', 'b');
    expect(takenUntil(empty, 0, 4)).toEqual(['a 0']);
    empty.setRate(0.01, 5 * SECOND);
    expect(takenUntil(empty, 5, 200)).toEqual(['b 105']);
  });

  test('keeps its place when the rate stays', () => {
    const queue = queueOf(0.1, 'a', 'b');
    expect(takenUntil(queue, 0, 1)).toEqual(['a 0']);
    queue.setRate(0.1, 5 * SECOND);
    expect(takenUntil(queue, 5, 20)).toEqual(['b 10']);
  });
});

test('the census counts nodes by zone as they change, move, leave, or are excluded', () => {
  const census = new ZoneCensus();
  const counts = (): string[] =>
    [...census.counts()]
      .map(([zone, { ready, notReady }]) => `${zone.at(-1)} ${ready} ${notReady}`)
      .sort((a, b) => (a < b ? -1 : 1));
  census.note(makeReadyNode('n0', 'a'), true);
  census.note(makeReadyNode('n1', 'a'), false);
  census.note(makeReadyNode('n2', 'b'), true);
  census.note(makeReadyNode('n2', 'b'), true);
  expect(counts()).toEqual(['a 1 1', 'b 1 0']);
  census.note(makeReadyNode('n0', 'a'), false);
  census.note(makeReadyNode('n2', 'a'), true);
  expect(counts()).toEqual(['a 1 2']);
  expect(census.notReady()).toEqual(['n1', 'n0']);
  const node = makeReadyNode('n1', 'a');
  const labels = { ...node.metadata.labels, 'node.kubernetes.io/exclude-disruption': '' };
  census.note({ ...node, metadata: { ...node.metadata, labels } }, false);
  census.forget('n2');
  census.forget('n9');
  expect(counts()).toEqual(['a 0 1']);
});
