import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve, join } from 'node:path';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';

const FILE_NAME = 'scenario.schema.json';

/** `orrery schema`: the JSON Schema of scenario files, for editors. */
export const schema = defineCommand<{ readonly write: string | undefined }>({
  usage: 'schema',
  description: 'print the JSON Schema of scenario files, for editors',
  options: (parser) =>
    parser.option('write', {
      type: 'string',
      requiresArg: true,
      describe: `write it to this file, or to ${FILE_NAME} in this folder`,
    }),
  async run({ write }, io) {
    const { scenarioJsonSchema } = await import('../../scenario/schema/scenario-schema.ts');
    const text = `${JSON.stringify(scenarioJsonSchema(), undefined, 2)}\n`;
    if (write === undefined) {
      io.stdout.write(text);
      return exitCodes.ok;
    }
    const given = resolve(io.cwd, write);
    const path = given.endsWith('.json') ? given : join(given, FILE_NAME);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    io.stdout.write(`${path}\n`);
    return exitCodes.ok;
  },
});
