import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { capturedIo } from '../testing/captured-io.ts';
import type { CapturedIo } from '../testing/captured-io.ts';
import { exitCodes } from './exit-codes.ts';
import type { Manifest } from './manifest.ts';
import { runCli } from './run-cli.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'orrery-run-'));
  mkdirSync(join(root, 'apps'));
  writeFileSync(join(root, 'apps/web.yaml'), web(3));
  writeFileSync(join(root, 'tiny.yaml'), tiny());
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const web = (replicas: number): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: default }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers: [{ name: web, image: 'web:1', resources: { requests: { cpu: 100m, memory: 64Mi } } }]
`;

const tiny = (more = ''): string => `
apiVersion: orrery.dev/v1alpha1
kind: Scenario
metadata: { name: tiny }
spec:
  seed: '7'
  horizon: 2m
  cluster:
    nodePools: [{ name: general, count: 2, zones: [a, b], capacity: { cpu: '4', memory: 8Gi, pods: '20' } }]
  workload:
    - manifests: [apps/web.yaml]
${more}`;

async function cli(...argv: string[]): Promise<{ code: number; io: CapturedIo }> {
  const io = capturedIo(root);
  const code = await runCli(argv, io);
  return { code, io };
}

const quick = ['--no-charts', '--no-report'];
const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(root, folder, 'manifest.json'), 'utf8')) as Manifest;
const treeOf = (folder: string): Map<string, string> =>
  new Map(
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort((a, b) => (a < b ? -1 : 1))
      .map((path) => [path.slice(join(root, folder).length + 1), sha256(path)]),
  );
const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('a run', () => {
  test('leaves tables, inputs and a manifest that lists every file with its hash, and tells where they are', async () => {
    const { code, io } = await cli('run', '-f', 'tiny.yaml', ...quick);
    expect({ code, err: io.err() }).toEqual({ code: 0, err: '' });
    expect(io.out()).toContain('tables   results/tiny/7/*.csv');
    expect(io.out()).toContain('same bytes again: orrery run -f tiny.yaml --seed 7');
    const tree = treeOf('results/tiny/7');
    const { files, inputs, fingerprints } = manifestOf('results/tiny/7');
    const listed = [...files.map(({ path }) => path), ...inputs.map(({ copy }) => copy), 'manifest.json'];
    expect([...tree.keys()]).toEqual(listed.sort((a, b) => (a < b ? -1 : 1)));
    for (const { path, sha256: digest } of files) expect(tree.get(path)).toBe(digest);
    expect(readFileSync(join(root, 'results/tiny/7/inputs/apps/web.yaml'), 'utf8')).toBe(web(3));
    expect(fingerprints['outputs']).toMatch(/^[0-9a-f]{64}$/);
    expect(readdirSync(join(root, 'results/tiny'))).toEqual(['7']);
  });

  test('gives the same bytes twice, and other bytes under another seed', async () => {
    await cli('run', '-f', 'tiny.yaml', '--out', 'a', ...quick);
    await cli('run', '-f', 'tiny.yaml', '--out', 'b', ...quick);
    expect(treeOf('a/tiny/7')).toEqual(treeOf('b/tiny/7'));
    await cli('run', '-f', 'tiny.yaml', '--out', 'b', '--seed', '8', '--replication', '2', ...quick);
    expect(treeOf('b/tiny/8-r2').get('pods.csv')).not.toBe(treeOf('a/tiny/7').get('pods.csv'));
  });

  test('draws charts and a report whose bytes do not depend on the version of Node.js', async () => {
    await cli('run', '-f', 'tiny.yaml');
    const tree = treeOf('results/tiny/7');
    expect([...tree.keys()]).toContain('charts/pods-by-phase.svg');
    const report = readFileSync(join(root, 'results/tiny/7/report.html'), 'utf8');
    // Not `toContain`: a report is two megabytes, and nobody wants to see it in a message.
    expect(report.includes('orrery run -f tiny.yaml --seed 7')).toBe(true);
    expect(report.includes(process.versions.node)).toBe(false);
  });

  test('prints nothing but JSON on stdout with -o json', async () => {
    const { io } = await cli('run', '-f', 'tiny.yaml', '-o', 'json', ...quick);
    const summary = JSON.parse(io.out()) as Record<string, unknown>;
    expect(summary).toMatchObject({ scenario: 'tiny', seed: '7', endsAt_s: '120', folder: 'results/tiny/7' });
    expect(io.err()).toBe('');
  });

  test('prints the folder only with -o name', async () => {
    const { io } = await cli('run', '-f', 'tiny.yaml', '-o', 'name', ...quick);
    expect(io.out()).toBe('results/tiny/7\n');
  });

  test('colours a terminal, unless NO_COLOR is set', async () => {
    for (const [env, isColored] of [
      [{}, true],
      [{ NO_COLOR: '1' }, false],
      [{ TERM: 'dumb' }, false],
    ] as const) {
      const io = { ...capturedIo(root, env), stdout: { ...capturedIo(root).stdout, isTTY: true } };
      let text = '';
      await runCli(['run', '-f', 'tiny.yaml', ...quick], {
        ...io,
        stdout: { ...io.stdout, write: (part: string) => void (text += part) },
      });
      expect(text.includes('\u001b[')).toBe(isColored);
    }
  });

  test('takes a folder as all of its scenarios', async () => {
    writeFileSync(join(root, 'other.yaml'), tiny().replace('name: tiny', 'name: other'));
    writeFileSync(join(root, 'values.yaml'), 'kind: Values\n');
    const { code, io } = await cli('run', '-f', '.', '-o', 'name', ...quick);
    expect({ code, out: io.out() }).toEqual({ code: 0, out: 'results/other/7\nresults/tiny/7\n' });
  });

  test('finds two runs of one scenario the same with --check-determinism', async () => {
    const { code } = await cli('run', '-f', 'tiny.yaml', '--check-determinism', ...quick);
    expect(code).toBe(exitCodes.ok);
  });
});

describe('a run that does not end well', () => {
  test('an expectation that fails gives exit code 1, its line says FAIL, and the results are there', async () => {
    writeFileSync(join(root, 'tiny.yaml'), tiny('  assert: [{ metric: pods.created, equals: 4 }]\n'));
    const { code, io } = await cli('run', '-f', 'tiny.yaml', ...quick);
    expect(code).toBe(exitCodes.failed);
    expect(io.out()).toContain('FAIL  pods.created = 3, expected 4');
    expect(manifestOf('results/tiny/7').asserts).toHaveLength(1);
  });

  test('a mistake in the last of several scenarios stops before the first one runs', async () => {
    writeFileSync(join(root, 'zz.yaml'), tiny('  horizn: 3m\n'));
    const { code, io } = await cli('run', '-f', 'tiny.yaml', '-f', 'zz.yaml', ...quick);
    expect(code).toBe(exitCodes.usage);
    expect(io.err()).toMatch(
      /zz\.yaml:\d+:\d+ error E014: spec\.horizn: unknown field "horizn"; did you mean "horizon"\?/,
    );
    expect(io.err()).toContain('nothing was run.');
    expect(existsSync(join(root, 'results'))).toBe(false);
  });

  test('a limit gives exit code 4 and the last events, and leaves nothing', async () => {
    writeFileSync(join(root, 'tiny.yaml'), tiny('  limits: { events: 50 }\n'));
    const { code, io } = await cli('run', '-f', 'tiny.yaml', ...quick);
    expect(code).toBe(exitCodes.limit);
    expect(io.err()).toContain('limit reached: 50 events in this run');
    expect(io.err()).toMatch(/busiest {2}\d+ events/);
    expect(existsSync(join(root, 'results'))).toBe(false);
  });

  test('a signal stops the run, leaves nothing, and tells the command that repeats it', async () => {
    for (const [signal, expected] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const io = capturedIo(root);
      io.interruption.signal = signal;
      expect(await runCli(['run', '-f', 'tiny.yaml', ...quick], io)).toBe(expected);
      expect(io.err()).toContain('orrery run -f tiny.yaml --seed 7');
      expect(existsSync(join(root, 'results'))).toBe(false);
    }
  });

  test('a place where a file stands in the way gives exit code 5 and a plain message', async () => {
    writeFileSync(join(root, 'results'), '');
    const { code, io } = await cli('run', '-f', 'tiny.yaml', ...quick);
    expect(code).toBe(exitCodes.io);
    expect(io.err()).toMatch(/^orrery: .*results/);
    expect(io.err()).not.toContain('    at ');
  });

  test('a place where no folder can be made gives exit code 5', async () => {
    const { code, io } = await cli('run', '-f', 'tiny.yaml', '--out', 'tiny.yaml/results', ...quick);
    expect(code).toBe(exitCodes.io);
    expect(io.err()).toContain('tiny.yaml/results');
  });
});

describe('plugins of users', () => {
  const plugin = `
    import { definePlugin } from 'kube-orrery/plugin';
    import { onlyNode } from './only-node.ts';
    export const last = definePlugin({ name: 'Last', create: () => ({ name: 'Last', score: () => onlyNode as number }) });`;
  const config = `
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles: [{ plugins: { multiPoint: { enabled: [{ name: Last }] } } }]
`;

  beforeEach(() => {
    writeFileSync(join(root, 'last.ts'), plugin);
    writeFileSync(join(root, 'only-node.ts'), 'export const onlyNode: number = 1;\n');
    writeFileSync(join(root, 'scheduler.yaml'), config);
    writeFileSync(join(root, 'tiny.yaml'), tiny('  scheduler: { config: scheduler.yaml, plugins: [last.ts] }\n'));
  });

  test('run, and stand in the manifest with their hash; what they import is an input too', async () => {
    const { code, io } = await cli('run', '-f', 'tiny.yaml', ...quick);
    expect({ code, err: io.err() }).toEqual({ code: 0, err: '' });
    const { plugins, inputs } = manifestOf('results/tiny/7');
    expect(plugins).toEqual([{ file: 'last.ts', sha256: sha256(join(root, 'last.ts')), plugins: ['Last'] }]);
    expect(inputs.map(({ path }) => path)).toContain('only-node.ts');
  });

  test.each([
    ['export const nothing = 1;', /last\.ts:1:1 error E035: it exports nothing; a plugin is exported as definePlugin/],
    ['const x = 1;\nexport const = 3;', /last\.ts:2:\d+ error E035: /],
    ['throw new Error("no licence");', /last\.ts:1:\d+ error E035: the module throws: no licence/],
  ])('%j is refused with its place', async (text, expected) => {
    writeFileSync(join(root, 'last.ts'), text);
    const { code, io } = await cli('run', '-f', 'tiny.yaml', ...quick);
    expect(code).toBe(exitCodes.usage);
    expect(io.err()).toMatch(expected);
    expect(existsSync(join(root, 'results'))).toBe(false);
  });
});

test('an error in the code of a plugin is told with its place, as a mistake of its author', async () => {
  writeFileSync(
    join(root, 'bad.ts'),
    `import { definePlugin } from 'kube-orrery/plugin';
export const bad = definePlugin({
  name: 'Bad',
  create: () => ({ name: 'Bad', score: () => (undefined as unknown as { x: number }).x }),
});
`,
  );
  const profile = '{ plugins: { multiPoint: { enabled: [{ name: Bad }] } } }';
  const kind = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';
  writeFileSync(join(root, 'scheduler.yaml'), `${kind}profiles: [${profile}]\n`);
  writeFileSync(join(root, 'tiny.yaml'), tiny('  scheduler: { config: scheduler.yaml, plugins: [bad.ts] }\n'));
  const { code, io } = await cli('run', '-f', 'tiny.yaml', ...quick);
  expect(code).toBe(exitCodes.usage);
  expect(io.err()).toMatch(/bad\.ts:4:\d+ error: the plugin throws: Cannot read prop/);
  expect(existsSync(join(root, 'results'))).toBe(false);
});

describe('validate', () => {
  test('says that all is well, and writes nothing', async () => {
    const { code, io } = await cli('validate', '-f', 'tiny.yaml');
    expect({ code, out: io.out() }).toEqual({ code: 0, out: '1 scenario, no errors\n' });
    expect(existsSync(join(root, 'results'))).toBe(false);
  });

  test('shows the line of a mistake, and gives the same as JSON', async () => {
    writeFileSync(join(root, 'tiny.yaml'), tiny('  horizn: 3m\n'));
    const { code, io } = await cli('validate', '-f', 'tiny.yaml');
    expect(code).toBe(exitCodes.usage);
    expect(io.out()).toMatch(/\| +\^{6}\n/);
    const json = await cli('validate', '-f', 'tiny.yaml', '-o', 'json');
    expect(JSON.parse(json.io.out())).toMatchObject([{ code: 'E014', suggestion: 'horizon', line: 12 }]);
  });
});

describe('diff', () => {
  beforeEach(async () => void (await cli('run', '-f', 'tiny.yaml', '--out', 'a', ...quick)));

  test('two runs of one scenario are the same', async () => {
    await cli('run', '-f', 'tiny.yaml', '--out', 'b', ...quick);
    const { code, io } = await cli('diff', 'a/tiny/7', 'b/tiny/7');
    expect(code).toBe(exitCodes.ok);
    expect(io.out()).toMatch(/^same: all \d fingerprints are equal\n$/);
  });

  test('another input is named with its line, and the first event and journal line that differ are shown', async () => {
    writeFileSync(join(root, 'apps/web.yaml'), web(4));
    await cli('run', '-f', 'tiny.yaml', '--out', 'b', ...quick);
    const { code, io } = await cli('diff', 'a/tiny/7', 'b/tiny/7', '--around', '3');
    expect(code).toBe(exitCodes.failed);
    const out = io.out();
    expect(out).toContain('input apps/web.yaml: line 6: "replicas: 3" and "replicas: 4"');
    expect(out).toMatch(/first difference at 00:00:0\d[.\d]* \(event [\d,]+\)/);
    expect(out).toMatch(/^> a\/tiny\/7 {2}00:00:/m);
    expect(out).toMatch(/^> b\/tiny\/7 {2}00:00:/m);
  });

  test('another seed is said to be one', async () => {
    await cli('run', '-f', 'tiny.yaml', '--out', 'b', '--seed', '8', ...quick);
    const { code, io } = await cli('diff', 'a/tiny/7', 'b/tiny/8');
    expect(code).toBe(exitCodes.failed);
    expect(io.out()).toContain('seed: 7 and 8');
  });

  test('a folder that is no result gives exit code 5', async () => {
    const { code, io } = await cli('diff', 'a/tiny/7', 'apps');
    expect(code).toBe(exitCodes.io);
    expect(io.err()).toContain('apps is no result of a run');
  });
});
