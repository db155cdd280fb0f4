import { stringify } from 'csv-stringify/sync';
import type { Cell, Column, ColumnType, Row, Table } from '../record/table.ts';
import { assert, assertNever } from '../util/assert.ts';

/** Rows that are turned into text at once: long enough to be fast, short enough that their text is no large object of the heap. */
const CHUNK_ROWS = 500;

/** A piece of a CSV file: whole lines, and how many rows of the table they hold (0 for the heading). */
export interface CsvChunk {
  readonly text: string;
  readonly rows: number;
}

/**
 * A table as CSV (RFC 4180 quoting, but LF line ends): first the heading, then chunks of at most 500 rows.
 *
 * Stops on a row of the wrong length, a number that is not finite, and a cell whose type is not that of its column.
 */
export function* csvChunks(table: Table): Generator<CsvChunk> {
  const { columns } = table;
  yield { text: `${columns.map(({ name }) => quoted(name)).join(',')}\n`, rows: 0 };
  let lines: string[] = [];
  for (const row of table.rows) {
    lines.push(csvLine(row, table));
    if (lines.length < CHUNK_ROWS) continue;
    yield chunkOf(lines);
    lines = [];
  }
  if (lines.length > 0) yield chunkOf(lines);
}

function chunkOf(lines: readonly string[]): CsvChunk {
  return { text: `${lines.join('\n')}\n`, rows: lines.length };
}

function csvLine(row: Row, { name, columns }: Table): string {
  if (row.length !== columns.length) assert(false, `table ${name}: a row has ${row.length} of ${columns.length} cells`);
  const texts = new Array<string>(columns.length);
  for (let at = 0; at < columns.length; at++) {
    const column = columns[at]!;
    const text = csvCell(row[at], column);
    texts[at] = column.type === 'string' ? quoted(text) : text;
  }
  return texts.join(',');
}

/** Quoting is left to the library, which is asked for the few cells that need it. */
function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? stringify([[text]], { record_delimiter: '\n', eof: false }) : text;
}

/**
 * One cell as text, before quoting: booleans as true and false, missing as nothing, numbers in the shortest form that
 * reads back the same, microseconds as exact decimal seconds. A string a spreadsheet would run as a formula gets an
 * apostrophe in front; numbers never do.
 */
export function csvCell(cell: Cell, column: Pick<Column, 'name' | 'type'>): string {
  if (cell === undefined) return '';
  // The message is made only for a cell that is wrong: there are millions.
  if (!isOfType(cell, column.type)) assert(false, wrongType(cell, column));
  if (typeof cell === 'string') return /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return column.type === 'seconds' ? decimalSeconds(cell as number) : String(cell);
}

function isOfType(cell: NonNullable<Cell>, type: ColumnType): boolean {
  switch (type) {
    case 'string':
    case 'boolean':
      return typeof cell === type;
    case 'number':
      return Number.isFinite(cell);
    case 'integer':
    case 'seconds':
      return Number.isSafeInteger(cell);
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
