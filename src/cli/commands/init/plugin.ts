import { defineCommand } from '../../command.ts';

interface InitPluginArguments {
  readonly name: string;
  readonly dir: string;
}

/** `orrery init plugin FewestPods`: a scheduler plugin of one's own, to begin with. */
export const initPluginCommand = defineCommand<InitPluginArguments>({
  usage: 'plugin <name>',
  description: 'write a scheduler plugin with typed args and state, its test and its configuration',
  examples: [['$0 init plugin FewestPods --dir mine', 'mine/fewest-pods.ts and what belongs to it']],
  options: (parser) =>
    parser
      .positional('name', { type: 'string', demandOption: true, describe: 'as kube-scheduler writes it: FewestPods' })
      .option('dir', { type: 'string', requiresArg: true, default: '.', describe: 'folder of the files' }),
  async run({ name, dir }, io) {
    const { initPlugin } = await import('../../init-plugin.ts');
    return initPlugin(name, dir, io);
  },
});
