import type { ValidateArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { allowOutsideOption, allowPluginsOption } from '../shared-options.ts';

/** `orrery validate -f scenario.yaml`: every mistake, without running anything. */
export const validate = defineCommand<ValidateArguments>({
  usage: 'validate',
  description: 'check scenarios, experiments and their manifests without running them',
  examples: [['$0 validate -f scenarios/', 'every scenario of a folder; warnings alone exit with 0']],
  options: (parser) =>
    parser
      .option('file', {
        alias: 'f',
        type: 'string',
        array: true,
        nargs: 1,
        demandOption: true,
        describe: 'scenario or experiment file, or a folder of scenarios; may be repeated',
      })
      .option('set', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'path=value: replaces a value of the scenario',
      })
      .option('output', {
        alias: 'o',
        choices: ['text', 'json'] as const,
        default: 'text' as const,
        describe: 'form of the messages',
      })
      .option('write-config-to', {
        type: 'string',
        requiresArg: true,
        describe: "write the scheduler's complete configuration to this file (- = here) and exit",
      })
      .option('allow-outside', allowOutsideOption('scenario'))
      .option('allow-plugins', allowPluginsOption('of a scenario ')),
  async run(args, io) {
    const { validateScenarios } = await import('../validate-scenarios.ts');
    return validateScenarios(args, io);
  },
});
