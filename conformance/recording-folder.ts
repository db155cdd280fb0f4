/** Reads a folder of recordings: `<family>.jsonl.gz`, one case a line. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CommandError } from '../src/testing/command-error.ts';

const linesEnding = '.jsonl.gz';

/** A case as it stands in its file. */
export interface RecordedLine {
  /** From 1 on. */
  readonly line: number;
  readonly value: unknown;
}

/** Families of the folder in name order, or only the one that is asked for. Throws where there is none. */
export function familiesIn(dir: string, family: string | undefined, ending = linesEnding): readonly string[] {
  const families = readFolder(dir)
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort((a, b) => (a < b ? -1 : 1));
  if (families.length === 0) throw new CommandError(`no *${ending} in ${dir}`);
  if (family === undefined) return families;
  if (!families.includes(family)) {
    throw new CommandError(`no family "${family}" in ${dir}; there are ${families.join(', ')}`);
  }
  return [family];
}

function readFolder(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    throw new CommandError(`cannot read the folder ${dir}: ${(error as Error).message}`);
  }
}

/** Path of a family's file. */
export function familyFile(dir: string, family: string, ending = linesEnding): string {
  return join(dir, `${family}${ending}`);
}

/** The cases of a file, parsed one after another. */
export function* readCases(file: string): Generator<RecordedLine> {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
  for (const [at, text] of lines.entries()) {
    if (text.trim() === '') continue;
    yield { line: at + 1, value: parsed(file, at + 1, text) };
  }
}

function parsed(file: string, line: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError(`${file}:${line}: ${(error as Error).message}`);
  }
}
