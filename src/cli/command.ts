import type { Argv } from 'yargs';
import type { CliIo } from './cli-io.ts';
import type { ExitCode } from './exit-codes.ts';

/** One command of `orrery`: its arguments, and what it does with them. */
export interface Command<A = unknown> {
  /** The name and its positional arguments as yargs reads them: `diff <a> <b>`. */
  readonly usage: string;
  /** One line for `orrery --help`. */
  readonly description: string;
  /** Lines of `orrery <command> --help` below the options. */
  readonly examples?: readonly (readonly [command: string, what: string])[];
  /** Declares the arguments. */
  options(parser: Argv): Argv<A>;
  /** Does the work; what it needs is imported here, so that `--help` stays quick. */
  run(args: A, io: CliIo): Promise<ExitCode>;
}

/** Commands under one word, such as `orrery explain pod`; the word alone does nothing. */
export interface CommandGroup {
  readonly usage: string;
  readonly description: string;
  readonly subcommands: readonly Command[];
}

/** Names a group where the registry of commands looks for definitions. */
export function defineCommandGroup(group: CommandGroup): CommandGroup {
  return group;
}

/** Keeps the types of a command's arguments inside it while the registry sees all commands alike. */
export function defineCommand<A>(command: Command<A>): Command {
  return command as unknown as Command;
}
