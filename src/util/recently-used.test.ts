import { expect, test } from 'vitest';
import { RecentlyUsed } from './recently-used.ts';

test('the entry that was not asked for the longest is forgotten first', () => {
  let made = 0;
  const numbers = new RecentlyUsed(2, () => ++made);
  expect(['a', 'b', 'a', 'c'].map((key) => numbers.of(key))).toEqual([1, 2, 1, 3]);
  // `b` made room for `c`.
  expect(['a', 'b'].map((key) => numbers.of(key))).toEqual([1, 4]);
});
