/** The arguments of `orrery compare`. */
import type { Argv } from 'yargs';
import { comparisonFormats } from '../arguments.ts';
import { allowOutsideOption, allowPluginsOption, quietOption } from '../shared-options.ts';

/** What is compared. */
export function subjectOptions(parser: Argv) {
  return parser
    .option('file', { alias: 'f', type: 'string', requiresArg: true, describe: 'scenario file' })
    .option('profile', {
      type: 'string',
      array: true,
      nargs: 1,
      describe:
        'default, most-allocated, ..., a plugin such as best-fit or mine/my-policy.ts, or a KubeSchedulerConfiguration file; repeat',
    })
    .option('sweep', { type: 'string', requiresArg: true, describe: 'folder of a finished sweep, instead of -f' })
    .option('axis', { type: 'string', requiresArg: true, describe: 'axis of the sweep whose levels are compared' })
    .option('cell', {
      type: 'string',
      array: true,
      nargs: 1,
      conflicts: 'axis',
      describe: "cells to compare instead of an axis: 'policy=a,nodes=30', repeat; the first is the baseline",
    })
    .option('selector', {
      alias: 'l',
      type: 'string',
      requiresArg: true,
      describe: "cells of the sweep by level: 'policy in (a,b),trace=default'",
    })
    .option('baseline', { type: 'string', requiresArg: true, describe: 'what the others are compared with' })
    .option('replications', {
      alias: 'n',
      type: 'string',
      requiresArg: true,
      describe:
        'random worlds, the same for all; default 10; 1 = one run each, batch by batch; with --until-half-width: how many to begin with, from 10 on',
    });
}

/** How sure the answer has to be. */
export function statisticsOptions<T>(parser: Argv<T>) {
  return parser
    .option('half-width', {
      type: 'string',
      requiresArg: true,
      describe:
        'how exactly differences are wanted, as a share of the baseline: tells the worlds that takes; default 5%',
    })
    .option('until-half-width', {
      type: 'string',
      requiresArg: true,
      describe: 'add worlds until every difference is known to this share of the baseline: 5%',
    })
    .option('replications-max', { type: 'string', requiresArg: true, describe: 'but no more worlds; default 100' })
    .option('metric', {
      type: 'string',
      array: true,
      nargs: 1,
      describe:
        'what to compare (orrery list metrics), may be repeated, * = any text; unavailability.each = each workload',
    })
    .option('level', { type: 'string', requiresArg: true, default: '95', describe: 'confidence level, percent' })
    .option('warm-up', {
      type: 'string',
      requiresArg: true,
      describe: 'cut the beginning of each run: 20m, auto (MSER-5 on cpu_requested_ratio of the baseline), auto:SERIES',
    })
    .option('tie-salts', {
      type: 'string',
      requiresArg: true,
      describe: 'also break ties differently so many times: does the ranking survive?',
    })
    .option('fail-on', { choices: ['regression'] as const, describe: 'exit code 1 when a profile is surely worse' })
    .option('tolerate', {
      type: 'string',
      requiresArg: true,
      default: '2%',
      describe: 'change for the worse that is no regression',
    });
}

/** How it is run, and what is written. */
export function outputOptions<T>(parser: Argv<T>) {
  return parser
    .option('seed', { type: 'string', requiresArg: true, describe: "instead of the scenario's" })
    .option('until', { type: 'string', requiresArg: true, describe: 'virtual time at which every run ends' })
    .option('set', { type: 'string', array: true, nargs: 1, describe: 'path=value in the scenario' })
    .option('workers', {
      type: 'string',
      requiresArg: true,
      describe: 'runs at one time; default: one for each core',
    })
    .option('out', { type: 'string', requiresArg: true, default: 'results', describe: 'folder of the results' })
    .option('output', {
      alias: 'o',
      choices: comparisonFormats,
      default: 'text' as const,
      describe: 'form of the answer',
    })
    .option('charts', { type: 'boolean', default: true, describe: 'draw charts; --no-charts to leave them out' })
    .option('report', { type: 'boolean', default: true, describe: 'write report.html; --no-report to leave it out' })
    .option('quiet', quietOption)
    .option('allow-outside', allowOutsideOption('scenario'))
    .option('allow-plugins', allowPluginsOption(''));
}
