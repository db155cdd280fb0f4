import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, nearest } from './suggest.ts';

/** All words one edit away, by the definition. */
function oneEditFrom(word: string, letters: string): Set<string> {
  const words = new Set<string>();
  for (let at = 0; at <= word.length; at++) {
    const [before, after] = [word.slice(0, at), word.slice(at)];
    for (const letter of letters) {
      words.add(before + letter + after);
      if (after !== '') words.add(before + letter + after.slice(1));
    }
    if (after !== '') words.add(before + after.slice(1));
    if (after.length > 1) words.add(before + after[1] + after[0] + after.slice(2));
  }
  return words.add(word);
}

describe('editDistance', () => {
  test.each([
    ['', '', 0],
    ['a', '', 1],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['horizon', 'horzion', 1],
    ['ab', 'ba', 1],
    ['ca', 'abc', 3],
  ])('from %j to %j is %d', (a, b, expected) => {
    expect(editDistance(a, b)).toBe(expected);
    expect(editDistance(b, a)).toBe(expected);
  });

  test('is at most 1 exactly for the words that one edit makes', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 5 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b) <= 1).toBe(oneEditFrom(a, 'ab').has(b));
      }),
      { numRuns: 500 },
    );
  });

  test('is 0 for equal words only, and no longer than the longer word', () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe('nearest', () => {
  const known = ['horizon', 'seed', 'cluster', 'workload', 'nodePools', 'at'];

  test.each([
    ['horizont', 'horizon'],
    ['HORIZON', 'horizon'],
    ['nodepool', 'nodePools'],
    ['clsuter', 'cluster'],
    ['sede', 'seed'],
    ['wrkld', undefined],
    ['zzz', undefined],
    ['', undefined],
    // Less than half of the word: one letter of two is too much to guess.
    ['ad', undefined],
    ['at', 'at'],
  ])('of %j is %j', (word, expected) => {
    expect(nearest(word, known)).toBe(expected);
  });

  test('takes the first of equally near candidates', () => {
    expect(nearest('bat', ['cat', 'hat'])).toBe('cat');
    expect(nearest('bat', ['hat', 'cat'])).toBe('hat');
    expect(nearest('bat', [])).toBeUndefined();
  });

  test('does not spend time on long text', () => {
    expect(nearest('x'.repeat(1e6), ['x'.repeat(1e6)])).toBeUndefined();
    expect(nearest('x'.repeat(64), ['x'.repeat(1e6), 'x'.repeat(63)])).toBe('x'.repeat(63));
  });
});
