/** All commands, in the order of the help text. Adding one: its file, its test and one line here. */
import type { Command, CommandGroup } from '../command.ts';
import { compare } from './compare.ts';
import { diff } from './diff.ts';
import { explain } from './explain.ts';
import { explainCode } from './explain-code.ts';
import { importCommand } from './import.ts';
import { init } from './init.ts';
import { list } from './list.ts';
import { merge } from './merge.ts';
import { run } from './run.ts';
import { schema } from './schema.ts';
import { sweep } from './sweep.ts';
import { validate } from './validate.ts';
import { worker } from './worker.ts';

/** See above. */
export const commands: readonly (Command | CommandGroup)[] = [
  run,
  compare,
  sweep,
  merge,
  worker,
  validate,
  list,
  diff,
  explain,
  init,
  importCommand,
  schema,
  explainCode,
];
