import { describe, expect, test } from 'vitest';
import { isMet, median, runContest } from './bench.ts';
import { figureLines } from './figure-table.ts';

test('a median is the middle value, or the mean of the two in the middle', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([9, 1, 5, 7])).toBe(6);
});

test('a goal is met at its very value, and a figure without goal always', () => {
  const figure = { name: 'x', value: 2, unit: 'x' };
  expect(isMet(figure)).toBe(true);
  expect(isMet({ ...figure, goal: { atLeast: 2 } })).toBe(true);
  expect(isMet({ ...figure, goal: { atLeast: 2.1 } })).toBe(false);
  expect(isMet({ ...figure, goal: { atMost: 2 } })).toBe(true);
  expect(isMet({ ...figure, goal: { atMost: 1.9 } })).toBe(false);
});

describe('a contest', () => {
  const busy = (rounds: number) => (): number => {
    let sum = 0;
    for (let i = 0; i < rounds; i++) sum = (Math.imul(sum, 31) + i) | 0;
    return sum === 1 ? 1 : 0;
  };

  test('tells how many times the contender is faster', () => {
    const outcome = runContest({
      contender: busy(2_000_000),
      baseline: busy(20_000_000),
      warmUpSlices: 2,
      slices: 5,
    });
    expect(outcome.ratio).toBeGreaterThan(3);
    expect(outcome.baselineUs).toBeGreaterThan(outcome.contenderUs);
  });

  test('is off when the two sides did not do the same', () => {
    const contest = { contender: () => 1, baseline: () => 2, warmUpSlices: 0, slices: 1 };
    expect(() => runContest(contest)).toThrow('check sums differ');
  });
});

test('lines are aligned, and a missed goal is marked', () => {
  expect(
    figureLines([
      { name: 'speed', value: 7.125, unit: 'x', goal: { atLeast: 7 } },
      { name: 'memory', value: 1234.5, unit: 'bytes', goal: { atMost: 600 } },
      { name: 'pods', value: 100, unit: 'pods' },
    ]),
  ).toEqual([
    '  speed    7.13 x      ok, at least 7',
    '  memory  1,235 bytes  MISSED, at most 600',
    '  pods      100 pods',
  ]);
});
