import { describe, expect, test } from 'vitest';
import { arrivalOrder } from './arrival-order.ts';
import { GoRandom } from './go-random.ts';

const pods = Array.from({ length: 20 }, (_, at) => ({
  name: `pod-${String(at).padStart(2, '0')}`,
  milli: at % 4 === 0 ? 0 : at % 4 === 1 ? 1000 : 250,
  count: at % 4 === 0 ? 0 : at === 5 ? 4 : 1,
}));
const total = pods.reduce((sum, { milli, count }) => sum + milli * count, 0);
const cluster = { nodeCount: 9, capacityMilli: 10_000 };

describe('the order of a replay', () => {
  test('takes one draw, the shuffle, ten draws and the ranks, in this order', () => {
    const { offers, ranks } = arrivalOrder(pods, { shuffle: true, tuneRatio: undefined }, 5, cluster);
    const random = new GoRandom(5);
    random.int31();
    const list = [...pods];
    random.shuffle(list);
    for (let at = 0; at < 10; at++) random.int31();
    expect(offers.map(({ name }) => name)).toEqual(list.map(({ name }) => name));
    expect([...ranks]).toEqual([...random.perm(9)]);
  });

  test('adds drawn copies behind all others until one more would be too much', () => {
    const wanted = 1.4 * 10_000;
    const { offers } = arrivalOrder(pods, { shuffle: true, tuneRatio: 1.4 }, 5, cluster);
    const copies = offers.slice(pods.length);
    expect(copies.length).toBeGreaterThan(0);
    expect(copies.map(({ name }) => name)).toEqual(copies.map(({ pod }, at) => `${pod.name}-tuned-${at}`));
    const sum = offers.reduce((known, { pod }) => known + pod.milli * pod.count, 0);
    // A pod of four devices is let in by the thousandths of one of them.
    expect(sum).toBeGreaterThan(total);
    expect(sum).toBeLessThanOrEqual(wanted + 3000);
  });

  test('leaves out drawn pods where they ask for too much', () => {
    const { offers } = arrivalOrder(pods, { shuffle: true, tuneRatio: 0.3 }, 5, cluster);
    expect(offers.length).toBeLessThan(pods.length);
    expect(offers.reduce((known, { pod }) => known + pod.milli * pod.count, 0)).toBeLessThanOrEqual(3000);
    expect(new Set(offers.map(({ name }) => name)).size).toBe(offers.length);
  });

  test('keeps the order of names without a shuffle', () => {
    const { offers } = arrivalOrder(pods, { shuffle: false, tuneRatio: undefined }, 5, cluster);
    expect(offers.map(({ name }) => name)).toEqual(pods.map(({ name }) => name));
  });
});
