import { defineCommandGroup } from '../command.ts';
import { initPluginCommand } from './init/plugin.ts';

/** `orrery init ...`: files to begin with. */
export const init = defineCommandGroup({
  usage: 'init',
  description: 'write files to begin with: a scheduler plugin of your own',
  subcommands: [initPluginCommand],
});
