import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { allowPluginsOption } from '../shared-options.ts';

interface DiffArguments {
  readonly a: string;
  readonly b: string;
  readonly around: string;
  readonly 'allow-plugins': boolean;
}

const AROUND_MAX = 10_000;

/** `orrery diff A B`: the first event in which two results differ. */
export const diff = defineCommand<DiffArguments>({
  usage: 'diff <a> <b>',
  description: 'compare two results and name the first event that differs',
  examples: [['$0 diff results/golden/preemption results/preemption/42', 'exit code 0: same, 1: they differ']],
  options: (parser) =>
    parser
      .positional('a', { type: 'string', demandOption: true, describe: 'folder of a result' })
      .positional('b', { type: 'string', demandOption: true, describe: 'folder of another result' })
      .option('around', {
        type: 'string',
        requiresArg: true,
        default: '10',
        describe: 'lines of the journal shown before and after the difference',
      })
      .option('allow-plugins', allowPluginsOption('of results ')),
  async run({ a, b, around, 'allow-plugins': allowPlugins }, io) {
    const lines = /^\d{1,6}$/.test(around) ? Number(around) : Infinity;
    if (lines > AROUND_MAX)
      throw new CliError(`orrery: --around "${around}" is not a whole number from 0 to ${AROUND_MAX}`);
    const { diffResults } = await import('../diff-results.ts');
    return diffResults(a, b, { around: lines, allowPlugins }, io);
  },
});
