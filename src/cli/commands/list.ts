import { listFormats, listTopics } from '../arguments.ts';
import type { ListArguments } from '../arguments.ts';
import { defineCommand } from '../command.ts';

/** `orrery list faults`: what there is, straight from the registries. */
export const list = defineCommand<ListArguments>({
  usage: 'list <what>',
  description: `list ${listTopics.join(', ')}`,
  options: (parser) =>
    parser
      .positional('what', { choices: listTopics, demandOption: true, describe: 'what to list' })
      .option('output', {
        alias: 'o',
        choices: listFormats,
        default: 'text' as const,
        describe: 'form of the list; wide adds details such as the parameters of faults',
      })
      .option('dir', { type: 'string', requiresArg: true, default: 'scenarios', describe: 'folder of the scenarios' }),
  async run(args, io) {
    const { listThings } = await import('../list-things.ts');
    return listThings(args, io);
  },
});
