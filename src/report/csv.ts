import { stringify } from 'csv-stringify/sync';
import type { Cell, Column, ColumnType, Row, Table } from '../record/table.ts';
import { assert, assertNever } from '../util/assert.ts';

/** Rows that are turned into text at once: long enough to be fast, short enough to keep memory flat. */
const CHUNK_ROWS = 2000;

/** A piece of a CSV file: whole lines, and how many rows of the table they hold (0 for the heading). */
export interface CsvChunk {
  readonly text: string;
  readonly rows: number;
}

/**
 * A table as CSV (RFC 4180 quoting, but LF line ends): first the heading, then chunks of at most 2,000 rows.
 *
 * Stops on a row of the wrong length, a number that is not finite, and a cell whose type is not that of its column.
 */
export function* csvChunks(table: Table): Generator<CsvChunk> {
  yield { text: lines([table.columns.map((column) => column.name)]), rows: 0 };
  let chunk: string[][] = [];
  for (const row of table.rows) {
    chunk.push(csvRow(row, table));
    if (chunk.length < CHUNK_ROWS) continue;
    yield { text: lines(chunk), rows: chunk.length };
    chunk = [];
  }
  if (chunk.length > 0) yield { text: lines(chunk), rows: chunk.length };
}

const lines = (rows: string[][]): string => stringify(rows, { record_delimiter: '\n' });

function csvRow(row: Row, table: Table): string[] {
  const { columns } = table;
  assert(row.length === columns.length, `table ${table.name}: a row has ${row.length} of ${columns.length} cells`);
  return row.map((cell, index) => csvCell(cell, columns[index]!));
}

/**
 * One cell as text, before quoting: booleans as true and false, missing as nothing, numbers in the shortest form that
 * reads back the same, microseconds as exact decimal seconds. A string a spreadsheet would run as a formula gets an
 * apostrophe in front; numbers never do.
 */
export function csvCell(cell: Cell, column: Pick<Column, 'name' | 'type'>): string {
  if (cell === undefined) return '';
  const { type } = column;
  switch (type) {
    case 'string':
      assert(typeof cell === 'string', wrongType(cell, column));
      return /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
    case 'boolean':
      assert(typeof cell === 'boolean', wrongType(cell, column));
      return cell ? 'true' : 'false';
    case 'number':
      assert(typeof cell === 'number' && Number.isFinite(cell), wrongType(cell, column));
      return String(cell);
    case 'integer':
      assert(Number.isSafeInteger(cell), wrongType(cell, column));
      return String(cell);
    case 'seconds':
      assert(typeof cell === 'number' && Number.isSafeInteger(cell), wrongType(cell, column));
      return decimalSeconds(cell);
    default:
      return assertNever(type);
  }
}

function wrongType(cell: Cell, column: { readonly name: string; readonly type: ColumnType }): string {
  return `column ${column.name} holds ${column.type}, not ${String(cell)}`;
}

/** Integer microseconds as exact decimal seconds: 12004000 is "12.004". */
export function decimalSeconds(us: number): string {
  const magnitude = Math.abs(us);
  const fraction = magnitude % 1_000_000;
  const whole = String((magnitude - fraction) / 1_000_000);
  const digits = String(fraction).padStart(6, '0').replace(/0+$/, '');
  return `${us < 0 ? '-' : ''}${whole}${digits === '' ? '' : `.${digits}`}`;
}
