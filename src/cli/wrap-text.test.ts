import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wrapText } from './wrap-text.ts';

test('lines break at blanks and go on behind the indent', () => {
  expect(wrapText('one two three four', 9, '  ')).toEqual(['one two', '  three', '  four']);
});

test('blanks that must not break come out as plain ones', () => {
  expect(wrapText('a\u00a0b c', 3, '')).toEqual(['a b', 'c']);
});

test('no word is lost, and only a single long word makes a line too wide', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
  fc.assert(
    fc.property(words, (given) => {
      const lines = wrapText(given.join(' '), 10, '');
      expect(lines.join(' ').split(' ')).toEqual(given);
      for (const line of lines) expect(line.length <= 10 || !line.includes(' ')).toBe(true);
    }),
  );
});
