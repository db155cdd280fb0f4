import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cell, ColumnType, Row, Table } from '../record/table.ts';
import type { HashFactory } from '../util/hash.ts';
import { csvCell, csvChunks, decimalSeconds } from './csv.ts';
import { writeTable, writeTables } from './write-tables.ts';

const types: ColumnType[] = ['string', 'integer', 'number', 'boolean', 'seconds'];

function tableOf(rows: Iterable<Row>): Table {
  const columns = types.map((type) => ({ name: `a_${type}`, type, description: `A ${type}.` }));
  return { name: 'sample', description: 'A sample.', columns, rows };
}

const csvOf = (rows: Iterable<Row>): string => [...csvChunks(tableOf(rows))].map((chunk) => chunk.text).join('');

const cellOf = (cell: Cell, type: ColumnType): string => csvCell(cell, { name: 'x', type });

const sha256: HashFactory = () => {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest('hex'), copy: () => sha256() };
};

describe('csv', () => {
  test('is these bytes', () => {
    expect(
      csvOf([
        ['web', 3, 0.1, true, 12_004_000],
        [undefined, undefined, undefined, undefined, undefined],
      ]),
    ).toBe('a_string,a_integer,a_number,a_boolean,a_seconds\nweb,3,0.1,true,12.004\n,,,,\n');
  });

  test('has a heading even without rows', () => {
    expect(csvOf([])).toBe('a_string,a_integer,a_number,a_boolean,a_seconds\n');
  });

  test.each([
    [0, '0'],
    [1, '0.000001'],
    [-1, '-0.000001'],
    [1_000_000, '1'],
    [12_004_000, '12.004'],
    [7_200_000_000, '7200'],
    [9_007_199_254_740_991, '9007199254.740991'],
  ])('%d microseconds are %s seconds', (us, text) => expect(decimalSeconds(us)).toBe(text));

  test.each(['=1+1', '+1', '-5', '@sum', '\tx'])('the string %j gets an apostrophe', (text) =>
    expect(cellOf(text, 'string')).toBe(`'${text}`),
  );

  test('negative numbers stay numbers', () => {
    expect([
      cellOf(-5, 'integer'),
      cellOf(-0.5, 'number'),
      cellOf(-1_500_000, 'seconds'),
      cellOf(-0, 'number'),
    ]).toEqual(['-5', '-0.5', '-1.5', '0']);
  });

  test.each<[Cell, ColumnType]>([
    [NaN, 'number'],
    [Infinity, 'number'],
    [1.5, 'integer'],
    [0.5, 'seconds'],
    ['1', 'number'],
    [1, 'string'],
    ['true', 'boolean'],
  ])('%j in a column of %s stops the run', (cell, type) => expect(() => cellOf(cell, type)).toThrow('column x holds'));

  test('a row of the wrong length stops the run', () => expect(() => csvOf([['a', 1]])).toThrow('2 of 5 cells'));

  test('awkward strings read back the same', () => {
    const texts = ['a,b', 'say "so"', 'two\nlines', ' blank ', 'Zürich ≥ 中', ''];
    const records = parse(csvOf(texts.map((text) => [text, 1, 1, false, 1]))) as string[][];
    expect(records.slice(1).map((record) => record[0])).toEqual(texts);
  });

  test('are the bytes that the library gives for whole rows', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', ',', '"', '\n', '\r', "'", 'ü') });
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        const rows = texts.map((value) => [value, 1, 0.5, true, 0]);
        const plain = rows.map(([value, ...rest]) => [cellOf(value, 'string'), ...rest.map(String)]);
        const heading = types.map((type) => `a_${type}`);
        expect(csvOf(rows)).toBe(stringify([heading, ...plain], { record_delimiter: '\n' }));
      }),
    );
  });

  test('the numbers read back to the bit', () => {
    const numbers = [0.1 + 0.2, 1e21, 5e-324, 1 / 3, 123456789.123456789];
    const records = parse(csvOf(numbers.map((number) => ['', 1, number, false, 1]))) as string[][];
    expect(records.slice(1).map((record) => Number(record[2]))).toEqual(numbers);
  });
});

function* manyRows(count: number): Generator<Row> {
  for (let i = 0; i < count; i += 1) yield [`pod-${i}`, i, i / 7, i % 2 === 0, i];
}

describe('writing tables', () => {
  test('chunks do not show in the bytes', () => {
    const lines = csvOf(manyRows(4001)).split('\n');
    expect([lines.length, lines[1], lines[4001]]).toEqual([
      4003,
      'pod-0,0,0,true,0',
      'pod-4000,4000,571.4285714285714,true,0.004',
    ]);
    expect([...csvChunks(tableOf(manyRows(1001)))].map((chunk) => chunk.rows)).toEqual([0, 500, 500, 1]);
  });

  test('size, rows and hash are those of the bytes that were written', () => {
    const pieces: Uint8Array[] = [];
    let closed = 0;
    const sink = { write: (bytes: Uint8Array) => void pieces.push(bytes), close: () => void (closed += 1) };
    const written = writeTable(tableOf(manyRows(2500)), sink, sha256);
    const all = Buffer.concat(pieces);
    expect(written).toEqual({
      table: 'sample',
      fileName: 'sample.csv',
      bytes: all.length,
      rows: 2500,
      sha256: createHash('sha256').update(all).digest('hex'),
    });
    expect(closed).toBe(1);
  });

  test('each table has a file of its name', () => {
    const opened: string[] = [];
    const open = (fileName: string) => {
      opened.push(fileName);
      return { write: () => undefined, close: () => undefined };
    };
    writeTables([tableOf([]), { ...tableOf([]), name: 'pods' }], open, sha256);
    expect(opened).toEqual(['sample.csv', 'pods.csv']);
  });
});
