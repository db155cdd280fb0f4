/** Code points for which charts know the width of a glyph: ASCII, Latin-1, Greek, and the punctuation charts use. */
const ranges: readonly (readonly [first: number, last: number])[] = [
  [0x20, 0x7e],
  [0xa0, 0xff],
  [0x391, 0x3c9],
  [0x2010, 0x2026],
  [0x2212, 0x2212],
  [0x2264, 0x2265],
];

/**
 * The text of `src/report/glyph-widths.ts`, generated from the TrueType files of both weights: `cmap` (format 4) leads
 * from code point to glyph, `hmtx` from glyph to advance width in font units.
 */
export function glyphWidthsSource(regular: Uint8Array, bold: Uint8Array): string {
  const fonts = [new Font(regular), new Font(bold)] as const;
  const lines = ranges.map(([first, last]) => {
    const widths = fonts.map((font) => `'${widthsOf(font, first, last).join(' ')}'`);
    return `  { first: ${first}, regular: ${widths[0]}, bold: ${widths[1]} },`;
  });
  return `${HEAD}
export const UNITS_PER_EM = ${fonts[0].unitsPerEm};

/** Advance width of a glyph of no range below. */
export const DEFAULT_WIDTH = ${fonts[0].widthOf('n'.charCodeAt(0))};

// prettier-ignore
export const glyphRanges: readonly GlyphRange[] = [
${lines.join('\n')}
];
`;
}

const HEAD = `// Generated from Roboto Regular and Bold by src/report/glyph-widths.test.ts (vitest -u writes it); do not edit.

/** Advance widths, in font units and separated by blanks, of consecutive code points from \`first\`. */
export interface GlyphRange {
  readonly first: number;
  readonly regular: string;
  readonly bold: string;
}

/** Font units in one em: a glyph of width w takes w / UNITS_PER_EM times the font size. */`;

function widthsOf(font: Font, first: number, last: number): number[] {
  const widths: number[] = [];
  for (let codePoint = first; codePoint <= last; codePoint += 1) widths.push(font.widthOf(codePoint));
  return widths;
}

/** The three tables of a TrueType file that tell widths. */
class Font {
  readonly unitsPerEm: number;
  private readonly view: DataView;
  private readonly tables = new Map<string, number>();

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < this.view.getUint16(4); i += 1) {
      const entry = 12 + 16 * i;
      const tag = String.fromCharCode(...bytes.subarray(entry, entry + 4));
      this.tables.set(tag, this.view.getUint32(entry + 8));
    }
    this.unitsPerEm = this.view.getUint16(this.table('head') + 18);
  }

  /** Advance width in font units; that of the last full entry for monospaced tails, as the format says. */
  widthOf(codePoint: number): number {
    const metricCount = this.view.getUint16(this.table('hhea') + 34);
    const glyph = Math.min(this.glyphOf(codePoint), metricCount - 1);
    return this.view.getUint16(this.table('hmtx') + 4 * glyph);
  }

  private table(tag: string): number {
    const offset = this.tables.get(tag);
    if (offset === undefined) throw new Error(`the font has no table ${tag}`);
    return offset;
  }

  private glyphOf(codePoint: number): number {
    const start = this.format4();
    const { view } = this;
    const doubledCount = view.getUint16(start + 6);
    for (let i = 0; i < doubledCount; i += 2) {
      if (view.getUint16(start + 14 + i) < codePoint) continue;
      const first = view.getUint16(start + 16 + doubledCount + i);
      if (first > codePoint) return 0;
      const delta = view.getUint16(start + 16 + 2 * doubledCount + i);
      const rangeAt = start + 16 + 3 * doubledCount + i;
      const range = view.getUint16(rangeAt);
      if (range === 0) return (codePoint + delta) & 0xffff;
      const glyph = view.getUint16(rangeAt + range + 2 * (codePoint - first));
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }
    return 0;
  }

  private format4(): number {
    const cmap = this.table('cmap');
    for (let i = 0; i < this.view.getUint16(cmap + 2); i += 1) {
      const start = cmap + this.view.getUint32(cmap + 8 + 8 * i);
      if (this.view.getUint16(start) === 4) return start;
    }
    throw new Error('the font has no cmap of format 4');
  }
}
