import yargs from 'yargs';
import type { Command } from './command.ts';
import { commands } from './commands/registry.ts';

const nameOf = ({ usage }: { readonly usage: string }): string => usage.split(' ')[0]!;

/** Names of all commands, in the order of the help text. */
export function commandNames(): readonly string[] {
  return [...commands.map(nameOf), 'completion'];
}

/** What the words of a command line that are no options lead to. */
export interface NamedCommand {
  /** `explain pod`; as far as it was understood. */
  readonly name: string;
  /** What it wants beside options, as its usage has it: `<what>`. */
  readonly operands: readonly string[];
  /** Names of its options, short and long; undefined where a word is missing or unknown. */
  readonly options: readonly string[] | undefined;
  /** The first word that names nothing, and what it could have been. */
  readonly unknown: { readonly word: string; readonly known: readonly string[] } | undefined;
}

/** Follows the words of a command line through the commands and their groups. */
export function namedCommand(argv: readonly string[]): NamedCommand {
  const [first, second] = argv.filter((word) => !word.startsWith('-'));
  const known = commandNames();
  const unknown = (word: string | undefined, names: readonly string[]): NamedCommand['unknown'] =>
    word === undefined || names.includes(word) ? undefined : { word, known: names };
  const entry = commands.find((candidate) => nameOf(candidate) === first);
  if (entry === undefined) return { ...none, unknown: unknown(first, known) };
  const name = nameOf(entry);
  if (!('subcommands' in entry)) return { ...found(entry), name };
  const names = entry.subcommands.map(nameOf);
  const below = entry.subcommands.find((candidate) => nameOf(candidate) === second);
  if (below === undefined) return { ...none, name, unknown: unknown(second, names) };
  return { ...found(below), name: `${name} ${nameOf(below)}` };
}

const none = { name: '', operands: [], options: undefined } as const;

function found(command: Command): Omit<NamedCommand, 'name'> {
  return { operands: command.usage.match(/<[^>]+>/g) ?? [], options: optionNames(command), unknown: undefined };
}

function optionNames(command: Command): readonly string[] {
  const parser = command.options(yargs([])) as unknown as {
    getOptions(): { readonly key: Record<string, unknown>; readonly alias: Record<string, readonly string[]> };
  };
  const { key, alias } = parser.getOptions();
  return [...new Set([...Object.keys(key), ...Object.values(alias).flat()])];
}
