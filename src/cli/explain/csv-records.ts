/** Reads the tables of a result back: CSV as `report/csv.ts` writes it (RFC 4180, LF). */
import { parse } from 'csv-parse/sync';

/** One row by the names of its columns; a missing value is the empty text. */
export type CsvRecord = Readonly<Record<string, string>>;

/** The rows of a table for which `isWanted` holds; it sees the cells, so that other rows cost little. */
export function csvRecords(text: string, isWanted: (cells: readonly string[]) => boolean = () => true): CsvRecord[] {
  const records: CsvRecord[] = [];
  let names: readonly string[] | undefined;
  for (const cells of csvRows(text)) {
    if (names === undefined) names = cells;
    else if (isWanted(cells)) records.push(Object.fromEntries(names.map((name, at) => [name, cells[at] ?? ''])));
  }
  return records;
}

/** All rows as texts, the names of the columns first. */
export function* csvRows(text: string): Generator<readonly string[]> {
  // Splitting is several times as fast as the library, and most tables are of millions of plain cells.
  if (text.includes('"')) yield* parse(text, { record_delimiter: '\n', relax_column_count: true });
  else
    for (let [at, end] = [0, 0]; at < text.length; at = end + 1) {
      end = text.indexOf('\n', at);
      if (end < 0) end = text.length;
      yield text.slice(at, end).split(',');
    }
}

/** Decimal seconds of a cell as microseconds; undefined for an empty cell. */
export function microsecondsOf(seconds: string | undefined): number | undefined {
  return seconds === undefined || seconds === '' ? undefined : Math.round(Number(seconds) * 1_000_000);
}
