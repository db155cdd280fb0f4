import { rmSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { capturedIo } from '../testing/captured-io.ts';
import { CommandFolder } from '../testing/command-folder.ts';
import { runCli } from './run-cli.ts';

let folder: CommandFolder;
beforeEach(() => {
  folder = new CommandFolder();
  for (const place of ['here', 'there']) {
    folder.write(`${place}/scheduler.yaml`, config);
    folder.write(`${place}/last.ts`, plugin);
    folder.write(`${place}/s.yaml`, scenario('  scheduler: { config: scheduler.yaml, plugins: [last.ts] }'));
  }
});
afterEach(() => {
  folder.remove();
});

/** Leaves a file behind as soon as its code runs. */
const plugin = `
import { definePlugin } from 'kube-orrery/plugin';
import { writeFileSync } from 'node:fs';
writeFileSync(process.env['ORRERY_TEST_MARK'] as string, 'ran');
export const last = definePlugin({ name: 'Last', create: () => ({ name: 'Last', score: () => 1 }) });
`;
const config = `
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles: [{ plugins: { multiPoint: { enabled: [{ name: Last }] } } }]
`;
const scenario = (more: string, head = ''): string => `
apiVersion: orrery.dev/v1alpha1
kind: Scenario
metadata: { name: tiny }
${head}
spec:
  horizon: 1m
  cluster:
    nodePools: [{ name: general, count: 2, capacity: { cpu: '4', memory: 8Gi } }]
${more}
`;

/** Exit code, messages, and whether the plugin's code ran. */
async function cli(...argv: string[]): Promise<{ code: number; err: string; out: string; ran: boolean }> {
  const mark = folder.path('mark');
  rmSync(mark, { force: true });
  process.env['ORRERY_TEST_MARK'] = mark;
  const io = capturedIo(folder.path('here'));
  const code = await runCli(argv, io);
  delete process.env['ORRERY_TEST_MARK'];
  return { code, err: io.err(), out: io.out(), ran: folder.has('mark') };
}

const run = (file: string, ...more: string[]) => cli('run', '-f', file, '--no-charts', '--no-report', '-q', ...more);

describe('the code of a plugin', () => {
  test('runs where scenario and module lie below the working folder', async () => {
    expect(await run('s.yaml')).toMatchObject({ code: 0, ran: true });
    expect(await run(folder.path('here/s.yaml'))).toMatchObject({ code: 0, ran: true });
  });

  test.each(['run', 'validate'])(
    'of a scenario from elsewhere is refused by %s, and runs with --allow-plugins',
    async (command) => {
      const file = '../there/s.yaml';
      const refused = await cli(command, '-f', file);
      expect(refused).toMatchObject({ code: 2, ran: false });
      expect(refused.err + refused.out).toMatch(
        /\.\.\/there\/s\.yaml:\d+:\d+ error E045: .*"\.\.\/there\/last\.ts", which lies outside of the working folder, .*--allow-plugins/,
      );
      expect(await cli(command, '-f', file, '--allow-plugins')).toMatchObject({ code: 0, ran: true });
    },
  );

  test('is refused where only the module lies elsewhere, a link to it included', async () => {
    folder.write('here/s.yaml', scenario('  scheduler: { config: scheduler.yaml, plugins: [../there/last.ts] }'));
    const outside = await run('s.yaml', '--allow-outside');
    expect(outside).toMatchObject({ code: 2, ran: false });
    expect(outside.err).toContain('--allow-plugins');
    symlinkSync(folder.path('there/last.ts'), folder.path('here/link.ts'));
    folder.write('here/s.yaml', scenario('  scheduler: { config: scheduler.yaml, plugins: [link.ts] }'));
    expect(await run('s.yaml', '--allow-outside')).toMatchObject({ code: 2, ran: false });
    expect(await run('s.yaml', '--allow-outside', '--allow-plugins')).toMatchObject({ code: 0, ran: true });
  });

  test('is refused where an include from elsewhere names it', async () => {
    folder.write('there/base.yaml', scenario('  scheduler: { config: scheduler.yaml, plugins: [last.ts] }'));
    folder.write('here/s.yaml', scenario('', 'include: [../there/base.yaml]'));
    const refused = await run('s.yaml', '--allow-outside');
    expect(refused).toMatchObject({ code: 2, ran: false });
    expect(refused.err).toMatch(/there\/base\.yaml:\d+:\d+ error E045/);
    // Also a module of the user's own must not be started by a stranger's scenario.
    const own = folder.path('here/last.ts');
    folder.write('there/base.yaml', scenario(`  scheduler: { config: scheduler.yaml, plugins: ['${own}'] }`));
    const named = await run('s.yaml', '--allow-outside');
    expect(named).toMatchObject({ code: 2, ran: false });
    expect(named.err).toContain('named by "../there/base.yaml"');
  });

  test('must not import a module from elsewhere', async () => {
    folder.write('there/lib.ts', plugin);
    folder.write('here/last.ts', `export { last } from '../there/lib.ts';`);
    const refused = await run('s.yaml', '--allow-outside');
    expect(refused).toMatchObject({ code: 2, ran: false });
    expect(refused.err).toContain('cannot import "../there/lib.ts": it is code from outside of the working folder');
    expect(await run('s.yaml', '--allow-outside', '--allow-plugins')).toMatchObject({ code: 0, ran: true });
  });
});

test('a module as a profile is found beside a scenario from elsewhere, and needs the flag as any other', async () => {
  folder.write('there/plain.yaml', scenario(''));
  const words = [
    'compare',
    '-f',
    '../there/plain.yaml',
    '--profile',
    'last.ts',
    '--profile',
    'default',
    '-n',
    '2',
    '-q',
  ];
  const refused = await cli(...words);
  expect(refused).toMatchObject({ code: 2, ran: false });
  expect(refused.err).toContain('--allow-plugins');
});

test('the command that repeats a run has the flag', async () => {
  const { out } = await cli(
    'run',
    '-f',
    '../there/s.yaml',
    '--allow-plugins',
    '-o',
    'json',
    '--no-charts',
    '--no-report',
  );
  expect((JSON.parse(out) as { command: string }).command).toContain('--allow-plugins');
});

test('results from elsewhere are executed again with their plugins only if that is allowed', async () => {
  await run('s.yaml', '--out', '../there/results');
  await run('s.yaml', '--seed', '2', '--out', 'results');
  const results = ['../there/results/tiny/1', 'results/tiny/2'] as const;
  const refused = await cli('diff', ...results);
  expect(refused).toMatchObject({ code: 2, ran: false });
  expect(refused.err).toContain('--allow-plugins');
  expect(await cli('diff', ...results, '--allow-plugins')).toMatchObject({ code: 1, ran: true });
});
