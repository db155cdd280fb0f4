import type { Cell, Table } from '../record/table.ts';
import { assert } from '../util/assert.ts';

/** One row with the asked columns by name. */
export type TableRecord<K extends string> = { readonly [key in K]: Cell };

/** The asked columns of all rows, in the order of the table; none if the table is missing. */
export function readTable<K extends string>(
  tables: ReadonlyMap<string, Table>,
  name: string,
  columns: readonly K[],
): TableRecord<K>[] {
  return [...recordsOfTable(tables, name, columns)];
}

/** The same row by row, for tables that may be larger than memory. */
export function* recordsOfTable<K extends string>(
  tables: ReadonlyMap<string, Table>,
  name: string,
  columns: readonly K[],
): Generator<TableRecord<K>> {
  const table = tables.get(name);
  if (table === undefined) return;
  const indices = columns.map((column) => {
    const index = table.columns.findIndex((candidate) => candidate.name === column);
    assert(index >= 0, `table ${name} has no column ${column}`);
    return index;
  });
  for (const row of table.rows) {
    const record: { [key in K]?: Cell } = {};
    for (let i = 0; i < columns.length; i += 1) record[columns[i]!] = row[indices[i]!];
    yield record as TableRecord<K>;
  }
}

/** The number in a cell; 0 if it is missing. */
export function numberOf(cell: Cell): number {
  return typeof cell === 'number' ? cell : 0;
}

/** The number in a cell, or undefined. */
export function maybeNumber(cell: Cell): number | undefined {
  return typeof cell === 'number' ? cell : undefined;
}

/** The text in a cell; empty if it is missing. */
export function textOf(cell: Cell): string {
  return cell === undefined ? '' : String(cell);
}

/** Records by a key, both in order of first appearance. */
export function groupBy<T>(records: Iterable<T>, keyOf: (record: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const record of records) {
    const key = keyOf(record);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [record]);
    else group.push(record);
  }
  return groups;
}

/** Compares texts by code unit, the same in every locale. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
