import { nearest } from '../util/suggest.ts';
import { commandNames, optionNames } from './command-names.ts';

/**
 * What yargs says about wrong arguments, in our own words: with the nearest command or option, and where to read on.
 * `argv` tells a mistyped command from a mistyped option.
 */
export function withSuggestion(message: string, argv: readonly string[]): string {
  const known = commandNames();
  const command = argv.find((word) => !word.startsWith('-'));
  const isKnownCommand = command !== undefined && known.includes(command);
  const help = isKnownCommand ? `Try: orrery ${command} --help` : 'Try: orrery --help';
  const unknown = /^Unknown (?:argument|command)s?: (.*)$/s.exec(message)?.[1]?.split(', ');
  if (unknown === undefined) return `orrery: ${tidied(message)}\n${help}`;
  if (!isKnownCommand && command !== undefined && unknown.includes(command))
    return `orrery: unknown command "${command}"${meant(nearest(command, known))}\n${help}`;
  const options = isKnownCommand ? optionNames(command) : ['help', 'version'];
  const lines = [...new Set(unknown)].filter((name) => !isCamelCaseTwin(name, unknown)).map((name) => told(name, argv, options));
  return `${lines.join('\n')}\n${help}`;
}

function told(name: string, argv: readonly string[], options: readonly string[]): string {
  if (argv.includes(name)) return `orrery: unexpected argument "${name}"`;
  const near = nearest(name.replace(/^no-/, ''), options);
  return `orrery: unknown option ${dashed(name)}${meant(near === undefined ? undefined : dashed(near))}`;
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
function tidied(message: string): string {
  const invalid = /Argument: ([\w-]+), Given: (.*?), Choices: (.*)/.exec(message);
  if (invalid !== null) return `${invalid[1]} is ${invalid[2]}; it is one of ${invalid[3]}`;
  const missing = /^Missing required arguments?: (.*)$/.exec(message);
  if (missing !== null) return `missing: ${missing[1]!.split(', ').map(dashed).join(', ')}`;
  return message.charAt(0).toLowerCase() + message.slice(1);
}
