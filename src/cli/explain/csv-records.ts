/** Reads the tables of a result back: CSV as `report/csv.ts` writes it (RFC 4180, LF). */

/** One row by the names of its columns; a missing value is the empty text. */
export type CsvRecord = Readonly<Record<string, string>>;

/** The rows of a table for which `isWanted` holds; it sees the first `keyCount` cells, so that other rows cost little. */
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
  if (text.includes('"')) yield* quotedRows(text);
  else
    for (let [at, end] = [0, 0]; at < text.length; at = end + 1) {
      end = text.indexOf('\n', at);
      if (end < 0) end = text.length;
      yield text.slice(at, end).split(',');
    }
}

const cell = /("(?:[^"]|"")*"|[^,\n"]*)(,|\n|$)/y;

function* quotedRows(text: string): Generator<readonly string[]> {
  let cells: string[] = [];
  cell.lastIndex = 0;
  for (let at = 0; at < text.length; at = cell.lastIndex) {
    cell.lastIndex = at;
    const [whole, content, end] = cell.exec(text) ?? ['', '', ''];
    if (whole === '') return;
    cells.push(content!.startsWith('"') ? content!.slice(1, -1).replaceAll('""', '"') : content!);
    if (end === ',') continue;
    yield cells;
    cells = [];
  }
}

/** Decimal seconds of a cell as microseconds; undefined for an empty cell. */
export function microsecondsOf(seconds: string | undefined): number | undefined {
  return seconds === undefined || seconds === '' ? undefined : Math.round(Number(seconds) * 1_000_000);
}
