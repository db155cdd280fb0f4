import { DEFAULT_WIDTH, glyphRanges, UNITS_PER_EM } from './glyph-widths.ts';

type Widths = ReadonlyMap<number, number>;

function widthsOf(weight: 'regular' | 'bold'): Widths {
  const widths = new Map<number, number>();
  for (const range of glyphRanges) {
    const values = range[weight].split(' ');
    for (const [index, value] of values.entries()) widths.set(range.first + index, Number(value));
  }
  return widths;
}

const regular = widthsOf('regular');
const bold = widthsOf('bold');

/**
 * Width of a line of text in pixels, set in Roboto at `fontSize` pixels, without kerning. The same on every machine:
 * charts are laid out with it instead of with what a browser or a canvas package would measure.
 */
export function textWidth(text: string, fontSize: number, isBold = false): number {
  const widths = isBold ? bold : regular;
  let units = 0;
  for (const character of text) units += widths.get(character.codePointAt(0)!) ?? DEFAULT_WIDTH;
  return (units * fontSize) / UNITS_PER_EM;
}

/** The text, cut at the end with an ellipsis so that it is at most `pixels` wide. */
export function fitText(text: string, pixels: number, fontSize: number): string {
  if (textWidth(text, fontSize) <= pixels) return text;
  const characters = [...text];
  while (characters.length > 1 && textWidth(`${characters.join('')}…`, fontSize) > pixels) characters.pop();
  return `${characters.join('')}…`;
}
