/** What `sweep` and `merge` have in common: arguments to a plan, with its diagnostics told. */
import { join, resolve } from 'node:path';
import { parseDuration } from '../../engine/time.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { axesOf } from '../../experiment/experiment.ts';
import { replicationsOf, worldsOfSeeds } from '../../experiment/resolve-worlds.ts';
import { formatDiagnostics } from '../../scenario/diagnostics.ts';
import type { ExperimentArguments } from '../arguments.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { shellWord } from '../command-line.ts';
import { exitCodes } from '../exit-codes.ts';
import { fileReaderAt } from '../file-reader-at.ts';
import { folderName } from '../result-folder.ts';
import { CellStore } from './cell-store.ts';
import type { PlanSettings, PlannedCell } from './plan-cells.ts';
import { planCells } from './plan-cells.ts';
import { selectedCells } from './select-cells.ts';

/** A plan without errors. */
export interface SoundPlan {
  readonly experiment: Experiment;
  /** Those that the selector takes, in key order. */
  readonly cells: readonly PlannedCell[];
  readonly store: CellStore;
}

/** Plans an experiment and tells what is wrong with it; undefined where there are errors. */
export async function soundPlan(args: ExperimentArguments, io: CliIo): Promise<SoundPlan | undefined> {
  const settings = {
    until: untilOf(args.until),
    overrides: args.set ?? [],
    worlds: worldsOf(args),
    allowOutside: args['allow-outside'],
    allowPlugins: args['allow-plugins'],
  };
  const { experiment, cells, diagnostics } = await planCells(
    args.file,
    settings,
    fileReaderAt(io.cwd),
    io.interruption,
  );
  if (diagnostics.length > 0 && (experiment === undefined || !args.quiet))
    io.stderr.write(`${formatDiagnostics(diagnostics)}\n`);
  if (experiment === undefined) return undefined;
  refuseStopped(io);
  const { selector: text } = args;
  const choice = { axes: axesOf(experiment), text: text ?? '', option: '--selector' };
  const chosen = text === undefined ? cells : selectedCells(cells, (cell) => cell, choice);
  const folder = join(resolve(io.cwd, args.out), `sweep-${folderName(experiment.name)}`);
  return { experiment, cells: chosen, store: new CellStore(folder) };
}

/** @throws CliError where a signal came while cells were checked: their list is not complete. */
function refuseStopped({ interruption: { signal } }: CliIo): void {
  if (signal === undefined) return;
  const exitCode = signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
  throw new CliError(`orrery: stopped by ${signal} while the cells were checked; nothing was run.`, exitCode);
}

function untilOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const us = parseDuration(text);
  if (us === undefined || us === 0)
    throw new CliError(`orrery: --until "${text}" is not a duration above zero; write 90s, 15m, 2h or 1d`);
  return us;
}

const replicationsMax = 1_000_000;

/** Worlds of the command line take the place of those in the file; of the replications of one seed it may state either alone. */
function worldsOf({ seeds, replications, seed }: ExperimentArguments): PlanSettings['worlds'] {
  if (seeds !== undefined) {
    if (replications !== undefined || seed !== undefined)
      throw new CliError('orrery: --seeds goes with neither --seed nor --replications');
    const { worlds, problems } = worldsOfSeeds(seeds.split(','));
    if (problems[0] !== undefined) throw new CliError(`orrery: --seeds ${seeds}: ${problems[0].finding.message}`);
    return () => worlds;
  }
  if (replications === undefined && seed === undefined) return undefined;
  const amount = Number(replications ?? '1');
  if (!/^\d{1,7}$/.test(replications ?? '1') || amount < 1 || amount > replicationsMax)
    throw new CliError(`orrery: --replications "${replications}" is not a whole number from 1 to ${replicationsMax}`);
  return (own) => {
    const isOfOneSeed = own.every((world) => world.seed === own[0]!.seed);
    if (!isOfOneSeed) return replicationsOf(seed, amount);
    return replicationsOf(seed ?? own[0]!.seed, replications === undefined ? own.length : amount);
  };
}

/** The command with everything that determines the results; how many workers did it is of no account. */
export function sweepCommand(verb: 'sweep' | 'merge', args: ExperimentArguments): string {
  const option = (name: string, value: string | undefined): string[] => (value === undefined ? [] : [name, value]);
  const words = [
    ...['orrery', verb, '-f', args.file],
    ...option('-l', args.selector),
    ...option('--seeds', args.seeds),
    ...option('--seed', args.seed),
    ...option('--replications', args.replications),
    ...option('--until', args.until),
    ...(args.set ?? []).flatMap((text) => ['--set', text]),
    ...(args.out === 'results' ? [] : ['--out', args.out]),
    ...(args['allow-outside'] ? ['--allow-outside'] : []),
    ...(args['allow-plugins'] ? ['--allow-plugins'] : []),
  ];
  return words.map(shellWord).join(' ');
}
