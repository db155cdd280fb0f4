/** A sweep is a list of independent cells: one scenario, with one level of every axis, under one seed. */

/** One dimension of an experiment. */
export interface Axis {
  /** Becomes a column of the merged tables: `policy`, `size`, ... */
  readonly name: string;
  /** Labels of its levels, in the order of the file; unique within the axis. */
  readonly levels: readonly string[];
}

/** One run of an experiment, before anything of it has run. */
export interface Cell {
  /** Position in key order: axes in their order, then replications. From 0. */
  readonly index: number;
  /** Label of the level on each axis, in the order of the axes. */
  readonly levels: readonly string[];
  readonly seed: string;
  /** Number of the run under this seed, from 0. Cells that differ in levels only see the same random world. */
  readonly replication: number;
  /** SHA-256 in hex of everything that determines the result: scenario, inputs, plugins, seed, version. */
  readonly key: string;
}

/** What a cell came to. */
export interface CellResult {
  readonly cell: Cell;
  /** By the names of the summary metrics, durations in integer microseconds; empty where it failed. */
  readonly figures: ReadonlyMap<string, number>;
  /** Why there is no result; undefined where there is one. */
  readonly problem: string | undefined;
}
