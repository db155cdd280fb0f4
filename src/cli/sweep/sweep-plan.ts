/** What `sweep` and `merge` have in common: arguments to a plan, with its diagnostics told. */
import { join, resolve } from 'node:path';
import { compileSelector, parseSelector } from '../../api/labels.ts';
import { parseDuration } from '../../engine/time.ts';
import type { Experiment, World } from '../../experiment/experiment.ts';
import { replicationsOf, worldsOfSeeds } from '../../experiment/resolve-worlds.ts';
import { formatDiagnostics } from '../../scenario/diagnostics.ts';
import { nearest } from '../../util/suggest.ts';
import type { ExperimentArguments } from '../arguments.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { shellWord } from '../command-line.ts';
import { exitCodes } from '../exit-codes.ts';
import { fileReaderAt } from '../file-reader-at.ts';
import { folderName } from '../result-folder.ts';
import { CellStore } from './cell-store.ts';
import type { PlannedCell } from './plan-cells.ts';
import { planCells } from './plan-cells.ts';

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
  const chosen = args.selector === undefined ? cells : selected(cells, experiment, args.selector);
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

/** Worlds of the command line take the place of those in the file. */
function worldsOf({ seeds, replications, seed }: ExperimentArguments): readonly World[] | undefined {
  if (seeds !== undefined) {
    if (replications !== undefined || seed !== undefined)
      throw new CliError('orrery: --seeds goes with neither --seed nor --replications');
    const { worlds, problems } = worldsOfSeeds(seeds.split(','));
    if (problems[0] !== undefined) throw new CliError(`orrery: --seeds ${seeds}: ${problems[0].finding.message}`);
    return worlds;
  }
  if (replications === undefined && seed === undefined) return undefined;
  const amount = Number(replications ?? '1');
  if (!/^\d{1,7}$/.test(replications ?? '1') || amount < 1 || amount > replicationsMax)
    throw new CliError(`orrery: --replications "${replications}" is not a whole number from 1 to ${replicationsMax}`);
  return replicationsOf(seed, amount);
}

/** The cells whose levels match a label selector over the axes, such as `policy in (fgd,best-fit),trace=default`. */
function selected(cells: readonly PlannedCell[], { axes }: Experiment, text: string): readonly PlannedCell[] {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw new CliError(`orrery: --selector: ${parsed.message}`);
  for (const { key, values = [] } of parsed.selector.matchExpressions) {
    const axis = axes.find(({ name }) => name === key);
    const known = axis?.levels.map(({ label }) => label) ?? [];
    const names = axes.map(({ name }) => name);
    if (axis === undefined) throw new CliError(`orrery: --selector: ${unknown('axis', key, names)}`);
    const wrong = values.find((value) => !known.includes(value));
    if (wrong !== undefined) throw new CliError(`orrery: --selector: ${unknown(`level of ${key}`, wrong, known)}`);
  }
  const matches = compileSelector(parsed.selector);
  const chosen = cells.filter(({ levels }) =>
    matches(Object.fromEntries(axes.map(({ name }, index) => [name, levels[index]!]))),
  );
  if (chosen.length === 0) throw new CliError(`orrery: --selector ${text} matches no cell`);
  return chosen;
}

function unknown(what: string, word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  const hint = near === undefined ? `; known: ${known.join(', ')}` : `; did you mean "${near}"?`;
  return `there is no ${what} "${word}"${hint}`;
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
