import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { capturedIo } from '../testing/captured-io.ts';
import { runCli } from './run-cli.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'orrery-foreign-'));
  for (const folder of ['here', 'there']) {
    mkdirSync(join(root, folder));
    writeFileSync(join(root, folder, 'scheduler.yaml'), config);
    writeFileSync(join(root, folder, 'last.ts'), plugin);
    writeFileSync(
      join(root, folder, 's.yaml'),
      scenario('  scheduler: { config: scheduler.yaml, plugins: [last.ts] }'),
    );
  }
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
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
  const mark = join(root, 'mark');
  rmSync(mark, { force: true });
  process.env['ORRERY_TEST_MARK'] = mark;
  const io = capturedIo(join(root, 'here'));
  const code = await runCli(argv, io);
  delete process.env['ORRERY_TEST_MARK'];
  return { code, err: io.err(), out: io.out(), ran: existsSync(mark) };
}

const run = (file: string, ...more: string[]) => cli('run', '-f', file, '--no-charts', '--no-report', '-q', ...more);

describe('the code of a plugin', () => {
  test('runs where scenario and module lie below the working folder', async () => {
    expect(await run('s.yaml')).toMatchObject({ code: 0, ran: true });
    expect(await run(join(root, 'here/s.yaml'))).toMatchObject({ code: 0, ran: true });
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
    writeFileSync(
      join(root, 'here/s.yaml'),
      scenario('  scheduler: { config: scheduler.yaml, plugins: [../there/last.ts] }'),
    );
    const outside = await run('s.yaml', '--allow-outside');
    expect(outside).toMatchObject({ code: 2, ran: false });
    expect(outside.err).toContain('--allow-plugins');
    symlinkSync(join(root, 'there/last.ts'), join(root, 'here/link.ts'));
    writeFileSync(join(root, 'here/s.yaml'), scenario('  scheduler: { config: scheduler.yaml, plugins: [link.ts] }'));
    expect(await run('s.yaml', '--allow-outside')).toMatchObject({ code: 2, ran: false });
    expect(await run('s.yaml', '--allow-outside', '--allow-plugins')).toMatchObject({ code: 0, ran: true });
  });

  test('is refused where an include from elsewhere names it', async () => {
    writeFileSync(
      join(root, 'there/base.yaml'),
      scenario('  scheduler: { config: scheduler.yaml, plugins: [last.ts] }'),
    );
    writeFileSync(join(root, 'here/s.yaml'), scenario('', 'include: [../there/base.yaml]'));
    const refused = await run('s.yaml', '--allow-outside');
    expect(refused).toMatchObject({ code: 2, ran: false });
    expect(refused.err).toMatch(/there\/base\.yaml:\d+:\d+ error E045/);
    // Also a module of the user's own must not be started by a stranger's scenario.
    const own = join(root, 'here/last.ts');
    writeFileSync(
      join(root, 'there/base.yaml'),
      scenario(`  scheduler: { config: scheduler.yaml, plugins: ['${own}'] }`),
    );
    const named = await run('s.yaml', '--allow-outside');
    expect(named).toMatchObject({ code: 2, ran: false });
    expect(named.err).toContain('named by "../there/base.yaml"');
  });

  test('must not import a module from elsewhere', async () => {
    writeFileSync(join(root, 'there/lib.ts'), plugin);
    writeFileSync(join(root, 'here/last.ts'), `export { last } from '../there/lib.ts';`);
    const refused = await run('s.yaml', '--allow-outside');
    expect(refused).toMatchObject({ code: 2, ran: false });
    expect(refused.err).toContain('cannot import "../there/lib.ts": it is code from outside of the working folder');
    expect(await run('s.yaml', '--allow-outside', '--allow-plugins')).toMatchObject({ code: 0, ran: true });
  });
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
