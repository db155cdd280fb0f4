/** What a subcommand of `orrery explain` found out, and how it is told. */
import { printable } from '../../scenario/diagnostics.ts';
import type { CliIo } from '../cli-io.ts';
import { wrapText } from '../wrap-text.ts';
import type { FinishedRun } from './read-run.ts';

const WIDTH = 80;

/** What was found out, for people and for programs. */
export interface Answer {
  readonly lines: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
}

/** Writes an answer to standard output. */
export function tellAnswer({ lines, data }: Answer, finished: FinishedRun, output: 'text' | 'json', io: CliIo): void {
  const { changedInputs, manifest, name } = finished;
  if (output === 'json') {
    const value = { run: name, seed: manifest.seed, changedInputs, ...data };
    io.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
    return;
  }
  const text = changedInputs.length === 0 ? [] : ['', ...changedNote(changedInputs)];
  io.stdout.write(`${[...lines, ...text].map(printable).join('\n')}\n`);
}

/** What is explained is the run as it was made: the files may say something else by now. */
function changedNote(changed: readonly string[]): string[] {
  const [one] = changed;
  const what = changed.length === 1 ? `${one} has` : `${changed.length} files of the scenario (${one}, ...) have`;
  return wrapText(`note: ${what} changed since; this is the run as it was made, from its own copies.`, WIDTH, '  ');
}
