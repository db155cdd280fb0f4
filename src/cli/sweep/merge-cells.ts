/** The tables of a sweep out of the folders of its cells: in key order, one cell in memory at a time. */
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { CellResult } from '../../experiment/cell.ts';
import { workloadFigures } from '../../experiment/comparison/workload-figures.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { axesOf, cellName } from '../../experiment/experiment.ts';
import { PrefixedCsv } from '../../experiment/prefixed-csv.ts';
import { summaryMetrics } from '../../metrics/summary-metrics.ts';
import type { Column, Row } from '../../record/table.ts';
import { csvChunks } from '../../report/csv.ts';
import type { ByteSink } from '../../report/write-tables.ts';
import { assert } from '../../util/assert.ts';
import type { Hash } from '../../util/hash.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { csvRecords } from '../explain/csv-records.ts';
import type { Manifest, ManifestFile } from '../manifest.ts';
import { sha256 } from '../node-hash.ts';
import { ResultFolder, manifestName } from '../result-folder.ts';
import type { CellStore } from './cell-store.ts';
import type { PlannedCell } from './plan-cells.ts';
import { tieBreaksOf } from './plan-cells.ts';
import { alteredText, refuseAltered } from './run-cells.ts';
import type { SweepManifest } from './sweep-manifest.ts';
import { sweepManifestSchema } from './sweep-manifest.ts';

/** How a cell ended: `unmet` = an expectation of its scenario does not hold, `violated` = a rule of the cluster is broken. */
export type CellStatus = 'ok' | 'unmet' | 'violated' | 'failed';

/** What a cell came to, with where its result is. */
export interface MergedCell extends CellResult {
  readonly cell: PlannedCell;
  readonly status: CellStatus;
  /** Absolute; undefined where there is no result. */
  readonly folder: string | undefined;
  /** Broken rules of the simulated cluster or unmet expectations; empty for most. */
  readonly complaints: readonly string[];
}

/** What is to be merged, and how the manifest tells of it. */
export interface MergeOptions {
  readonly experiment: Experiment;
  readonly store: CellStore;
  readonly cwd: string;
  readonly command: string;
  readonly orreryVersion: string;
  /** Further files for the folder of the merged results, such as charts and a report; after the tables. */
  readonly extend?: (folder: ResultFolder, results: readonly MergedCell[]) => Promise<readonly ManifestFile[]>;
}

/** What was merged. */
export interface MergedSweep {
  /** Absolute. */
  readonly folder: string;
  readonly manifest: SweepManifest;
  /** Cells that are not `ok`, in key order. */
  readonly troubled: readonly MergedCell[];
}

/**
 * The results of cells in key order, one at a time.
 *
 * @throws CliError where a folder or an input was changed (exit code 2), or where a cell has no result (exit code 1).
 */
export function* cellResults(
  cells: readonly PlannedCell[],
  { experiment, store, cwd }: Pick<MergeOptions, 'experiment' | 'store' | 'cwd'>,
): Generator<MergedCell> {
  for (const cell of cells) {
    const stored = store.read(cell.key, experiment.outputs);
    const name = cellName(experiment.axes, cell);
    if (stored.state === 'altered') refuseAltered([alteredText(stored, store, name, cwd)]);
    else if (stored.state === 'missing')
      throw new CliError(`orrery: the cell ${name} has no whole result; orrery sweep runs it`, exitCodes.failed);
    else if (stored.state === 'finished') yield finishedCell(cell, stored.folder, stored.manifest);
    else {
      const { problem } = stored;
      yield { cell, status: 'failed', figures: new Map(), problem, folder: undefined, complaints: [] };
    }
  }
}

function finishedCell(cell: PlannedCell, folder: string, manifest: Manifest): MergedCell {
  const { asserts, violations } = manifest;
  const broken = violations.map(({ check, subject, message }) => `${check}: ${subject}: ${message}`);
  const unmet = asserts.filter(({ passes }) => !passes).map(({ text }) => text);
  const status = broken.length > 0 ? 'violated' : unmet.length > 0 ? 'unmet' : 'ok';
  const complaints = [...broken, ...unmet];
  return { cell, status, figures: figuresOf(folder, manifest), problem: undefined, folder, complaints };
}

/** Figures of the run, and of its workloads where it has their table. */
function figuresOf(folder: string, { figures, files }: Manifest): Map<string, number> {
  const name = 'workloads.csv';
  const hasWorkloads = files.some(({ path }) => path === name);
  const records = hasWorkloads ? csvRecords(readFileSync(join(folder, name), 'utf8')) : [];
  return new Map([...Object.entries(figures), ...workloadFigures(records)]);
}

/** Merges all cells of a plan into the folder `merged` of the store; it appears whole, with its manifest, or not at all. */
export async function mergeCells(cells: readonly PlannedCell[], options: MergeOptions): Promise<MergedSweep> {
  const { experiment, store } = options;
  refuseMissing(cells, options);
  const folder = new ResultFolder(join(store.folder, 'merged'));
  try {
    const merge = new Merge(experiment, folder);
    const results: MergedCell[] = [];
    for (const result of cellResults(cells, options)) {
      merge.add(result);
      results.push(result);
    }
    const troubled = results.filter(({ status }) => status !== 'ok');
    const files = [...merge.close(), ...((await options.extend?.(folder, results)) ?? [])];
    const manifest = manifestOf(cells, troubled, files, options);
    folder.write(manifestName, `${JSON.stringify(manifest, undefined, 2)}\n`);
    folder.complete();
    return { folder: folder.path, manifest, troubled };
  } finally {
    folder.discard();
  }
}

const MISSING_SHOWN = 10;

/** A quick look before anything is written. */
function refuseMissing(cells: readonly PlannedCell[], { experiment, store }: MergeOptions): void {
  const missing = cells.filter(({ key }) => !store.isTried(key));
  if (missing.length === 0) return;
  const lines = missing.slice(0, MISSING_SHOWN).map((cell) => `  ${cellName(experiment.axes, cell)}`);
  if (missing.length > MISSING_SHOWN) lines.push(`  ... and ${missing.length - MISSING_SHOWN} more`);
  throw new CliError(
    [`orrery: ${missing.length} of ${cells.length} cells have not run; nothing was merged:`, ...lines].join('\n'),
    exitCodes.failed,
  );
}

function manifestOf(
  cells: readonly PlannedCell[],
  troubled: readonly MergedCell[],
  files: readonly ManifestFile[],
  { experiment, command, orreryVersion }: MergeOptions,
): SweepManifest {
  const worlds = new Map(cells.map(({ seed, replication }) => [`${replication}/${seed}`, { seed, replication }]));
  const countOf = (status: CellStatus): number => troubled.filter((result) => result.status === status).length;
  return {
    schema: sweepManifestSchema,
    versions: { orrery: orreryVersion },
    command,
    experiment: { name: experiment.name, description: experiment.description, file: experiment.file },
    axes: axesOf(experiment),
    baseline: experiment.baseline,
    worlds: [...worlds.values()],
    tieBreaks: tieBreaksOf(cells),
    cells: {
      total: cells.length,
      ok: cells.length - troubled.length,
      unmet: countOf('unmet'),
      violated: countOf('violated'),
      failed: countOf('failed'),
    },
    files,
  };
}

const text = (name: string, description: string): Column => ({ name, type: 'string', description });

/** The files of the merged results while they are written. */
class Merge {
  private readonly axisColumns: readonly Column[];
  private readonly cells: MergedFile;
  private readonly figures: MergedFile;
  private readonly tables: readonly { readonly name: string; readonly file: MergedFile }[];

  constructor(experiment: Experiment, folder: ResultFolder) {
    this.axisColumns = [
      ...experiment.axes.map(({ name }) => text(name, 'Level on this axis.')),
      text('seed', 'Seed of the run.'),
      { name: 'replication', type: 'integer', description: 'Number of the run under its seed.' },
    ];
    const file = (name: string): MergedFile => new MergedFile(`${name}.csv`, folder.open(`${name}.csv`));
    this.cells = file('cells');
    this.figures = file('figures');
    this.tables = experiment.outputs.tables.map((name) => ({ name, file: file(tableFileName(name)) }));
    this.cells.write(headingOf([...this.axisColumns, ...cellColumns]));
    this.figures.write(headingOf([...this.axisColumns, ...figureColumns]));
  }

  add({ cell, status, problem, figures, folder }: MergedCell): void {
    const place: Row = [...cell.levels, cell.seed, cell.replication];
    const reason = problem?.replaceAll(/\s+/g, ' ');
    this.cells.rows([...this.axisColumns, ...cellColumns], [[...place, cell.tieBreak, cell.key, status, reason]]);
    const present = summaryMetrics.filter(({ name }) => figures.has(name));
    this.figures.rows(
      [...this.axisColumns, ...figureColumns],
      present.map(({ name, unit }) => {
        const figure = figures.get(name)!;
        return unit === 'seconds' ? [...place, name, figure / 1_000_000, 's'] : [...place, name, figure, unit];
      }),
    );
    if (folder === undefined) return;
    const prefix = rowsText(this.axisColumns, [place]).replace(/\n$/, ',');
    for (const { name, file } of this.tables)
      file.append(join(folder, `${name}.csv`), this.axisColumns, new TextEncoder().encode(prefix));
  }

  close(): ManifestFile[] {
    return [this.cells, this.figures, ...this.tables.map(({ file }) => file)].map((file) => file.close());
  }
}

const cellColumns: readonly Column[] = [
  text('tie_break', 'How ties among the best nodes were broken.'),
  text('key', 'SHA-256 of everything that determines the run; its first 16 digits name the folder of the cell.'),
  text('status', 'ok; unmet = an expectation does not hold; violated = a rule of the cluster is broken; failed.'),
  text('problem', 'Why there is no result.'),
];

const figureColumns: readonly Column[] = [
  text('metric', 'Name of the figure, as in `assert` of a scenario.'),
  { name: 'value', type: 'number', description: 'The figure.' },
  text('unit', 's = seconds, ratio = from 0 to 1, else what is counted.'),
];

/** A table of the runs never takes the place of one of the sweep. */
function tableFileName(table: string): string {
  return table === 'cells' || table === 'figures' ? `run_${table}` : table;
}

function headingOf(columns: readonly Column[]): string {
  const [heading] = csvChunks({ name: 'merged', description: '', columns, rows: [] });
  return heading!.text;
}

function rowsText(columns: readonly Column[], rows: readonly Row[]): string {
  const [, ...chunks] = csvChunks({ name: 'merged', description: '', columns, rows });
  return chunks.map((chunk) => chunk.text).join('');
}

const PIECE_BYTES = 1 << 18;

/** One file that grows cell by cell. */
class MergedFile {
  private readonly path: string;
  private readonly sink: ByteSink;
  private readonly hash: Hash = sha256();
  private bytes = 0;
  private rowCount = 0;
  /** Heading of the first table that was appended; all of them have the same. */
  private heading: string | undefined;

  constructor(path: string, sink: ByteSink) {
    this.path = path;
    this.sink = sink;
  }

  write(content: string): void {
    this.writeBytes(new TextEncoder().encode(content));
  }

  rows(columns: readonly Column[], rows: readonly Row[]): void {
    this.write(rowsText(columns, rows));
    this.rowCount += rows.length;
  }

  /** Adds the records of a cell's table, each behind `prefix`. A table that the run does not have adds nothing. */
  append(path: string, columns: readonly Column[], prefix: Uint8Array): void {
    if (!existsSync(path)) return;
    const csv = new PrefixedCsv(prefix);
    for (const piece of piecesOf(path)) {
      const records = csv.push(piece);
      this.takeHeading(csv, columns);
      this.writeBytes(records);
    }
    this.rowCount += csv.records;
  }

  close(): ManifestFile {
    this.sink.close();
    return { path: this.path, bytes: this.bytes, sha256: this.hash.digestHex(), rows: this.rowCount };
  }

  /** An axis with the name of a column of the table is called `axis_<name>` there. */
  private takeHeading(csv: PrefixedCsv, columns: readonly Column[]): void {
    if (!csv.hasHeading) return;
    if (this.heading === undefined) {
      this.heading = csv.headingText;
      const known = new Set(this.heading.split(','));
      const named = columns.map((entry) => (known.has(entry.name) ? { ...entry, name: `axis_${entry.name}` } : entry));
      this.write(headingOf(named).replace(/\n$/, `,${this.heading}\n`));
    }
    assert(csv.headingText === this.heading, `${this.path}: the cells do not have the same columns`);
  }

  private writeBytes(bytes: Uint8Array): void {
    this.sink.write(bytes);
    this.hash.update(bytes);
    this.bytes += bytes.length;
  }
}

function* piecesOf(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r');
  try {
    const buffer = new Uint8Array(PIECE_BYTES);
    for (;;) {
      const length = readSync(file, buffer);
      if (length === 0) return;
      yield buffer.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}
