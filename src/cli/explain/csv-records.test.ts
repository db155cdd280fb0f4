import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvChunks } from '../../report/csv.ts';
import { csvRecords, microsecondsOf } from './csv-records.ts';

const column = (name: string, type: 'string' | 'seconds') => ({ name, type, description: '' });

test('what the writer of tables writes is read back, quotes, commas and line ends included', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', ' ', 'é', "'") });
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text, fc.nat()), { maxLength: 8 }), (rows) => {
      const columns = [column('a', 'string'), column('b', 'string'), column('t_s', 'seconds')];
      const csv = [...csvChunks({ name: 'x', description: '', columns, rows })].map((chunk) => chunk.text).join('');
      const read = csvRecords(csv).map(({ a, b, t_s: t }) => [a, b, microsecondsOf(t)]);
      expect(read).toEqual(rows);
    }),
  );
});

test('rows that are not wanted are left out', () => {
  expect(csvRecords('a,b\n1,2\n3,4\n', ([a]) => a === '3')).toEqual([{ a: '3', b: '4' }]);
});

test('an empty cell is no time', () => {
  expect([microsecondsOf(''), microsecondsOf(undefined), microsecondsOf('0.000001')]).toEqual([
    undefined,
    undefined,
    1,
  ]);
});
