import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvRecords } from './csv-records.ts';
import type { TraceRecord } from './trace.ts';

function read(pieces: readonly string[]): { records: TraceRecord[]; problems: [number, string][] } {
  const problems: [number, string][] = [];
  const records = [...csvRecords(pieces, (line, message) => void problems.push([line, message]))];
  return { records, problems };
}

describe('records of a CSV text', () => {
  test('tell the line where they begin, empty lines and line ends of Windows or not', () => {
    const { records } = read(['a,b\r\n\r\n1,2\n\n3,\n']);
    expect(records).toEqual([
      { fields: ['a', 'b'], line: 1 },
      { fields: ['1', '2'], line: 3 },
      { fields: ['3', ''], line: 5 },
    ]);
  });

  test('may hold commas, quotes and line breaks between quotes', () => {
    const { records } = read(['a,"b,c"\n"say ""x""",2\n']);
    expect(records.map(({ fields }) => fields)).toEqual([
      ['a', 'b,c'],
      ['say "x"', '2'],
    ]);
  });

  test('report quotes that are never closed', () => {
    const { records, problems } = read(['a,b\nc,"d\n']);
    expect(records).toEqual([{ fields: ['a', 'b'], line: 1 }]);
    expect(problems).toHaveLength(1);
  });

  test('are the same however the text is cut into pieces', () => {
    const text = 'a,b\n1,"x\ny"\n\n2,z\n3,"q"\nlast,row';
    const cuts = fc.array(fc.nat({ max: text.length }), { maxLength: 8 });
    fc.assert(
      fc.property(cuts, (places) => {
        const ends = [0, ...places.toSorted((a, b) => a - b), text.length];
        const pieces = ends.slice(1).map((end, at) => text.slice(ends[at], end));
        expect(read(pieces).records.map(({ fields }) => fields)).toEqual(
          read([text]).records.map(({ fields }) => fields),
        );
      }),
    );
  });
});
