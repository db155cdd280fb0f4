/** Named columns of a table, and cells that are checked. */
import { columnOf } from './trace.ts';
import type { RecordReport, TraceRecord } from './trace.ts';

/** The columns of a table by the names in its first line. */
export class Columns {
  private readonly positions: ReadonlyMap<string, number>;
  private readonly count: number;

  constructor(header: TraceRecord) {
    this.positions = new Map(header.fields.map((name, at) => [name.trim(), at]));
    this.count = header.fields.length;
  }

  /** In the order of the table. */
  get names(): readonly string[] {
    return [...this.positions.keys()];
  }

  has(name: string): boolean {
    return this.positions.has(name);
  }

  /** Whether the line has as many cells as there are columns; reports one that has not. */
  isWhole(record: TraceRecord, report: RecordReport): boolean {
    const { fields, line } = record;
    if (fields.length === this.count) return true;
    const message = `${fields.length} cells, and the first line has ${this.count} columns`;
    report(line, message, columnOf(record, this.count));
    return false;
  }

  /** A cell without blanks around it; empty where there is no such column. */
  text({ fields }: TraceRecord, name: string): string {
    const at = this.positions.get(name);
    return at === undefined ? '' : (fields[at] ?? '').trim();
  }

  /** The same for lines whose cells are equal in these columns. */
  key({ fields }: TraceRecord, names: readonly string[]): string {
    let key = '';
    for (const name of names) key += `,${fields[this.positions.get(name) ?? -1] ?? ''}`;
    return key;
  }

  /** A whole number from 0; undefined after a report. */
  count0(record: TraceRecord, name: string, report: RecordReport): number | undefined {
    const text = this.text(record, name);
    if (/^\d{1,15}$/.test(text)) return Number(text);
    const isNegative = /^-\d+(\.\d+)?$/.test(text);
    const what = isNegative ? 'negative; write a whole number from 0' : 'not a whole number from 0';
    report(record.line, `${name} "${text}" is ${what}`, this.place(record, name));
    return undefined;
  }

  /** Where the cell begins, in letters from 1. */
  place(record: TraceRecord, name: string): number {
    return columnOf(record, this.positions.get(name) ?? 0);
  }

  /** A number of seconds in microseconds; undefined where the cell is empty or no number. */
  seconds(record: TraceRecord, name: string): number | undefined {
    const text = this.text(record, name);
    if (text === '' || !/^\d+(\.\d+)?$/.test(text)) return undefined;
    return Math.round(Number(text) * 1_000_000);
  }
}

/** The columns of a table and the lines below; undefined after a report that the table cannot be read. */
export function openTable(
  records: Iterable<TraceRecord>,
  wanted: readonly string[],
  report: RecordReport,
): { readonly columns: Columns; readonly rows: Iterable<TraceRecord> } | undefined {
  const iterator = records[Symbol.iterator]();
  const first = iterator.next();
  if (first.done === true) {
    report(1, 'the file is empty');
    return undefined;
  }
  const columns = new Columns(first.value);
  const missing = wanted.filter((name) => !columns.has(name));
  if (missing.length > 0) {
    report(
      first.value.line,
      `the first line names no column ${missing.join(', ')}; it has ${columns.names.map((name) => `"${name}"`).join(', ')}`,
    );
    return undefined;
  }
  return { columns, rows: { [Symbol.iterator]: () => iterator } };
}
