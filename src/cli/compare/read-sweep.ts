/** A finished sweep as its merged tables tell it. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Axis, Cell, CellResult } from '../../experiment/cell.ts';
import { workloadFigures } from '../../experiment/comparison/workload-figures.ts';
import type { TieBreak } from '../../scheduler/select-host.ts';
import { CliError } from '../cli-error.ts';
import { shellWord } from '../command-line.ts';
import type { CsvRecord } from '../explain/csv-records.ts';
import { csvRecords } from '../explain/csv-records.ts';
import { sha256Hex } from '../node-hash.ts';
import { manifestName } from '../result-folder.ts';
import { typedPath } from '../run-scenario.ts';
import { noSuch, selectedCells } from '../sweep/select-cells.ts';
import type { SweepManifest } from '../sweep/sweep-manifest.ts';
import { sweepManifestSchema } from '../sweep/sweep-manifest.ts';
import { sweepBelow } from '../sweep/take-over.ts';

/** A cell as the tables tell it. */
export interface ReadCell extends CellResult {
  /** How ties were broken in it. */
  readonly tieBreak: TieBreak;
}

/** What a sweep came to. */
export interface ReadSweep {
  /** Folder of the merged tables, absolute. */
  readonly folder: string;
  readonly manifest: SweepManifest;
  readonly results: readonly ReadCell[];
}

/**
 * Reads the merged tables of a sweep; `name` is its folder or that of the tables.
 *
 * @throws CliError (exit code 2) where there is none, or its files are not those that were written, or those of another version.
 */
export function readSweep(name: string, cwd: string): ReadSweep {
  const tables = new MergedTables(name, cwd);
  const { manifest } = tables;
  const byCell = new Map<string, ReadCell & { readonly figures: Map<string, number> }>();
  for (const record of tables.records('cells.csv', ['tie_break', 'key', 'problem'])) {
    const place = placeIn(record, manifest.axes);
    const cell: Cell = { index: byCell.size, ...place, key: record['key']! };
    const problem = record['problem'] === '' ? undefined : record['problem'];
    byCell.set(nameOf(place), { cell, tieBreak: record['tie_break'] as TieBreak, problem, figures: new Map() });
  }
  const figuresOf = (record: CsvRecord) => byCell.get(nameOf(placeIn(record, manifest.axes)))?.figures;
  for (const record of tables.records('figures.csv', ['metric', 'value', 'unit'])) {
    const value = Number(record['value']);
    figuresOf(record)?.set(record['metric']!, record['unit'] === 's' ? Math.round(value * 1_000_000) : value);
  }
  for (const record of tables.has('workloads.csv') ? tables.records('workloads.csv', []) : []) {
    const figures = figuresOf(record);
    for (const [metric, value] of workloadFigures([record])) figures?.set(metric, value);
  }
  return { folder: tables.folder, manifest, results: [...byCell.values()] };
}

/** The files of a merged sweep. */
class MergedTables {
  /** Absolute. */
  readonly folder: string;
  readonly manifest: SweepManifest;
  private readonly name: string;
  private readonly cwd: string;

  constructor(name: string, cwd: string) {
    const given = resolve(cwd, name);
    this.folder = existsSync(join(given, 'merged', manifestName)) ? join(given, 'merged') : given;
    this.manifest = manifestIn(this.folder, name);
    this.name = name;
    this.cwd = cwd;
  }

  has(file: string): boolean {
    return this.manifest.files.some(({ path }) => path === file);
  }

  /** @param columns that it must have, beside those of the place of a cell. */
  records(file: string, columns: readonly string[]): readonly CsvRecord[] {
    const path = join(this.folder, file);
    if (!existsSync(path)) this.refuse(`${this.name} has no ${file}`);
    const text = readFileSync(path, 'utf8');
    // No cell has the table.
    if (text === '') return [];
    const header = text.slice(0, text.indexOf('\n')).split(',');
    const place = [...this.manifest.axes.map(({ name }) => name), 'seed', 'replication'];
    const missing = [...place, ...columns].find((name) => !header.includes(name) && !header.includes(`axis_${name}`));
    if (missing !== undefined)
      this.refuse(`${this.name} was merged by another version, or changed: its ${file} has no column ${missing}`);
    const listed = this.manifest.files.find((entry) => entry.path === file);
    if (listed?.sha256 !== sha256Hex(text))
      this.refuse(`hash mismatch: ${this.name} has a ${file} that was changed after being written`);
    return csvRecords(text);
  }

  /** A sweep that finds its cells runs nothing and merges them anew. */
  private refuse(problem: string): never {
    const out = typedPath(dirname(dirname(this.folder)), this.cwd);
    const command = `${this.manifest.command}${out === 'results' ? '' : ` --out ${shellWord(out)}`}`;
    throw new CliError(`orrery: ${problem}.\nTo merge it anew, with the cells that are there: ${command}`);
  }
}

function manifestIn(folder: string, name: string): SweepManifest {
  let manifest: Partial<SweepManifest> | undefined;
  try {
    manifest = JSON.parse(readFileSync(join(folder, manifestName), 'utf8')) as Partial<SweepManifest>;
  } catch {
    manifest = undefined;
  }
  if (manifest?.schema === sweepManifestSchema) return manifest as SweepManifest;
  const isUnmerged = existsSync(join(folder, 'cells'));
  const hint = isUnmerged ? '; orrery sweep, or merge, writes them' : sweepBelow(folder, name);
  throw new CliError(`orrery: ${name} is no finished sweep: it has no ${manifestName} of merged tables${hint}`);
}

type CellPlace = Pick<Cell, 'levels' | 'seed' | 'replication'>;

const nameOf = ({ levels, seed, replication }: CellPlace): string => JSON.stringify([levels, seed, replication]);

/** The cell of a result. */
export const cellOf = ({ cell }: ReadCell): Cell => cell;

function placeIn(record: CsvRecord, axes: readonly Axis[]): CellPlace {
  return {
    levels: axes.map(({ name }) => unquoted(record[`axis_${name}`] ?? record[name]!)),
    seed: unquoted(record['seed']!),
    replication: Number(record['replication']),
  };
}

/** Texts that a spreadsheet would run are written with an apostrophe in front. */
const unquoted = (text: string): string => text.replace(/^'(?=[=+\-@\t\r])/, '');

/** The axis that is compared, and its levels: the baseline first. */
export interface SweepLevels {
  readonly axis: string;
  /** The axes of the results. */
  readonly axes: readonly Axis[];
  readonly policies: readonly string[];
  readonly results: readonly ReadCell[];
}

/** @throws CliError where an axis or a level is not there, or fewer than two levels are left. */
export function levelsOf(
  { manifest, results }: ReadSweep,
  { axis, selector, baseline }: { readonly [name in 'axis' | 'selector' | 'baseline']: string | undefined },
): SweepLevels {
  const { axes } = manifest;
  const names = axes.map(({ name }) => name);
  const several = axes.filter(({ levels }) => levels.length > 1).map(({ name }) => name);
  const chosen = axis ?? (several.length === 1 ? several[0] : undefined);
  if (chosen === undefined)
    throw new CliError(`orrery: --axis says which of the axes is compared: ${several.join(', ')}`);
  const at = names.indexOf(chosen);
  if (at < 0) throw new CliError(`orrery: ${noSuch('axis', chosen, names)}`);
  const kept =
    selector === undefined ? results : selectedCells(results, cellOf, { axes, text: selector, option: '--selector' });
  const present = new Set(kept.map(({ cell }) => cell.levels[at]));
  const levels = axes[at]!.levels.filter((level) => present.has(level));
  const first = baseline ?? (present.has(manifest.baseline[at]) ? manifest.baseline[at]! : levels[0]);
  if (first === undefined || !levels.includes(first))
    throw new CliError(`orrery: --baseline: ${noSuch(`level of ${chosen}`, first ?? '', levels)}`);
  if (levels.length < 2) throw new CliError(`orrery: there is only one level of ${chosen} to compare`);
  return { axis: chosen, axes, policies: [first, ...levels.filter((level) => level !== first)], results: kept };
}
