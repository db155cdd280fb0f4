/** `orrery compare --sweep RESULTS --axis policy`: compares what has been run. */
import { dirname } from 'node:path';
import type { CellResult } from '../../experiment/cell.ts';
import { compareSamples } from '../../experiment/comparison/comparison.ts';
import { turnedDifferences } from '../../experiment/comparison/axis-dependence.ts';
import type { Samples } from '../../experiment/comparison/samples.ts';
import { sweptTies } from '../../experiment/comparison/tie-robustness.ts';
import type { CompareArguments } from '../arguments.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { shellWord } from '../command-line.ts';
import { exitCodes } from '../exit-codes.ts';
import { folderName } from '../result-folder.ts';
import { typedPath } from '../run-scenario.ts';
import type { CellContents } from '../sweep/cell-store.ts';
import { CellStore } from '../sweep/cell-store.ts';
import { refuseAltered } from '../sweep/run-cells.ts';
import type { RunTables } from '../../experiment/steady-state/span-figures.ts';
import type { CompareSettings } from './compare-settings.ts';
import type { Compared } from './compared.ts';
import { pairsText, scopeText, testsText, tiesText } from './comparison-text.ts';
import { chosenCells } from './chosen-cells.ts';
import { levelsOf, readSweep } from './read-sweep.ts';
import { readRunTables, runTableNames } from './run-tables.ts';
import { comparedSamples } from './warm-up.ts';

/** @throws CliError where the sweep, the axis or a level is not there, or no two levels share two worlds. */
export function compareSweep(
  args: CompareArguments & { readonly sweep: string },
  settings: CompareSettings,
  io: CliIo,
): Compared {
  const sweep = readSweep(args.sweep, io.cwd);
  const { axis, axes, policies, results } = args.cell === undefined ? levelsOf(sweep, args) : chosenCells(sweep, args);
  const { experiment } = sweep.manifest;
  const store = new CellStore(dirname(sweep.folder));
  const samples = comparedSamples(
    { results, axes, axis, policies, tablesOf: (result) => keptTables(result, store, io) },
    settings.warmUp,
  );
  if (samples.worlds.length < 2) throw new CliError(`orrery: the levels of ${axis} share ${tooFewWorlds(samples)}`);
  const comparison = compareSamples(samples, settings);
  const tieBreaks = [...new Set(results.map(({ tieBreak }) => tieBreak))];
  // Where a part of the runs is compared, their figures as a whole say nothing of it.
  const isWhole = samples.warmUp === undefined && !samples.isSerial;
  const turned = isWhole ? turnedDifferences(comparison, results, axes, axis) : [];
  const scope = scopeText(axes, axis, args.selector);
  return {
    name: `compare-${folderName(experiment.name)}-${folderName(axis)}`,
    title: experiment.name,
    question: `Which ${axis} for ${experiment.name}?`,
    comparison,
    samples,
    about: [pairsText(samples), 'same random worlds for all', ...scope, testsText(comparison), tiesText(tieBreaks)],
    ties: sweptTies(tieBreaks, turned, samples),
    turned,
    stopping: undefined,
    command: commandOf(args, axis),
    exitCode: exitCodes.ok,
  };
}

function tooFewWorlds({ worlds, incomplete }: Samples): string {
  const what = worlds.length === 0 ? 'no world' : 'one world only';
  const count = incomplete.length;
  return count === 0
    ? what
    : `${what}: in ${count} ${count === 1 ? 'world' : 'worlds'} a run of one of them failed or is missing`;
}

const kept: CellContents = { tables: runTableNames, cells: 'merged', charts: false, report: false };

/** The tables of a cell beside the merged ones; its files are compared with their hashes. */
function keptTables({ cell }: CellResult, store: CellStore, io: CliIo): RunTables {
  const stored = store.read(cell.key, kept);
  if (stored.state === 'altered') refuseAltered([`${typedPath(stored.path, io.cwd)} ${stored.why}`]);
  return readRunTables(store.cellFolder(cell.key), typedPath(store.cellFolder(cell.key), io.cwd));
}

function commandOf(args: CompareArguments & { readonly sweep: string }, axis: string): string {
  const option = (name: string, value: string | undefined): string[] => (value === undefined ? [] : [name, value]);
  const words = [
    ...['orrery', 'compare', '--sweep', args.sweep],
    ...(args.cell?.flatMap((text) => ['--cell', text]) ?? ['--axis', axis]),
    ...option('-l', args.selector),
    ...option('--baseline', args.baseline),
    ...(args.metric ?? []).flatMap((metric) => ['--metric', metric]),
    ...option('--half-width', args['half-width']),
    ...option('--warm-up', args['warm-up']),
    ...(args.level === '95' ? [] : ['--level', args.level]),
  ];
  return words.map(shellWord).join(' ');
}
