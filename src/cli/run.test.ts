import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CommandFolder } from '../testing/command-folder.ts';
import { capturedIo } from '../testing/captured-io.ts';
import { exitCodes } from './exit-codes.ts';
import type { Manifest } from './manifest.ts';
import { runCli } from './run-cli.ts';

let folder: CommandFolder;
beforeEach(() => {
  folder = new CommandFolder({ 'apps/web.yaml': web(3), 'tiny.yaml': tiny() });
});
afterEach(() => {
  folder.remove();
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

const quick = ['--no-charts', '--no-report'];
const manifestOf = (result: string): Manifest => JSON.parse(folder.read(`${result}/manifest.json`)) as Manifest;
const treeOf = (result: string): Map<string, string> =>
  new Map(
    readdirSync(folder.path(result), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort((a, b) => (a < b ? -1 : 1))
      .map((path) => [path.slice(folder.path(result).length + 1), sha256(path)]),
  );
const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('a run', () => {
  test('leaves tables, inputs and a manifest that lists every file with its hash, and tells where they are', async () => {
    const { code, out, err } = await folder.orrery('run', '-f', 'tiny.yaml', ...quick);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('tables   results/tiny/7/*.csv');
    expect(out).toContain('same bytes again: orrery run -f tiny.yaml --seed 7');
    const tree = treeOf('results/tiny/7');
    const { files, inputs, fingerprints } = manifestOf('results/tiny/7');
    const listed = [...files.map(({ path }) => path), ...inputs.map(({ copy }) => copy), 'manifest.json'];
    expect([...tree.keys()]).toEqual(listed.sort((a, b) => (a < b ? -1 : 1)));
    for (const { path, sha256: digest } of files) expect(tree.get(path)).toBe(digest);
    expect(folder.read('results/tiny/7/inputs/apps/web.yaml')).toBe(web(3));
    expect(fingerprints['outputs']).toMatch(/^[0-9a-f]{64}$/);
    expect(readdirSync(folder.path('results/tiny'))).toEqual(['7']);
  });

  test('gives the same bytes twice, and other bytes under another seed', async () => {
    await folder.orrery('run', '-f', 'tiny.yaml', '--out', 'a', ...quick);
    await folder.orrery('run', '-f', 'tiny.yaml', '--out', 'b', ...quick);
    expect(treeOf('a/tiny/7')).toEqual(treeOf('b/tiny/7'));
    await folder.orrery('run', '-f', 'tiny.yaml', '--out', 'b', '--seed', '8', '--replication', '2', ...quick);
    expect(treeOf('b/tiny/8-r2').get('pods.csv')).not.toBe(treeOf('a/tiny/7').get('pods.csv'));
  });

  test('draws charts and a report whose bytes do not depend on the version of Node.js', async () => {
    await folder.orrery('run', '-f', 'tiny.yaml');
    const tree = treeOf('results/tiny/7');
    expect([...tree.keys()]).toContain('charts/pods-by-phase.svg');
    const report = folder.read('results/tiny/7/report.html');
    // Not `toContain`: a report is two megabytes, and nobody wants to see it in a message.
    expect(report.includes('orrery run -f tiny.yaml --seed 7')).toBe(true);
    expect(report.includes(process.versions.node)).toBe(false);
  });

  test('prints nothing but JSON on stdout with -o json', async () => {
    const { out, err } = await folder.orrery('run', '-f', 'tiny.yaml', '-o', 'json', ...quick);
    const summary = JSON.parse(out) as Record<string, unknown>;
    expect(summary).toMatchObject({ scenario: 'tiny', seed: '7', endsAt_s: '120', folder: 'results/tiny/7' });
    expect(err).toBe('');
  });

  test('prints the folder only with -o name', async () => {
    const { out } = await folder.orrery('run', '-f', 'tiny.yaml', '-o', 'name', ...quick);
    expect(out).toBe('results/tiny/7\n');
  });

  test('colours a terminal, unless NO_COLOR is set', async () => {
    for (const [env, isColored] of [
      [{}, true],
      [{ NO_COLOR: '1' }, false],
      [{ TERM: 'dumb' }, false],
    ] as const) {
      const io = { ...capturedIo(folder.root, env), stdout: { ...capturedIo(folder.root).stdout, isTTY: true } };
      let text = '';
      await runCli(['run', '-f', 'tiny.yaml', ...quick], {
        ...io,
        stdout: { ...io.stdout, write: (part: string) => void (text += part) },
      });
      expect(text.includes('\u001b[')).toBe(isColored);
    }
  });

  test('takes a folder as all of its scenarios', async () => {
    folder.write('other.yaml', tiny().replace('name: tiny', 'name: other'));
    folder.write('values.yaml', 'kind: Values\n');
    const { code, out } = await folder.orrery('run', '-f', '.', '-o', 'name', ...quick);
    expect({ code, out: out }).toEqual({ code: 0, out: 'results/other/7\nresults/tiny/7\n' });
  });

  test('finds two runs of one scenario the same with --check-determinism', async () => {
    const { code } = await folder.orrery('run', '-f', 'tiny.yaml', '--check-determinism', ...quick);
    expect(code).toBe(exitCodes.ok);
  });
});

describe('a run that does not end well', () => {
  test('an expectation that fails gives exit code 1, its line says FAIL, and the results are there', async () => {
    folder.write('tiny.yaml', tiny('  assert: [{ metric: pods.created, equals: 4 }]\n'));
    const { code, out } = await folder.orrery('run', '-f', 'tiny.yaml', ...quick);
    expect(code).toBe(exitCodes.failed);
    expect(out).toContain('FAIL  pods.created = 3, expected 4');
    expect(manifestOf('results/tiny/7').asserts).toHaveLength(1);
  });

  test('a mistake in the last of several scenarios stops before the first one runs', async () => {
    folder.write('zz.yaml', tiny('  horizn: 3m\n'));
    const { code, err } = await folder.orrery('run', '-f', 'tiny.yaml', '-f', 'zz.yaml', ...quick);
    expect(code).toBe(exitCodes.usage);
    expect(err).toMatch(/zz\.yaml:\d+:\d+ error E014: spec\.horizn: unknown field "horizn"; did you mean "horizon"\?/);
    expect(err).toContain('nothing was run.');
    expect(folder.has('results')).toBe(false);
  });

  test('a limit gives exit code 4 and the last events, and leaves nothing', async () => {
    folder.write('tiny.yaml', tiny('  limits: { events: 50 }\n'));
    const { code, err } = await folder.orrery('run', '-f', 'tiny.yaml', ...quick);
    expect(code).toBe(exitCodes.limit);
    expect(err).toContain('limit reached: 50 events in this run');
    expect(err).toMatch(/busiest {2}\d+ events/);
    expect(folder.has('results')).toBe(false);
  });

  test('a signal stops the run, leaves nothing, and tells the command that repeats it', async () => {
    for (const [signal, expected] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const io = capturedIo(folder.root);
      io.interruption.signal = signal;
      expect(await runCli(['run', '-f', 'tiny.yaml', ...quick], io)).toBe(expected);
      expect(io.err()).toContain('orrery run -f tiny.yaml --seed 7');
      expect(folder.has('results')).toBe(false);
    }
  });

  test('a place where a file stands in the way gives exit code 5 and a plain message', async () => {
    folder.write('results', '');
    const { code, err } = await folder.orrery('run', '-f', 'tiny.yaml', ...quick);
    expect(code).toBe(exitCodes.io);
    expect(err).toMatch(/^orrery: .*results/);
    expect(err).not.toContain('    at ');
  });

  test('a place where no folder can be made gives exit code 5', async () => {
    const { code, err } = await folder.orrery('run', '-f', 'tiny.yaml', '--out', 'tiny.yaml/results', ...quick);
    expect(code).toBe(exitCodes.io);
    expect(err).toContain('tiny.yaml/results');
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
    folder.write('last.ts', plugin);
    folder.write('only-node.ts', 'export const onlyNode: number = 1;\n');
    folder.write('scheduler.yaml', config);
    folder.write('tiny.yaml', tiny('  scheduler: { config: scheduler.yaml, plugins: [last.ts] }\n'));
  });

  test('run, and stand in the manifest with their hash; what they import is an input too', async () => {
    const { code, err } = await folder.orrery('run', '-f', 'tiny.yaml', ...quick);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const { plugins, inputs } = manifestOf('results/tiny/7');
    expect(plugins).toEqual([{ file: 'last.ts', sha256: sha256(folder.path('last.ts')), plugins: ['Last'] }]);
    expect(inputs.map(({ path }) => path)).toContain('only-node.ts');
  });

  test.each([
    ['export const nothing = 1;', /last\.ts:1:1 error E035: it exports nothing; a plugin is exported as definePlugin/],
    ['const x = 1;\nexport const = 3;', /last\.ts:2:\d+ error E035: /],
    ['throw new Error("no licence");', /last\.ts:1:\d+ error E035: the module throws: no licence/],
  ])('%j is refused with its place', async (text, expected) => {
    folder.write('last.ts', text);
    const { code, err } = await folder.orrery('run', '-f', 'tiny.yaml', ...quick);
    expect(code).toBe(exitCodes.usage);
    expect(err).toMatch(expected);
    expect(folder.has('results')).toBe(false);
  });
});

test('an error in the code of a plugin is told with its place, as a mistake of its author', async () => {
  folder.write(
    'bad.ts',
    `import { definePlugin } from 'kube-orrery/plugin';
export const bad = definePlugin({
  name: 'Bad',
  create: () => ({ name: 'Bad', score: () => (undefined as unknown as { x: number }).x }),
});
`,
  );
  const profile = '{ plugins: { multiPoint: { enabled: [{ name: Bad }] } } }';
  const kind = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';
  folder.write('scheduler.yaml', `${kind}profiles: [${profile}]\n`);
  folder.write('tiny.yaml', tiny('  scheduler: { config: scheduler.yaml, plugins: [bad.ts] }\n'));
  const { code, err } = await folder.orrery('run', '-f', 'tiny.yaml', ...quick);
  expect(code).toBe(exitCodes.usage);
  expect(err).toMatch(/bad\.ts:4:\d+ error: the plugin throws: Cannot read prop/);
  expect(folder.has('results')).toBe(false);
});

describe('validate', () => {
  test('says that all is well, and writes nothing', async () => {
    const { code, out } = await folder.orrery('validate', '-f', 'tiny.yaml');
    expect({ code, out: out }).toEqual({ code: 0, out: '1 scenario, no errors\n' });
    expect(folder.has('results')).toBe(false);
  });

  test('shows the line of a mistake, and gives the same as JSON', async () => {
    folder.write('tiny.yaml', tiny('  horizn: 3m\n'));
    const { code, out } = await folder.orrery('validate', '-f', 'tiny.yaml');
    expect(code).toBe(exitCodes.usage);
    expect(out).toMatch(/\| +\^{6}\n/);
    const json = await folder.orrery('validate', '-f', 'tiny.yaml', '-o', 'json');
    expect(JSON.parse(json.out)).toMatchObject([{ code: 'E014', suggestion: 'horizon', line: 12 }]);
  });
});

describe('diff', () => {
  beforeEach(async () => void (await folder.orrery('run', '-f', 'tiny.yaml', '--out', 'a', ...quick)));

  test('two runs of one scenario are the same', async () => {
    await folder.orrery('run', '-f', 'tiny.yaml', '--out', 'b', ...quick);
    const { code, out } = await folder.orrery('diff', 'a/tiny/7', 'b/tiny/7');
    expect(code).toBe(exitCodes.ok);
    expect(out).toMatch(/^same: all \d fingerprints are equal\n$/);
  });

  test('another input is named with its line, and the first event and journal line that differ are shown', async () => {
    folder.write('apps/web.yaml', web(4));
    await folder.orrery('run', '-f', 'tiny.yaml', '--out', 'b', ...quick);
    const { code, out } = await folder.orrery('diff', 'a/tiny/7', 'b/tiny/7', '--around', '3');
    expect(code).toBe(exitCodes.failed);
    expect(out).toContain('input apps/web.yaml: line 6: "replicas: 3" and "replicas: 4"');
    expect(out).toMatch(/first difference at 00:00:0\d[.\d]* \(event [\d,]+\)/);
    expect(out).toMatch(/^> a\/tiny\/7 {2}00:00:/m);
    expect(out).toMatch(/^> b\/tiny\/7 {2}00:00:/m);
  });

  test('another seed is said to be one', async () => {
    await folder.orrery('run', '-f', 'tiny.yaml', '--out', 'b', '--seed', '8', ...quick);
    const { code, out } = await folder.orrery('diff', 'a/tiny/7', 'b/tiny/8');
    expect(code).toBe(exitCodes.failed);
    expect(out).toContain('seed: 7 and 8');
  });

  test('a folder that is no result gives exit code 2, as every input that cannot be used', async () => {
    const { code, err } = await folder.orrery('diff', 'a/tiny/7', 'apps');
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain('apps is no result of a run');
  });
});
