import type { Argv } from 'yargs';
import { sweepFormats } from '../arguments.ts';
import { allowOutsideOption, allowPluginsOption, quietOption } from '../shared-options.ts';

/** Options that say which cells there are and where their results lie: the same for every command about an experiment. */
export function experimentOptions(parser: Argv) {
  return parser
    .option('file', {
      alias: 'f',
      type: 'string',
      requiresArg: true,
      demandOption: true,
      describe: 'experiment file',
    })
    .option('selector', {
      alias: 'l',
      type: 'string',
      requiresArg: true,
      describe: "cells by level: 'policy in (a,b),trace=default'",
    })
    .option('seeds', { type: 'string', requiresArg: true, describe: "in place of the file's: 42-51 or 1,2,7" })
    .option('seed', { type: 'string', requiresArg: true, describe: 'seed of the replications' })
    .option('replications', {
      alias: 'n',
      type: 'string',
      requiresArg: true,
      describe: 'runs of every combination under one seed',
    })
    .option('until', {
      type: 'string',
      requiresArg: true,
      describe: 'virtual time at which every run ends, such as 2h',
    })
    .option('set', {
      type: 'string',
      array: true,
      nargs: 1,
      describe: 'path=value in the scenario of every cell; levels go over it',
    })
    .option('out', { type: 'string', requiresArg: true, default: 'results', describe: 'folder of the results' })
    .option('output', {
      alias: 'o',
      choices: sweepFormats,
      default: 'text' as const,
      describe: 'form of the summary',
    })
    .option('quiet', quietOption)
    .option('allow-outside', allowOutsideOption('experiment'))
    .option('allow-plugins', allowPluginsOption(''));
}
