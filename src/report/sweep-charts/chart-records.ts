/** How charts over replications read their tables: row by row, since a table has rows for every cell of a sweep. */
import type { ChartInput } from '../define-chart.ts';
import { recordsOfTable, textOf } from '../read-table.ts';
import type { TableRecord } from '../read-table.ts';

/** The columns of the rows that have these texts in these other columns. */
export function* recordsWhere(
  tables: ChartInput['tables'],
  table: string,
  columns: readonly string[],
  where: ReadonlyMap<string, string>,
): Generator<TableRecord<string>> {
  const wanted = [...where];
  for (const record of recordsOfTable(tables, table, [...new Set([...columns, ...where.keys()])])) {
    if (wanted.every(([column, text]) => textOf(record[column]) === text)) yield record;
  }
}

/** What is worked out of tables, once for each set of them: a chart is asked several times, and to read all rows takes long. */
export function oncePerTables<T>(workOut: (input: ChartInput) => T): (input: ChartInput) => T {
  const known = new WeakMap<ChartInput['tables'], { readonly value: T }>();
  return (input) => {
    let answer = known.get(input.tables);
    if (answer === undefined) known.set(input.tables, (answer = { value: workOut(input) }));
    return answer.value;
  };
}
