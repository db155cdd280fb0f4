/** A finished sweep as its merged tables tell it. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compileSelector, parseSelector } from '../../api/labels.ts';
import type { Axis, Cell, CellResult } from '../../experiment/cell.ts';
import { workloadFigures } from '../../experiment/comparison/workload-figures.ts';
import type { TieBreak } from '../../scheduler/select-host.ts';
import { nearest } from '../../util/suggest.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import type { CsvRecord } from '../explain/csv-records.ts';
import { csvRecords } from '../explain/csv-records.ts';
import { sha256Hex } from '../node-hash.ts';
import { manifestName } from '../result-folder.ts';
import type { SweepManifest } from '../sweep/sweep-manifest.ts';
import { sweepManifestSchema } from '../sweep/sweep-manifest.ts';

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
 * @throws CliError where there is none (exit code 5), or its files are not those that were written (exit code 2).
 */
export function readSweep(name: string, cwd: string): ReadSweep {
  const given = resolve(cwd, name);
  const folder = existsSync(join(given, 'merged', manifestName)) ? join(given, 'merged') : given;
  const manifest = manifestIn(folder, name);
  const text = (file: string): string => {
    const content = readFileSync(join(folder, file), 'utf8');
    const listed = manifest.files.find(({ path }) => path === file);
    if (listed?.sha256 === sha256Hex(content)) return content;
    throw new CliError(`orrery: hash mismatch: ${name} has a ${file} that was changed after being written`);
  };
  const cells = csvRecords(text('cells.csv')).map((record, index) => cellOf(record, index, manifest.axes));
  const byCell = new Map(
    cells.map((read) => [nameOf(read.cell), { ...read, figures: new Map<string, number>() }] as const),
  );
  for (const record of csvRecords(text('figures.csv'))) {
    const { cell } = cellOf(record, 0, manifest.axes);
    const value = Number(record['value']);
    const figure = record['unit'] === 's' ? Math.round(value * 1_000_000) : value;
    byCell.get(nameOf(cell))?.figures.set(record['metric']!, figure);
  }
  const workloads = manifest.files.some(({ path }) => path === 'workloads.csv')
    ? csvRecords(text('workloads.csv'))
    : [];
  for (const record of workloads) {
    const figures = byCell.get(nameOf(cellOf(record, 0, manifest.axes).cell))?.figures;
    for (const [name, value] of workloadFigures([record])) figures?.set(name, value);
  }
  return { folder, manifest, results: [...byCell.values()] };
}

function manifestIn(folder: string, name: string): SweepManifest {
  let manifest: Partial<SweepManifest> | undefined;
  try {
    manifest = JSON.parse(readFileSync(join(folder, manifestName), 'utf8')) as Partial<SweepManifest>;
  } catch {
    manifest = undefined;
  }
  if (manifest?.schema === sweepManifestSchema) return manifest as SweepManifest;
  throw new CliError(`orrery: ${name} is no finished sweep: it has no ${manifestName} of merged tables`, exitCodes.io);
}

const nameOf = ({ levels, seed, replication }: Cell): string => JSON.stringify([levels, seed, replication]);

function cellOf(record: CsvRecord, index: number, axes: readonly Axis[]): Omit<ReadCell, 'figures'> {
  const cell: Cell = {
    index,
    levels: axes.map(({ name }) => unquoted(record[`axis_${name}`] ?? record[name] ?? '')),
    seed: unquoted(record['seed'] ?? ''),
    replication: Number(record['replication']),
    key: record['key'] ?? '',
  };
  const { problem = '' } = record;
  return { cell, tieBreak: record['tie_break'] as TieBreak, problem: problem === '' ? undefined : problem };
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
  const kept = selector === undefined ? results : selectedCells(results, axes, selector);
  const present = new Set(kept.map(({ cell }) => cell.levels[at]));
  const levels = axes[at]!.levels.filter((level) => present.has(level));
  const first = baseline ?? (present.has(manifest.baseline[at]) ? manifest.baseline[at]! : levels[0]);
  if (first === undefined || !levels.includes(first))
    throw new CliError(`orrery: --baseline: ${noSuch(`level of ${chosen}`, first ?? '', levels)}`);
  if (levels.length < 2) throw new CliError(`orrery: there is only one level of ${chosen} to compare`);
  return { axis: chosen, axes, policies: [first, ...levels.filter((level) => level !== first)], results: kept };
}

/**
 * Cells by a selector over the labels of their levels.
 *
 * @throws CliError where it cannot be read, names no axis, or leaves nothing over.
 */
export function selectedCells(
  results: readonly ReadCell[],
  axes: readonly Axis[],
  text: string,
  option = '--selector',
): readonly ReadCell[] {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw new CliError(`orrery: ${option}: ${parsed.message}`);
  const names = axes.map(({ name }) => name);
  for (const { key, values = [] } of parsed.selector.matchExpressions) {
    const axis = axes.find(({ name }) => name === key);
    if (axis === undefined) throw new CliError(`orrery: ${option}: ${noSuch('axis', key, names)}`);
    const unknown = values.find((value) => !axis.levels.includes(value));
    if (unknown !== undefined)
      throw new CliError(`orrery: ${option}: ${noSuch(`level of ${key}`, unknown, axis.levels)}`);
  }
  const matches = compileSelector(parsed.selector);
  const labels = ({ levels }: Cell) => Object.fromEntries(axes.map(({ name }, index) => [name, levels[index]!]));
  const kept = results.filter(({ cell }) => matches(labels(cell)));
  if (kept.length === 0) throw new CliError(`orrery: ${option} ${text} matches no cell`);
  return kept;
}

function noSuch(what: string, word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return `there is no ${what} "${word}"${near === undefined ? `; known: ${known.join(', ')}` : `; did you mean "${near}"?`}`;
}
