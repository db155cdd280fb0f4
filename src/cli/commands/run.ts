import { summaryFormats } from '../arguments.ts';
import type { RunArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { allowOutsideOption, allowPluginsOption, quietOption } from '../shared-options.ts';

/** `orrery run -f scenario.yaml`: runs scenarios and writes their results. */
export const run = defineCommand<RunArguments>({
  usage: 'run',
  description: 'run scenarios and write tables, charts and a report',
  examples: [
    ['$0 run -f scenarios/quickstart.yaml', 'one scenario, results in ./results'],
    ['$0 run -f zone.yaml --seed 7 --set spec.horizon=4h', 'another seed, a longer run'],
  ],
  options: (parser) =>
    parser
      .option('file', {
        alias: 'f',
        type: 'string',
        array: true,
        nargs: 1,
        demandOption: true,
        describe: 'scenario file, or a folder of scenarios; may be repeated',
      })
      .option('seed', { type: 'string', requiresArg: true, describe: 'all randomness comes from it' })
      .option('replication', {
        type: 'string',
        requiresArg: true,
        describe: 'number of the run under this seed, from 0',
      })
      .option('until', {
        type: 'string',
        requiresArg: true,
        describe: 'virtual time at which the run ends, such as 2h',
      })
      .option('set', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'path=value: replaces a value of the scenario; may be repeated',
      })
      .option('out', { type: 'string', requiresArg: true, default: 'results', describe: 'folder of the results' })
      .option('check', {
        choices: ['off', 'cheap', 'full'] as const,
        default: 'cheap' as const,
        describe: 'how closely the rules of the cluster are checked',
      })
      .option('charts', { type: 'boolean', default: true, describe: 'draw charts; --no-charts does not' })
      .option('report', { type: 'boolean', default: true, describe: 'write report.html; --no-report does not' })
      .option('output', {
        alias: 'o',
        choices: summaryFormats,
        default: 'text' as const,
        describe: 'form of the summary; wide uses the whole terminal',
      })
      .option('quiet', quietOption)
      .option('allow-outside', allowOutsideOption('scenario'))
      .option('allow-plugins', allowPluginsOption('of a scenario '))
      .option('write-config-to', {
        type: 'string',
        requiresArg: true,
        describe: "write the scheduler's complete configuration to this file (- = here) and exit",
      })
      .option('check-determinism', {
        type: 'boolean',
        default: false,
        describe: 'run twice and compare; exit code 6 names the first difference',
      })
      .option('verify', {
        type: 'boolean',
        default: false,
        describe: 'ask plugins anew for what is remembered of nodes, and stop at the first difference',
      }),
  async run(args, io) {
    const { runScenarios } = await import('../run-scenarios.ts');
    return runScenarios(args, io);
  },
});
