import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { glyphWidthsSource } from '../testing/glyph-width-table.ts';
import { textWidth } from './text-width.ts';

const require = createRequire(import.meta.url);
const face = (name: string): Uint8Array => readFileSync(require.resolve(`@expo-google-fonts/roboto/${name}`));

test('the table of widths is the one of the font we ship', async () => {
  const source = glyphWidthsSource(face('400Regular/Roboto_400Regular.ttf'), face('700Bold/Roboto_700Bold.ttf'));
  await expect(source).toMatchFileSnapshot('./glyph-widths.ts');
});

// The digits of Roboto all have one width: the figures of a column line up.
test('width grows with the text and the font size', () => {
  expect(textWidth('0', 2048)).toBeCloseTo(textWidth('7', 2048), 9);
  expect(textWidth('00', 10)).toBeCloseTo(2 * textWidth('0', 10), 9);
  expect(textWidth('node-17', 22)).toBeCloseTo(2 * textWidth('node-17', 11), 9);
});

test('an i is narrower than a w, and bold is wider', () => {
  expect(textWidth('i', 10)).toBeLessThan(textWidth('w', 10) / 2);
  expect(textWidth('node', 10, true)).toBeGreaterThan(textWidth('node', 10));
});

test('a character without an entry gets a middling width', () => {
  expect(textWidth('\u4e2d', 10)).toBe(textWidth('n', 10));
});
