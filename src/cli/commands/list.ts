import { defineCommand } from '../command.ts';

const topics = ['plugins', 'controllers', 'faults', 'metrics', 'charts', 'scenarios'] as const;
const formats = ['text', 'wide', 'json', 'name'] as const;

/** Arguments of `orrery list`. */
export interface ListArguments {
  readonly what: (typeof topics)[number];
  readonly output: (typeof formats)[number];
  readonly dir: string;
}

/** `orrery list faults`: what there is, straight from the registries. */
export const list = defineCommand<ListArguments>({
  usage: 'list <what>',
  description: `list ${topics.join(', ')}`,
  options: (parser) =>
    parser
      .positional('what', { choices: topics, demandOption: true, describe: 'what to list' })
      .option('output', {
        alias: 'o',
        choices: formats,
        default: 'text' as const,
        describe: 'form of the list; wide adds details such as the parameters of faults',
      })
      .option('dir', { type: 'string', requiresArg: true, default: 'scenarios', describe: 'folder of the scenarios' }),
  async run(args, io) {
    const { listThings } = await import('../list-things.ts');
    return listThings(args, io);
  },
});
