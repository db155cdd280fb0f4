import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CommandFolder } from '../testing/command-folder.ts';
import * as plugin from '../plugin.ts';
import { nodeFileReader } from '../scenario/read-files.ts';
import { capturedIo } from '../testing/captured-io.ts';
import { csvRecords } from './explain/csv-records.ts';
import { PluginModules } from './plugin-modules.ts';
import { runCli } from './run-cli.ts';

/** The page, its files by path, and its `orrery` commands in their order. */
const page = readFileSync(new URL('../../docs/writing-a-plugin.md', import.meta.url), 'utf8');
const files = [...page.matchAll(/^`(mine\/[^`]+)`[^\n]*:\n\n```\w+\n([\s\S]*?)\n```/gm)];
const commands = [...page.matchAll(/^\$ orrery (.*)$/gm)].map(([, words]) => words!.split(' '));

let folder: CommandFolder;
beforeAll(() => {
  folder = new CommandFolder();
});
afterAll(() => {
  folder.remove();
});

async function cli(argv: readonly string[]): Promise<string> {
  const io = capturedIo(folder.root);
  const code = await runCli([...argv, ...(argv[0] === 'run' ? ['--no-charts', '--no-report', '-q'] : [])], io);
  expect({ argv, code, err: io.err() }).toEqual({ argv, code: 0, err: '' });
  return io.out();
}

const podsOn = (node: string): string[] =>
  csvRecords(folder.read('results/cheap/1/pods.csv')).flatMap((row) => (row['node'] === node ? [row['pod']!] : []));

test('who follows docs/writing-a-plugin.md comes to what it shows', async () => {
  expect(files.map(([, path]) => path)).toHaveLength(5);
  const [init, validate, run, decision, why, compare] = commands;
  expect(await cli(init!)).toContain('mine/cheapest-node.test.ts');
  for (const [, path, text] of files) folder.write(path!, `${text}\n`);
  expect(await cli(validate!)).toBe('1 scenario, no errors\n');
  await cli(run!);
  expect([podsOn('spot-1').length, podsOn('on-demand-1').length + podsOn('on-demand-2').length]).toEqual([8, 4]);
  // The names of the pods hang on every draw of the run, and so may change; what is shown of them may not.
  const ask = (argv: readonly string[], pod: string) => cli(argv.map((word) => (word.startsWith('web-') ? pod : word)));
  const table = await ask(decision!, podsOn('spot-1')[0]!);
  expect(table).toMatch(/1 {2}spot-1 +[\d,]+ {2}chosen/);
  expect(table).toMatch(/CheapestNode x10 +raw +120 +400 +400\n +normalised +70 +0 +0\n +weighted +700 +0 +0\n/);
  const late = csvRecords(folder.read('results/cheap/1/scheduling_attempts.csv')).at(-1)!;
  const node = await ask(why!, late['node'] === 'spot-1' ? podsOn('on-demand-1').at(-1)! : late['pod']!);
  expect(node).toContain('refused by NodeResourcesFit: Insufficient cpu');
  const compared = await cli([...compare!, '-n', '2', '--workers', '0', '-q', '--no-charts', '--no-report']);
  expect(compared).toContain('between cheapest-node and most-allocated');
});

test('the tests on the page pass', () => {
  const names: string[] = [];
  const run = (name: string, body: () => void): void => {
    names.push(name);
    body();
  };
  const known = new Map<string, object>([
    ['kube-orrery/plugin', plugin],
    ['vitest', { expect, test: run }],
  ]);
  new PluginModules(nodeFileReader, known, () => undefined).load(folder.path('mine/cheapest-node.test.ts'));
  expect(names).toHaveLength(3);
});
