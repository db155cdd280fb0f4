import { describe, expect, test } from 'vitest';
import { Steps } from './steps.ts';

function stepsOf(options: { step: number; horizon: number; series?: number }): { steps: Steps; closed: number[][] } {
  const closed: number[][] = [];
  const steps = new Steps(options, {
    seriesCount: () => options.series ?? 1,
    closeStep: (start, length) => closed.push([start, length]),
  });
  return { steps, closed };
}

describe('steps', () => {
  test('a change at a boundary belongs to the next step', () => {
    const { steps, closed } = stepsOf({ step: 10, horizon: 100 });
    steps.advance(9);
    expect(closed).toEqual([]);
    steps.advance(10);
    expect(closed).toEqual([[0, 10]]);
    steps.advance(35);
    expect(closed).toEqual([
      [0, 10],
      [10, 10],
      [20, 10],
    ]);
  });

  test('the last step ends with the run, and an empty one is left out', () => {
    const short = stepsOf({ step: 10, horizon: 100 });
    short.steps.finish(13);
    expect(short.closed).toEqual([
      [0, 10],
      [10, 3],
    ]);
    const even = stepsOf({ step: 10, horizon: 20 });
    even.steps.finish(20);
    expect(even.closed.length).toBe(2);
  });

  test('with many series steps become longer, so that there are at most a million rows', () => {
    // 30,000 series of 100 steps are three million rows: three steps become one.
    const { steps, closed } = stepsOf({ step: 10, horizon: 1000, series: 30_000 });
    steps.advance(29);
    expect(closed).toEqual([]);
    steps.advance(30);
    expect(closed).toEqual([[0, 30]]);
  });
});
