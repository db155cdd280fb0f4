import { describe, expect, test } from 'vitest';
import type { PreemptionCandidate } from './preemption.ts';
import { lackingWithout, preemptionVictims } from './preemption.ts';

type Candidate = PreemptionCandidate & { readonly name: string };

function pod(name: string, cpu: number, qosRank: 0 | 1 | 2 = 1): Candidate {
  return { name, requests: new Map([['cpu', cpu]]), qosRank };
}

function victims(candidates: readonly Candidate[], cpu: number): readonly string[] {
  return preemptionVictims(candidates, new Map([['cpu', cpu]])).map(({ name }) => name);
}

describe('for a critical pod', () => {
  test('the pod goes that frees enough and asks for least', () => {
    expect(victims([pod('a', 500), pod('b', 1500), pod('c', 1000)], 800)).toEqual(['c']);
  });

  test('no guaranteed pod goes where others suffice', () => {
    expect(victims([pod('g', 1000, 2), pod('b', 400), pod('c', 600)], 1000)).toEqual(['c', 'b']);
  });

  test('guaranteed pods go where the others do not suffice, and those others only as far as they are needed', () => {
    expect(victims([pod('g', 1000, 2), pod('h', 2000, 2), pod('b', 400)], 1200)).toEqual(['b', 'g']);
  });

  test('what all together do not have is what is told to be lacking', () => {
    const lacking = new Map([
      ['cpu', 800],
      ['memory', 60],
    ]);
    expect(lackingWithout([pod('a', 100), pod('b', 300, 2)], lacking)).toEqual(
      new Map([
        ['cpu', 400],
        ['memory', 60],
      ]),
    );
    expect(lackingWithout([pod('a', 1000)], new Map([['cpu', 800]])).size).toBe(0);
  });

  test('of two that are as near the one with less memory goes, whatever its CPU', () => {
    const asks = (name: string, cpu: number, memory: number): Candidate => ({
      name,
      requests: new Map([
        ['cpu', cpu],
        ['memory', memory],
      ]),
      qosRank: 1,
    });
    expect(victims([asks('a', 1000, 200), asks('b', 2000, 100)], 800)).toEqual(['b']);
  });

  test('of those that ask for the same the last one goes', () => {
    expect(victims([pod('a', 500), pod('b', 500), pod('c', 400)], 800)).toEqual(['b', 'c']);
    // The place of one that goes is taken by the last one.
    expect(victims([pod('a', 500), pod('b', 900), pod('c', 500), pod('d', 500)], 1700)).toEqual(['b', 'c', 'd']);
  });

  test('a place is freed by any pod', () => {
    const candidates = [pod('a', 100), pod('b', 50)];
    const chosen = preemptionVictims(candidates, new Map([['pods', 1]]));
    expect(chosen.map(({ name }) => name)).toEqual(['b']);
  });
});
