import { describe, expect, it } from 'vitest';
import { RandomStream } from '../engine/random.ts';
import { SchedulerFixture } from '../testing/scheduler-fixture.ts';
import { TiedList, bestNodes, heapWinner, selectTied } from './select-host.ts';
import type { TieBreak } from './select-host.ts';

describe('ties', () => {
  const fixture = new SchedulerFixture();
  for (const name of ['c', 'a', 'b', 'd']) fixture.node(name);
  const nodes = fixture.nodes;
  const choose = (tied: typeof nodes, tieBreak: TieBreak, stream: RandomStream): string =>
    selectTied(new TiedList(tied, fixture.cache), tieBreak, { random: () => stream }, 'ties').name;

  it('are all nodes with the greatest total', () => {
    const { nodes: best, score } = bestNodes(nodes, Float64Array.of(5, 7, 7, 1));
    expect([best.map(({ name }) => name), score]).toEqual([['a', 'b'], 7]);
    // A configuration may give a plugin a negative weight.
    expect(bestNodes(nodes, Float64Array.of(-300, -200, -200, -400)).nodes).toHaveLength(2);
  });

  it('are broken by name, or by order', () => {
    const stream = new RandomStream('none', 'none');
    expect(choose(nodes, 'lowest-name', stream)).toBe('a');
    expect(choose(nodes, 'first', stream)).toBe('c');
    expect(stream.drawCount).toBe(0);
  });

  it('are broken by the heap of upstream: among equals a parent keeps its place and a left child goes before a right one', () => {
    const winner = (...totals: number[]): number => heapWinner(Float64Array.from(totals), totals.length);
    // The examples of the reference text.
    expect([winner(5, 7, 7), winner(1, 2, 9, 9)]).toEqual([1, 3]);
    // Recorded of 1.37.2: ten like pods on five like nodes went to n1, n2, n4, n5, n3, and around again.
    const pods = [0, 0, 0, 0, 0];
    const nodes = Array.from({ length: 10 }, () => {
      const node = winner(...pods.map((count) => -count));
      pods[node]!++;
      return node + 1;
    });
    expect(nodes).toEqual([1, 2, 4, 5, 3, 1, 2, 4, 5, 3]);
  });

  it('are broken by one draw for the k-th node in canonical order, wherever the search began', () => {
    const choices = (tied: typeof nodes): string[] => {
      const stream = new RandomStream('ties', 'key');
      const chosen = Array.from({ length: 400 }, () => choose(tied, 'uniform', stream));
      expect(stream.drawCount).toBe(400);
      return chosen;
    };
    const straight = choices(nodes);
    const rotated = choices([...nodes.slice(2), ...nodes.slice(0, 2)]);
    expect(rotated).toEqual(straight);
    // Uniform: each of four about 100 times; 5 standard deviations are 43.
    for (const name of ['a', 'b', 'c', 'd']) {
      expect(Math.abs(straight.filter((chosen) => chosen === name).length - 100)).toBeLessThan(44);
    }
  });
});
