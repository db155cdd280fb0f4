import { describe, expect, test } from 'vitest';
import type { AssertEntry, Comparison } from './asserts.ts';
import { evaluateAsserts } from './asserts.ts';

const time = (value: number) => ({ value: value * 1_000_000, isDuration: true });
const number = (value: number) => ({ value, isDuration: false });

function outcome(comparison: Comparison, bounds: AssertEntry['bounds'], value: number | undefined): [boolean, string] {
  const figures = new Map(value === undefined ? [] : [['m', value]]);
  const [{ passes, text }] = evaluateAsserts([{ metric: 'm', comparison, bounds }], figures) as [
    ReturnType<typeof evaluateAsserts>[number],
  ];
  return [passes, text];
}

describe('an expectation', () => {
  test.each<[Comparison, readonly number[], number, boolean, string]>([
    ['lessThan', [5], 4, true, 'm = 4, expected less than 5'],
    ['lessThan', [5], 5, false, 'm = 5, expected less than 5'],
    ['atMost', [5], 5, true, 'm = 5, expected at most 5'],
    ['atMost', [5], 5.5, false, 'm = 5.5, expected at most 5'],
    ['greaterThan', [5], 5, false, 'm = 5, expected more than 5'],
    ['atLeast', [5], 5, true, 'm = 5, expected at least 5'],
    ['equals', [0], 0, true, 'm = 0, expected 0'],
    ['equals', [0], 1, false, 'm = 1, expected 0'],
    ['between', [1, 2], 1, true, 'm = 1, expected between 1 and 2'],
    ['between', [1, 2], 2, true, 'm = 2, expected between 1 and 2'],
    ['between', [1, 2], 2.5, false, 'm = 2.5, expected between 1 and 2'],
    ['lessThan', [1], 1 / 3, true, 'm = 0.333333, expected less than 1'],
    // Six digits would say that 1 is not less than 1.
    ['lessThan', [1], 1.0000001, false, 'm = 1.0000001, expected less than 1'],
  ])('%s %j of %d holds: %s', (comparison, bounds, value, passes, text) => {
    expect(outcome(comparison, bounds.map(number), value)).toEqual([passes, text]);
  });

  test('of a time is written with units', () => {
    expect(outcome('between', [time(40), time(55)], 47_312_000)).toEqual([
      true,
      'm = 47.3s, expected between 40s and 55s',
    ]);
    expect(outcome('lessThan', [time(360)], 360_000_000)).toEqual([false, 'm = 6m00s, expected less than 6m00s']);
    expect(outcome('lessThan', [time(0.0125)], 12_499)).toEqual([true, 'm = 12ms, expected less than 0.0125s']);
  });

  test('never shows a value that looks like the bound that it misses', () => {
    expect(outcome('atMost', [time(55)], 55_040_000)).toEqual([false, 'm = 55.04s, expected at most 55s']);
    expect(outcome('equals', [time(55)], 55_000_001)).toEqual([false, 'm = 55.000001s, expected 55s']);
  });

  test('fails where the run has no such value', () => {
    expect(outcome('lessThan', [time(60)], undefined)).toEqual([
      false,
      'm has no value in this run, expected less than 1m00s',
    ]);
  });
});
