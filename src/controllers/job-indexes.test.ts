import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  countIndexes,
  firstPendingIndexes,
  formatIndexes,
  hasIndex,
  parseIndexes,
  withIndexes,
} from './job-indexes.ts';

test.each([
  [[], ''],
  [[3], '3'],
  [[3, 4], '3,4'],
  [[3, 4, 5], '3-5'],
  [[1, 3, 4, 5, 7, 8], '1,3-5,7,8'],
  [[0, 1, 2, 10], '0-2,10'],
])('%j is written as "%s"', (indexes, text) => {
  expect(formatIndexes(withIndexes([], indexes))).toBe(text);
  expect(parseIndexes(text)).toEqual(withIndexes([], indexes));
});

test('a set of indexes is what a set of numbers is', () => {
  const indexes = fc.array(fc.nat(40), { maxLength: 30 });
  fc.assert(
    fc.property(indexes, indexes, fc.nat(45), fc.nat(10), (first, second, completions, count) => {
      const ranges = withIndexes(parseIndexes(formatIndexes(withIndexes([], first))), second);
      const model = new Set([...first, ...second]);
      expect(countIndexes(ranges)).toBe(model.size);
      for (let index = 0; index <= 41; index++) expect(hasIndex(ranges, index)).toBe(model.has(index));
      const taken = new Set(second.map((index) => index + 1));
      const pending = Array.from({ length: completions }, (_, index) => index).filter(
        (at) => !model.has(at) && !taken.has(at),
      );
      expect(firstPendingIndexes(ranges, taken, completions, count)).toEqual(pending.slice(0, count));
    }),
  );
});
