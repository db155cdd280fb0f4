import { traceFormats } from '../../workload/traces/registry.ts';
import type { ImportArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

/** `orrery import alibaba-openb --pods pods.csv -o openb`: a recorded workload as a scenario. */
export const importCommand = defineCommand<ImportArguments>({
  usage: 'import <format>',
  description: 'turn a recorded workload into a folder with a scenario',
  examples: [
    ['$0 import alibaba-openb --nodes nodes.csv --pods pods.csv.gz -o openb', 'openb/scenario.yaml and its tables'],
    ['$0 import csv --pods mine.csv -o mine --from 2h --to 8h --thin 0.1', 'six hours, a tenth of the pods'],
  ],
  options: (parser) =>
    parser
      .positional('format', {
        choices: traceFormats.map(({ name }) => name),
        demandOption: true,
        describe: 'how the files are written',
      })
      .option('pods', {
        type: 'string',
        requiresArg: true,
        demandOption: true,
        describe: 'what was submitted: CSV, plain or gzip',
      })
      .option('nodes', { type: 'string', requiresArg: true, describe: 'the machines: CSV, plain or gzip' })
      .option('out', {
        alias: 'o',
        type: 'string',
        requiresArg: true,
        demandOption: true,
        describe: 'folder to be made',
      })
      .option('replay', {
        choices: ['timed', 'inOrder'] as const,
        default: 'timed' as const,
        describe: 'with its times, or each pod offered once without a clock',
      })
      .option('time-scale', {
        type: 'string',
        requiresArg: true,
        describe: 'all times are multiplied by it; 0.5 = twice as fast',
      })
      .option('from', {
        type: 'string',
        requiresArg: true,
        describe: 'first instant of the trace that counts, such as 2h',
      })
      .option('to', { type: 'string', requiresArg: true, describe: 'what arrived at or after it is left out' })
      .option('thin', { type: 'string', requiresArg: true, describe: 'share of the pods that is kept, such as 0.1' })
      .option('skip-bad-rows', {
        type: 'boolean',
        default: false,
        describe: 'leave out rows that cannot be read, and say how many; else nothing is written',
      }),
  async run(args, io) {
    const { importTrace } = await import('../import-trace.ts');
    return importTrace(args, io);
  },
});
