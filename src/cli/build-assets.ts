// The last step of `npm run build`, after the compiler: what the package needs beside its code.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const dist = join(import.meta.dirname, '..');

/** The fonts of charts: the same letters on every machine, hence the same bytes. Their licence travels along. */
const fonts = [
  ['400Regular/Roboto_400Regular.ttf', 'Roboto-Regular.ttf'],
  ['700Bold/Roboto_700Bold.ttf', 'Roboto-Bold.ttf'],
  ['LICENSE_FONT', 'Roboto-LICENSE.txt'],
] as const;

function copyFonts(): void {
  const require = createRequire(import.meta.url);
  const source = join(require.resolve('@expo-google-fonts/roboto/package.json'), '..');
  mkdirSync(join(dist, 'assets'), { recursive: true });
  for (const [from, to] of fonts) copyFileSync(join(source, from), join(dist, 'assets', to));
}

/** Asks the freshly built command for the JSON Schemas, so that both come from one definition. */
function writeSchemas(main: string): void {
  if (!existsSync(join(dist, 'cli/commands/schema.js'))) return;
  mkdirSync(join(dist, 'schema'), { recursive: true });
  for (const kind of ['scenario', 'experiment']) {
    const { status } = spawnSync(process.execPath, [main, 'schema', kind, '--write', join(dist, 'schema')], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) throw new Error(`schema ${kind} --write ended with exit code ${status}`);
  }
}

function build(): void {
  const main = join(dist, 'cli/main.js');
  copyFonts();
  if (!existsSync(main)) return;
  chmodSync(main, 0o755);
  writeSchemas(main);
}

build();
