import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve, join } from 'node:path';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';

const kinds = ['scenario', 'experiment'] as const;

interface SchemaArguments {
  readonly kind: (typeof kinds)[number];
  readonly write: string | undefined;
}

/** `orrery schema`: the JSON Schema of scenario or experiment files, for editors. */
export const schema = defineCommand<SchemaArguments>({
  usage: 'schema [kind]',
  description: 'print the JSON Schema of scenario or experiment files, for editors',
  options: (parser) =>
    parser
      .positional('kind', { choices: kinds, default: 'scenario' as const, describe: 'which files it is for' })
      .option('write', {
        type: 'string',
        requiresArg: true,
        describe: 'write it to this file, or to <kind>.schema.json in this folder',
      }),
  async run({ kind, write }, io) {
    const text = `${JSON.stringify(await jsonSchema(kind), undefined, 2)}\n`;
    if (write === undefined) {
      io.stdout.write(text);
      return exitCodes.ok;
    }
    const given = resolve(io.cwd, write);
    const path = given.endsWith('.json') ? given : join(given, `${kind}.schema.json`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    io.stdout.write(`${path}\n`);
    return exitCodes.ok;
  },
});

async function jsonSchema(kind: SchemaArguments['kind']): Promise<unknown> {
  if (kind === 'scenario') return (await import('../../scenario/schema/scenario-schema.ts')).scenarioJsonSchema();
  return (await import('../../scenario/schema/experiment-schema.ts')).experimentJsonSchema();
}
