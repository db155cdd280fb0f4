import yargs from 'yargs';
import { commands } from './commands/registry.ts';

const nameOf = (usage: string): string => usage.split(' ')[0]!;

/** Names of all commands, in the order of the help text. */
export function commandNames(): readonly string[] {
  return [...commands.map(({ usage }) => nameOf(usage)), 'completion'];
}

/** Names of the options of one command, short and long. */
export function optionNames(command: string): readonly string[] {
  const definition = commands.find(({ usage }) => nameOf(usage) === command);
  if (definition === undefined) return [];
  const parser = definition.options(yargs([])) as unknown as {
    getOptions(): { readonly key: Record<string, unknown>; readonly alias: Record<string, readonly string[]> };
  };
  const { key, alias } = parser.getOptions();
  return [...new Set([...Object.keys(key), ...Object.values(alias).flat()])];
}
