import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compactLetters } from './compact-letters.ts';
import { holmAdjusted } from './holm.ts';

describe('Holm', () => {
  test('gives the four p-values of the usual example', () => {
    // H4 and H1 rejected at 5 %, H3 and H2 not.
    expect(holmAdjusted([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(6)))).toEqual([0.03, 0.06, 0.06, 0.02]);
  });

  test('rejects what the step-down procedure rejects', () => {
    const stepDown = (pValues: readonly number[], alpha: number): boolean[] => {
      const rejected = pValues.map(() => false);
      for (let left = pValues.length; left > 0; left--) {
        const open = pValues.map((p, i) => (rejected[i] ? Infinity : p));
        const smallest = open.indexOf(Math.min(...open));
        if (open[smallest]! > alpha / left) break;
        rejected[smallest] = true;
      }
      return rejected;
    };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 999 }), { maxLength: 10 }), (thousandths) => {
        const pValues = thousandths.map((value) => value / 8000);
        expect(holmAdjusted(pValues).map((p) => p <= 0.05)).toEqual(stepDown(pValues, 0.05));
      }),
    );
  });
});

describe('compact letters', () => {
  // Five means; 1-4, 1-5, 2-5 differ: overlapping groups.
  test('overlapping groups get overlapping letters', () => {
    const differing = new Set(['0-3', '0-4', '1-4']);
    expect(compactLetters(5, (i, j) => differing.has(`${i}-${j}`))).toEqual(['a', 'ab', 'abc', 'bc', 'c']);
  });

  test('all alike, all different', () => {
    expect(compactLetters(3, () => false)).toEqual(['a', 'a', 'a']);
    expect(compactLetters(3, () => true)).toEqual(['a', 'b', 'c']);
  });

  test('two share a letter exactly when they do not differ', () => {
    const relations = fc
      .integer({ min: 1, max: 7 })
      .chain((count) =>
        fc.tuple(fc.constant(count), fc.array(fc.boolean(), { minLength: count * count, maxLength: count * count })),
      );
    fc.assert(
      fc.property(relations, ([count, cells]) => {
        const letters = compactLetters(count, (i, j) => cells[i * count + j]!);
        for (let i = 0; i < count; i++) {
          expect(letters[i]).not.toBe('');
          for (let j = i + 1; j < count; j++) {
            expect([...letters[i]!].some((letter) => letters[j]!.includes(letter))).toBe(!cells[i * count + j]);
          }
        }
      }),
    );
  });
});
