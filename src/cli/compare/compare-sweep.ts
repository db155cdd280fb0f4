/** `orrery compare --sweep RESULTS --axis policy`: compares what has been run. */
import { compareSamples } from '../../experiment/comparison/comparison.ts';
import { samplesOf } from '../../experiment/comparison/samples.ts';
import { untriedTies } from '../../experiment/comparison/tie-robustness.ts';
import type { CompareArguments } from '../arguments.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { shellWord } from '../command-line.ts';
import { exitCodes } from '../exit-codes.ts';
import { folderName } from '../result-folder.ts';
import type { CompareSettings } from './compare-settings.ts';
import type { Compared } from './compared.ts';
import { scopeText, testsText, tiesText } from './comparison-text.ts';
import { levelsOf, readSweep } from './read-sweep.ts';

/** @throws CliError where the sweep, the axis or a level is not there, or no two levels share two worlds. */
export function compareSweep(
  args: CompareArguments & { readonly sweep: string },
  settings: CompareSettings,
  io: CliIo,
): Compared {
  const sweep = readSweep(args.sweep, io.cwd);
  const { axis, policies, results } = levelsOf(sweep, args);
  const { axes, experiment } = sweep.manifest;
  const samples = samplesOf(results, axes, { axis, policies });
  if (samples.worlds.length < 2)
    throw new CliError(`orrery: the levels of ${axis} share ${samples.worlds.length} worlds; a comparison takes two`);
  const comparison = compareSamples(samples, settings);
  const scope = scopeText(axes, axis, args.selector);
  return {
    name: `compare-${folderName(experiment.name)}-${folderName(axis)}`,
    title: experiment.name,
    question: `Which ${axis} for ${experiment.name}?`,
    comparison,
    samples,
    about: [
      `${samples.worlds.length} paired runs`,
      'same random worlds for all',
      ...scope,
      testsText(comparison),
      tiesText(sweep.manifest.tieBreaks),
    ],
    ties: untriedTies(sweep.manifest.tieBreaks),
    stopping: undefined,
    command: commandOf(args, axis),
    exitCode: exitCodes.ok,
  };
}

function commandOf(args: CompareArguments & { readonly sweep: string }, axis: string): string {
  const option = (name: string, value: string | undefined): string[] => (value === undefined ? [] : [name, value]);
  const words = [
    ...['orrery', 'compare', '--sweep', args.sweep, '--axis', axis],
    ...option('-l', args.selector),
    ...option('--baseline', args.baseline),
    ...(args.metric ?? []).flatMap((metric) => ['--metric', metric]),
    ...(args.level === '95' ? [] : ['--level', args.level]),
  ];
  return words.map(shellWord).join(' ');
}
