/** Options of commands for developers. */
import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { nearest } from '../util/suggest.ts';
import { CommandError } from './command-error.ts';

/** Options by name, as `parseArgs` of Node.js takes them. */
type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * The values of options, and the words that are none.
 *
 * @throws CommandError for an option that is unknown, given twice or without its value.
 */
export function readOptions<T extends Options>(args: readonly string[], options: T) {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, rawName } = token;
    if (!(name in options)) throw new CommandError(unknownText(name, rawName, options));
    if (seen.has(name)) throw new CommandError(`${rawName} is given twice`);
    seen.add(name);
  }
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
}

function unknownText(name: string, rawName: string, options: Options): string {
  const names = Object.keys(options);
  const near = nearest(name, names);
  const hint =
    near === undefined ? `there are ${names.map((each) => `--${each}`).join(', ')}` : `did you mean --${near}?`;
  return `unknown option ${rawName}; ${hint}`;
}

/**
 * Runs a command for developers with the words of its command line, and sets the exit code of the process: what `main` answers, 0 after
 * `--help`, which prints the usage, 2 after a CommandError, which is told in one line.
 */
export async function runCommand(
  usage: string,
  main: (args: readonly string[]) => number | Promise<number>,
): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    console.log(`usage: ${usage}`);
    return;
  }
  try {
    process.exitCode = await main(args);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
