import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Engine } from '../engine/engine.ts';
import { nodeSha256 } from '../testing/sha256.ts';
import { faultNodes, runFaults } from '../testing/fault-harness.ts';
import { constant } from '../engine/distributions.ts';
import { drawSome, modeCount } from './target-mode.ts';

const engine = new Engine({ seed: '1', createHash: nodeSha256 });
const random = () => engine.random('test');

describe('how many of those that match are hit', () => {
  test.each([
    ['one', 0, 7, 1],
    ['one', 0, 0, 0],
    ['all', 0, 7, 7],
    ['fixed', 3, 7, 3],
    ['fixed', 9, 7, 7],
    ['fixed-percent', 50, 7, 4],
    ['fixed-percent', 1, 7, 1],
    ['fixed-percent', 100, 7, 7],
  ] as const)('mode %s with value %i of %i: %i', (mode, value, total, expected) => {
    expect(modeCount({ mode, value }, total, random)).toBe(expected);
  });

  test('random-max-percent draws each percentage from 0 to the value alike', () => {
    const counts = new Map<number, number>();
    for (let i = 0; i < 20_000; i++) {
      const count = modeCount({ mode: 'random-max-percent', value: 3 }, 100, random);
      counts.set(count, (counts.get(count) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([0, 1, 2, 3]);
    // Binomial with chance 1/4: standard deviation 61.
    for (const count of counts.values()) expect(Math.abs(count - 5000)).toBeLessThan(4 * 61.3);
  });

  test('those that are drawn are different ones, in the order in which they stood', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 30 }), fc.nat(30), (all, wanted) => {
        const count = Math.min(wanted, all.length);
        const drawn = drawSome(all, count, random());
        expect(new Set(drawn).size).toBe(count);
        expect(drawn).toEqual(all.filter((each) => drawn.includes(each)));
      }),
    );
  });
});

describe('a mode', () => {
  test('with an interval is one clock for all nodes, and each time other ones are hit', () => {
    const args = { interval: constant(10), repair: constant(10), mode: 'fixed', value: 2 };
    const { started } = runFaults([{ fault: 'nodeCrash', args }], { nodes: faultNodes({ a: 6 }), horizon: 4000 });
    expect(started.map(({ startsAt }) => startsAt)).toEqual(Array.from({ length: 200 }, (_, i) => 10 + 20 * i));
    const hits = new Map<string, number>();
    for (const { nodes, target } of started) {
      expect(nodes).toHaveLength(2);
      expect(target).toBe(nodes.join(' '));
      for (const node of nodes) hits.set(node, (hits.get(node) ?? 0) + 1);
    }
    // Each node is hit with chance 1/3: 66.7 times of 200, standard deviation 6.7.
    for (const count of hits.values()) expect(Math.abs(count - 200 / 3)).toBeLessThan(4 * 6.7);
  });

  test('with a time hits so many at once', () => {
    const args = { at: 5, mode: 'fixed-percent', value: 50 };
    const { started } = runFaults([{ fault: 'nodeCrash', args }], { nodes: faultNodes({ a: 5 }), horizon: 10 });
    expect(started).toHaveLength(3);
  });
});
