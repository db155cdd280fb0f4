import { nearest } from '../util/suggest.ts';
import { namedCommand } from './command-names.ts';

/**
 * What yargs says about wrong arguments, in our own words: with the nearest command or option, and where to read on.
 * `argv` tells a mistyped command from a mistyped option.
 */
export function withSuggestion(message: string, argv: readonly string[]): string {
  const command = namedCommand(argv);
  const help = `Try: orrery ${command.name === '' ? '' : `${command.name} `}--help`;
  const unknown = /^Unknown (?:argument|command)s?: (.*)$/s.exec(message)?.[1]?.split(', ');
  if (unknown === undefined) return `orrery: ${tidied(message, command.operands)}\n${help}`;
  if (command.unknown !== undefined && unknown.includes(command.unknown.word)) {
    const { word, known } = command.unknown;
    const whole = command.name === '' ? word : `${command.name} ${word}`;
    return `orrery: unknown command "${whole}"${meant(nearest(word, known))}\n${help}`;
  }
  const options = command.options ?? ['help', 'version'];
  const lines = [...new Set(unknown)]
    .filter((name) => !isCamelCaseTwin(name, unknown))
    .map((name) => told(name, argv, options));
  return `${lines.join('\n')}\n${help}`;
}

function told(name: string, argv: readonly string[], options: readonly string[]): string {
  if (argv.includes(name)) return `orrery: unexpected argument "${name}"`;
  const near = nearest(name, options) ?? synonym(name, options);
  const isNegated = argv.some((word) => word.startsWith(`--no-${name}`));
  const shown = isNegated ? `--no-${name}` : dashed(name);
  return `orrery: unknown option ${shown}${meant(near === undefined ? undefined : isNegated ? `--no-${near}` : dashed(near))}`;
}

/** What other programs call an option. */
const synonyms: ReadonlyMap<string, string> = new Map([
  ['alpha', 'level'],
  ['confidence', 'level'],
  ['jobs', 'workers'],
  ['policy', 'profile'],
  ['runs', 'replications'],
  ['threads', 'workers'],
]);

function synonym(name: string, options: readonly string[]): string | undefined {
  const own = synonyms.get(name);
  return own !== undefined && options.includes(own) ? own : undefined;
}

/** yargs knows `--no-sutch` as `noSutch` and `no-sutch` alike: the one with dashes is what was typed. */
function isCamelCaseTwin(name: string, names: readonly string[]): boolean {
  const withDashes = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return withDashes !== name && names.includes(withDashes);
}

const dashed = (name: string): string => (name.length === 1 ? `-${name}` : `--${name}`);

function meant(near: string | undefined): string {
  return near === undefined ? '' : `; did you mean "${near}"?`;
}

/** `Invalid values:\n  Argument: check, Given: "zz", Choices: ...` in one line each. */
function tidied(message: string, operands: readonly string[]): string {
  const invalid = /Argument: ([\w-]+), Given: (.*?), Choices: (.*)/.exec(message);
  if (invalid !== null) return invalidChoice(invalid[1]!, invalid[2]!, invalid[3]!);
  const missing = /^Missing required arguments?: (.*)$/.exec(message);
  if (missing !== null) return `missing: ${missing[1]!.split(', ').map(dashed).join(', ')}`;
  const given = /^Not enough non-option arguments: got (\d+)/.exec(message)?.[1];
  if (given !== undefined) return `missing: ${operands.slice(Number(given)).join(' ')}`;
  const argument = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  if (argument !== undefined) return `${dashed(argument)} wants a value`;
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** `given` and `choices` as yargs prints them, in double quotes. */
function invalidChoice(argument: string, given: string, choices: string): string {
  const near = nearest(given.replaceAll('"', ''), choices.replaceAll('"', '').split(', '));
  return `${argument} is ${given}${meant(near)}${near === undefined ? ';' : ''} it is one of ${choices.replaceAll('"', '')}`;
}
