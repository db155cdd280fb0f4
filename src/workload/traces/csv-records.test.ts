import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvRecords } from './csv-records.ts';
import type { TraceRecord } from './trace.ts';

function read(pieces: readonly string[]): { records: TraceRecord[]; problems: [number, string][] } {
  const all = [...csvRecords(pieces)];
  const problems = all.flatMap(({ line, problem }): [number, string][] =>
    problem === undefined ? [] : [[line, problem]],
  );
  return { records: all.filter(({ problem }) => problem === undefined), problems };
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

  test('report a quote that is never closed where it stands, with what it swallows', () => {
    const { records, problems } = read(['a,b\n1,2\nc,"d\ne,f\n', 'g,h']);
    expect(records.map(({ line }) => line)).toEqual([1, 2]);
    expect(problems).toEqual([[3, 'a quote is opened here and not closed: this line and the 2 after it are no row']]);
  });

  test.each(['c,d"e', 'c,d"e"', '"c"d,e', 'c,""d'])('lose no other row by the quotes of %s', (row) => {
    const { records, problems } = read([`a,b\n${row}\ne,"f"\n`]);
    expect(records.map(({ fields }) => fields)).toEqual([
      ['a', 'b'],
      ['e', 'f'],
    ]);
    expect(problems).toEqual([[2, expect.stringContaining('a quote is not closed, or stands within a cell')]]);
  });

  test('are not looked for without end behind a quote that is never closed', () => {
    let taken = 0;
    function* endless(): Generator<string> {
      yield 'a,"b\n';
      for (; ; taken++) yield 'x,y\n'.repeat(1 << 18);
    }
    expect([...csvRecords(endless())].map(({ line }) => line)).toEqual([1]);
    expect(taken).toBeLessThan(8);
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
