/** Tidy tables: what metrics hand to the writers of CSV and to the charts. */

/**
 * `seconds` cells hold integer microseconds and are written as exact decimal seconds; `integer` and `number` must be
 * finite; undefined in any column means missing and is written as an empty field.
 */
export type ColumnType = 'string' | 'integer' | 'number' | 'boolean' | 'seconds';

/** One column of a table. */
export interface Column {
  /** snake_case with the unit last, for example `pending_s`, `memory_bytes`, `cpu_ratio`. */
  readonly name: string;
  readonly type: ColumnType;
  /** One sentence for the data dictionary, with the unit. */
  readonly description: string;
}

/** One value; undefined = missing. */
export type Cell = string | number | boolean | undefined;

/** Cells in the order of the columns. */
export type Row = readonly Cell[];

/** A tidy table: one observation a row. */
export interface Table {
  /** File name without extension. */
  readonly name: string;
  readonly description: string;
  readonly columns: readonly Column[];
  /** Rows in their final order; may be iterated several times. */
  readonly rows: Iterable<Row>;
}
