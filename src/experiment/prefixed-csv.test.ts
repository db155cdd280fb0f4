import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PrefixedCsv } from './prefixed-csv.ts';

/** What comes out when the text arrives in pieces of at most so many bytes. */
function prefixed(text: string, pieceLength: number): { heading: string; body: string; records: number } {
  const csv = new PrefixedCsv(new TextEncoder().encode('p,'));
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  let body = '';
  for (let at = 0; at < bytes.length; at += pieceLength)
    body += decoder.decode(csv.push(bytes.subarray(at, at + pieceLength)), { stream: true });
  return { heading: csv.headingText, body, records: csv.records };
}

const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', 'é'), maxLength: 5 });
const row = fc.tuple(cell, cell);

describe('a prefix before every record of a CSV file', () => {
  test('stands before lines, and not before line ends within quotes', () => {
    expect(prefixed('x,y\n1,"a\nb"\n2,c\n', 100)).toEqual({ heading: 'x,y', body: 'p,1,"a\nb"\np,2,c\n', records: 2 });
  });

  test('a file of a heading alone has no records', () => {
    expect(prefixed('x,y\n', 3)).toEqual({ heading: 'x,y', body: '', records: 0 });
  });

  test('is the same as writing the rows with one more cell, in whatever pieces the file arrives', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), fc.integer({ min: 1, max: 9 }), (rows, pieceLength) => {
        const csv = (lines: readonly (readonly string[])[]): string => stringify(lines as string[][]);
        const { heading, body, records } = prefixed(csv([['h', 'i'], ...rows]), pieceLength);
        expect({ heading, records }).toEqual({ heading: 'h,i', records: rows.length });
        expect(body).toBe(csv(rows.map((cells) => ['p', ...cells])));
      }),
    );
  });
});
