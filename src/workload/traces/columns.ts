/** Named columns of a table, and rows whose cells are checked. */
import type { NameRegister, NamedRow } from './name-register.ts';
import { nameRegister } from './name-register.ts';
import { columnOf } from './trace.ts';
import type { RecordReport, TraceRecord } from './trace.ts';

/** The columns of a table by the names in its first line. */
class Columns {
  readonly positions: ReadonlyMap<string, number>;
  /** In the order of the table. */
  readonly names: readonly string[];
  readonly count: number;

  constructor(header: TraceRecord) {
    this.positions = new Map(header.fields.map((name, at) => [name.trim(), at]));
    this.names = [...this.positions.keys()];
    this.count = header.fields.length;
  }
}

/** A row under examination: what cannot be read is reported once, and then the row as a whole is left out. */
export class TableRow {
  /** Nothing was wrong with it so far. */
  isSound = true;
  private readonly columns: Columns;
  private readonly record: TraceRecord;
  private readonly report: RecordReport;

  constructor(columns: Columns, record: TraceRecord, report: RecordReport) {
    this.columns = columns;
    this.record = record;
    this.report = report;
    const { fields } = record;
    if (fields.length !== columns.count)
      this.problemAt(columns.count, `${fields.length} cells, and the first line has ${columns.count} columns`);
  }

  /** A cell without blanks around it; empty where there is no such column. */
  text(column: string): string {
    const at = this.columns.positions.get(column);
    return at === undefined ? '' : this.record.fields[at]!.trim();
  }

  /** The same for rows whose cells are equal in these columns. */
  key(columns: readonly string[]): string {
    let key = '';
    for (const column of columns) key += `,${this.record.fields[this.columns.positions.get(column) ?? -1] ?? ''}`;
    return key;
  }

  /** @param column the one in which it is. */
  problem(column: string, message: string): void {
    this.problemAt(this.columns.positions.get(column) ?? 0, message);
  }

  /** A name that an object can have. */
  name(column: string): string {
    const name = this.text(column);
    const isName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name) && name.length <= 253;
    if (!isName)
      this.problem(column, `"${name}" cannot be the name of an object; write small letters, digits, - and .`);
    return name;
  }

  /** A whole number from 0 that must be there. */
  count0(column: string): number {
    const text = this.text(column);
    if (/^\d{1,15}$/.test(text)) return Number(text);
    const isNegative = /^-\d+(\.\d+)?$/.test(text);
    const what = isNegative ? 'negative; write a whole number from 0' : 'not a whole number from 0';
    this.problem(column, `${column} "${text}" is ${what}`);
    return 0;
  }

  /** Microseconds; undefined where the cell is empty. */
  seconds(column: string): number | undefined {
    const text = this.text(column);
    if (text === '') return undefined;
    if (/^\d{1,12}(\.\d{1,9})?$/.test(text)) return Math.round(Number(text) * 1_000_000);
    this.problem(column, `${column} "${text}" is not a number of seconds from 0`);
    return undefined;
  }

  private problemAt(position: number, message: string): void {
    if (this.isSound) this.report(this.record.line, message, columnOf(this.record, position));
    this.isSound = false;
  }
}

/** How the rows of one kind of table are read. */
export interface TableReader<T> {
  /** Column of the names, of which none stands twice. */
  readonly nameColumn: string;
  /** Columns that must be there. */
  readonly needed: readonly string[];
  /** What is wrong with the names of the columns; undefined = nothing. */
  problemOf?(columns: readonly string[]): string | undefined;
  /** What a row says; it counts if the row stayed sound. @param columns of the table, in its order. */
  read(row: TableRow, columns: readonly string[]): T;
}

/**
 * What the sound rows of a table say, one after the other; nothing after a report that the table as a whole cannot be read.
 *
 * @param names of the sound rows before.
 */
export function* rowsOfTable<T extends NamedRow>(
  records: Iterable<TraceRecord>,
  reader: TableReader<T>,
  report: RecordReport,
  names: NameRegister = nameRegister(),
): Generator<T> {
  let columns: Columns | undefined;
  for (const record of records) {
    if (record.problem !== undefined) {
      report(record.line, record.problem);
      if (columns === undefined) return;
    } else if (columns === undefined) {
      columns = new Columns(record);
      const problem = headerProblem(record, columns, reader);
      if (problem !== undefined) return report(record.line, problem);
    } else {
      const row = new TableRow(columns, record, report);
      if (!row.isSound) continue;
      const made = reader.read(row, columns.names);
      const problem = row.isSound ? names(made, record.line) : undefined;
      if (problem !== undefined) row.problem(reader.nameColumn, problem);
      if (row.isSound) yield made;
    }
  }
  if (columns === undefined) report(1, 'the file is empty');
}

/** What is no letter, and what decoders put in its place. */
const notText = /[\p{Cc}\ufffd]/u;

function headerProblem<T>({ fields }: TraceRecord, columns: Columns, reader: TableReader<T>): string | undefined {
  const { names } = columns;
  if (fields.some((name) => name.includes('\r'))) return 'its lines end in CR alone; write LF or CRLF';
  if (fields.some((name) => notText.test(name))) return 'this is no text in UTF-8';
  const missing = reader.needed.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    if (names.length === 1 && /[;\t|]/.test(names[0]!))
      return 'the cells of the first line are not separated by commas';
    const has = names.map((name) => `"${name}"`).join(', ');
    return `the first line names no column ${missing.join(', ')}; it has ${has}`;
  }
  const twice = fields.find((name, at) => columns.positions.get(name.trim()) !== at);
  if (twice !== undefined) return `the first line names the column ${twice.trim()} twice`;
  return reader.problemOf?.(names);
}
