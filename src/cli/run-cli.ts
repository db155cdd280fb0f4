import yargs from 'yargs';
import type { Argv } from 'yargs';
import { AssertionError } from '../util/assert.ts';
import { CliError, ioMessage } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import type { Command, CommandGroup } from './command.ts';
import { commands } from './commands/registry.ts';
import { exitCodeHelp, exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { orreryVersion } from './orrery-version.ts';
import { withSuggestion } from './usage-message.ts';

const WIDTH_MAX = 80;

/** Carries out one command line (`words` without program and script). Never throws; the answer is the exit code. */
export async function runCli(words: readonly string[], io: CliIo): Promise<ExitCode> {
  // As with kubectl, `help run` is `run --help`.
  const argv = words[0] === 'help' ? [...words.slice(1), '--help'] : words;
  try {
    const { chosen, error, output } = await parse(parserFor(argv, io), argv);
    if (output !== '') io.stdout.write(output.endsWith('\n') ? output : `${output}\n`);
    if (error !== undefined) throw asUsageError(error, argv);
    return (await chosen?.command.run(chosen.args, io)) ?? exitCodes.ok;
  } catch (error) {
    return tellError(error, io);
  }
}

interface Parsed {
  readonly chosen?: Chosen;
  readonly error?: unknown;
  readonly output: string;
}

/** Parses without printing: what yargs would print (help, version, completion script) comes back as text. */
async function parse(parser: Argv, argv: readonly string[]): Promise<Parsed> {
  let output = '';
  try {
    await parser.parseAsync([...argv], {}, (_error, _args, text) => void (output = text));
    return { output };
  } catch (error) {
    return error instanceof Chosen ? { chosen: error, output } : { error, output };
  }
}

/**
 * The command that was asked for. It leaves yargs as an error: when a handler returns, yargs lays out the help of its command, in
 * case that somebody asks, and that takes longer than all else of the parsing.
 */
class Chosen extends Error {
  readonly command: Command;
  readonly args: unknown;

  constructor(command: Command, args: unknown) {
    super(command.usage);
    this.command = command;
    this.args = args;
  }
}

function parserFor(argv: readonly string[], io: CliIo): Argv {
  let parser = yargs([...argv])
    .scriptName('orrery')
    .usage('$0 <command>\n\nA deterministic simulator of Kubernetes scheduling and self-healing.')
    .locale('en')
    .exitProcess(false)
    .parserConfiguration({ 'parse-positional-numbers': false, 'parse-numbers': false })
    .strict()
    .demandCommand(1, 'a command is missing')
    .showHelpOnFail(false)
    .wrap(Math.min(WIDTH_MAX, io.stdout.columns ?? WIDTH_MAX))
    .help()
    .alias('h', 'help')
    .version(orreryVersion())
    .completion('completion', 'print the completion script of bash or zsh')
    .epilogue(exitCodeHelp);
  for (const command of commands) parser = withCommand(parser, command);
  return parser.fail((message, error) => {
    if (error instanceof Error && error.name !== 'YError') throw error;
    throw new CliError(withSuggestion(message === '' ? error.message : message, argv));
  });
}

/** A command, or a group with the commands below its word. */
function withCommand(parser: Argv, entry: Command | CommandGroup): Argv {
  const common = { command: entry.usage, describe: entry.description };
  if (!('subcommands' in entry)) {
    const builder = (own: Argv): Argv => refusingSlips(withExamples(entry.options(own), entry), entry);
    const handler = (args: unknown): never => {
      throw new Chosen(entry, args);
    };
    return parser.command({ ...common, builder, handler });
  }
  const names = entry.subcommands.map(({ usage }) => usage.split(' ')[0]).join(', ');
  const builder = (own: Argv): Argv =>
    entry.subcommands
      .reduce((rest, command) => withCommand(rest, command), own)
      .demandCommand(1, `${entry.usage} what? It is one of: ${names}`);
  return parser.command({ ...common, builder, handler: () => undefined });
}

/** An option that is no list is given once: of two values one would be lost. An empty value is that of a shell variable that is not set. */
function refusingSlips(parser: Argv, { usage }: Command): Argv {
  const { key, array } = (parser as unknown as { getOptions(): DeclaredOptions }).getOptions();
  return parser.check((args: Readonly<Record<string, unknown>>) => {
    for (const [name, value] of Object.entries(args)) {
      if (!isLongName(name) || !(name in key)) continue;
      // Without a selector, as with an empty one, everything is chosen.
      if (value === '' && name !== 'selector') return `${isPositional(name, usage) ? name : `--${name}`} is empty`;
      if (!Array.isArray(value) || array.includes(name)) continue;
      return `--${name} is given ${value.length === 2 ? 'twice' : `${value.length} times`}: ${value.join(', ')}`;
    }
    return true;
  });
}

/** `pod` in "pod <pod>". */
const isPositional = (name: string, usage: string): boolean => new RegExp(`[<[]${name}[>\\]]`).test(usage);

/** Every option has one; yargs gives the value under the short name too. */
const isLongName = (name: string): boolean => name.length > 1;

/** What yargs knows of the options of a command. */
interface DeclaredOptions {
  readonly key: Readonly<Record<string, unknown>>;
  readonly array: readonly string[];
}

/** What yargs throws past its own handler: a missing value of an option. */
function asUsageError(error: unknown, argv: readonly string[]): unknown {
  const isUsage = error instanceof Error && error.name === 'YError';
  return isUsage ? new CliError(withSuggestion(error.message, argv)) : error;
}

function withExamples(parser: Argv, { examples = [] }: Command): Argv {
  let result = parser;
  for (const [command, what] of examples) result = result.example(command, what);
  return result;
}

function tellError(error: unknown, io: CliIo): ExitCode {
  if (error instanceof CliError) {
    io.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  const failure = ioMessage(error);
  if (failure !== undefined) {
    io.stderr.write(`orrery: ${failure}\n`);
    return exitCodes.io;
  }
  const what = error instanceof AssertionError ? 'a rule of the program is broken' : 'the program failed';
  io.stderr.write(`orrery: ${what}; this is a mistake of orrery, not yours:\n${stackOf(error)}\n`);
  return exitCodes.invariant;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
