import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { capturedIo } from '../../testing/captured-io.ts';
import { CommandFolder } from '../../testing/command-folder.ts';
import { exitCodes } from '../exit-codes.ts';
import { runCli } from '../run-cli.ts';
import { writerName } from '../hidden-names.ts';
import { CellStore } from './cell-store.ts';
import type { SweepManifest } from './sweep-manifest.ts';

// Several tests start processes or threads, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let folder: CommandFolder;
beforeEach(() => {
  const files = { 'apps/web.yaml': web, 'packed.yaml': packed, 'tiny.yaml': scenario(), 'e.yaml': experiment() };
  folder = new CommandFolder(files);
});
afterEach(() => {
  folder.remove();
});

const web = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: default }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers: [{ name: web, image: 'web:1', resources: { requests: { cpu: 100m, memory: 64Mi } } }]
`;

const packed = `
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
  - pluginConfig:
      - name: NodeResourcesFit
        args: { scoringStrategy: { type: MostAllocated, resources: [{ name: cpu, weight: 1 }] } }
`;

const scenario = (more = ''): string => `
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

const experiment = (nodes = '[2, 3]', more = 'seeds: 3-4'): string => `
apiVersion: orrery.dev/v1alpha1
kind: Experiment
metadata: { name: e }
spec:
  scenario: tiny.yaml
  axes:
    - name: policy
      levels:
        - { label: default }
        - { label: packed, scheduler: { config: packed.yaml } }
    - { name: nodes, path: 'spec.cluster.nodePools[name=general].count', values: ${nodes} }
  outputs: { tables: [pods] }
  ${more}
`;

const sweep = (...more: string[]) => folder.orrery('sweep', '-f', 'e.yaml', '--workers', '0', ...more);
const lines = (path: string): string[] => folder.read(path).trimEnd().split('\n');
const manifest = (out = 'results'): SweepManifest =>
  JSON.parse(folder.read(`${out}/sweep-e/merged/manifest.json`)) as SweepManifest;

/** Hashes of all files below a folder. */
function tree(top: string): Map<string, string> {
  const at = folder.path(top);
  const files = readdirSync(at, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort((a, b) => (a < b ? -1 : 1));
  return new Map(
    paths.map((path) => [path.slice(at.length + 1), createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );
}

describe('a sweep', () => {
  test('runs every cell and merges them in key order, levels and worlds in front', async () => {
    const { code, out, err } = await sweep();
    expect({ code, err }).toEqual({ code: exitCodes.ok, err: '' });
    expect(out).toContain('e · 8 cells · 2 policy x 2 nodes x 2 worlds');
    const cells = lines('results/sweep-e/merged/cells.csv');
    expect(cells[0]).toBe('policy,nodes,seed,replication,tie_break,key,status,problem');
    expect(cells.slice(1).map((line) => line.split(',').slice(0, 4).join(' '))).toEqual(
      ['default 2', 'default 3', 'packed 2', 'packed 3'].flatMap((levels) => [`${levels} 3 0`, `${levels} 4 0`]),
    );
    for (const line of cells.slice(1)) expect(line).toMatch(/,[0-9a-f]{64},ok,$/);
    const figures = lines('results/sweep-e/merged/figures.csv');
    expect(figures.slice(0, 2)).toEqual([
      'policy,nodes,seed,replication,metric,value,unit',
      'default,2,3,0,pods.created,3,pods',
    ]);
    for (const { path, sha256, rows } of manifest().files) {
      const bytes = readFileSync(folder.path('results/sweep-e/merged', path));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
      if (rows !== undefined) expect(bytes.toString().trimEnd().split('\n')).toHaveLength(rows + 1);
    }
    expect(manifest().baseline).toEqual(['default', '2']);
  });

  test('gives a cell what the same run alone gives, and levels the same worlds', async () => {
    await sweep();
    await folder.orrery(
      ...['run', '-f', 'tiny.yaml', '--seed', '4', '--no-charts', '--no-report', '--out', 'alone'],
      ...['--set', 'spec.scheduler.config=packed.yaml', '--set', 'spec.cluster.nodePools[0].count=3'],
    );
    const alone = lines('alone/tiny/4/pods.csv');
    const inSweep = lines('results/sweep-e/merged/pods.csv').filter((line) => line.startsWith('packed,3,4,0,'));
    expect(inSweep).toEqual(alone.slice(1).map((line) => `packed,3,4,0,${line}`));
    expect(lines('results/sweep-e/merged/pods.csv')[0]).toBe(`policy,nodes,seed,replication,${alone[0]}`);
  });

  test('runs nothing a second time, and only what is new when an axis has grown', async () => {
    await sweep();
    const before = tree('results');
    const again = await sweep();
    expect(again.out).toContain('0 ran, 8 kept from before');
    expect(tree('results')).toEqual(before);
    folder.write('e.yaml', experiment('[2, 4, 3]'));
    expect((await sweep()).out).toContain('4 ran, 8 kept from before');
    folder.write('apps/web.yaml', web.replace('replicas: 3', 'replicas: 4'));
    expect((await sweep()).out).toContain('12 ran, 0 kept from before');
  });

  test('keeps an input once for all cells, and a cell can be explained from it', async () => {
    await sweep();
    const kept = readdirSync(folder.path('results/sweep-e/inputs'));
    expect(kept).toHaveLength(3);
    const [cell] = readdirSync(folder.path('results/sweep-e/cells'));
    const [, pod] = lines(`results/sweep-e/cells/${cell}/pods.csv`);
    const { code, out } = await folder.orrery(
      'explain',
      'pod',
      pod!.split(',')[1]!,
      '--run',
      `results/sweep-e/cells/${cell}`,
      '--decision',
    );
    expect({ code, isTold: out.includes('NodeResourcesFit') }).toEqual({ code: 0, isTold: true });
  });

  test('writes charts of the cells only where they are asked for, and adds what an earlier sweep had left out', async () => {
    const some = (outputs: string): string => experiment('[2]', 'seeds: 3').replace('{ tables: [pods] }', outputs);
    folder.write('e.yaml', some('{ tables: [pods], cells: merged }'));
    await sweep('-l', 'policy=default');
    const [cell] = readdirSync(folder.path('results/sweep-e/cells'));
    const files = () => readdirSync(folder.path('results/sweep-e/cells', cell!));
    expect(files()).toEqual(['cell.json', 'manifest.json', 'pods.csv']);
    folder.write('e.yaml', some('{ tables: [nodes], cells: merged, charts: true }'));
    expect((await sweep('-l', 'policy=default')).out).toContain('1 ran, 0 kept');
    expect(files()).toEqual(['cell.json', 'charts', 'manifest.json', 'nodes.csv']);
  });

  test('calls an axis by another name in a table that has its column already', async () => {
    folder.write('e.yaml', experiment('[2]').replace('name: policy', 'name: node'));
    await sweep();
    expect(lines('results/sweep-e/merged/pods.csv')[0]).toMatch(
      /^axis_node,nodes,seed,replication,namespace,pod,.*,node,/,
    );
  });
});

describe('the same bytes come from', () => {
  test('one worker and eight', async () => {
    folder.write('e.yaml', experiment('[2, 3]', 'seeds: 3\n  exclude: [{ policy: packed, nodes: 3 }]'));
    await sweep('--out', 'a');
    for (const workers of ['1', '8']) {
      const { code, err } = await folder.orrery('sweep', '-f', 'e.yaml', '--workers', workers, '--out', workers);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(tree(workers)).toEqual(tree('a'));
    }
  });

  test('shards that are merged, wherever they ran', async () => {
    await sweep('--out', 'whole');
    const env = { SLURM_ARRAY_TASK_ID: '12', SLURM_ARRAY_TASK_COUNT: '3', SLURM_ARRAY_TASK_MIN: '10' };
    expect((await sweep('--out', 'a', '--shard', '1/3')).out).toContain('shard 1 of 3 (--shard) · 3 ran');
    const slurm = capturedIo(folder.root, env);
    expect(await runCli(['sweep', '-f', 'e.yaml', '--workers', '0', '--out', 'a'], slurm)).toBe(0);
    expect(slurm.out()).toContain('shard 3 of 3 (SLURM_ARRAY_TASK_ID) · 2 ran');
    const early = await folder.orrery('merge', '-f', 'e.yaml', '--out', 'a');
    expect(early.code).toBe(exitCodes.failed);
    expect(early.err).toContain('3 of 8 cells have not run; nothing was merged:\n  policy=default nodes=2 seed=4');
    expect(folder.has('a/sweep-e/merged')).toBe(false);
    const job = capturedIo(folder.root, { JOB_COMPLETION_INDEX: '1' });
    expect(await runCli(['sweep', '-f', 'e.yaml', '--workers', '0', '--out', 'b', '--shard', '/3'], job)).toBe(0);
    expect((await folder.orrery('merge', '-f', 'e.yaml', '--out', 'a', '--from', 'b/sweep-e')).code).toBe(0);
    expect(tree('a')).toEqual(tree('whole'));
  });

  test('cells of another experiment are not taken over, neither alone nor beside others', async () => {
    folder.write('other.yaml', experiment('[7]'));
    for (const file of ['e.yaml', 'other.yaml']) {
      const out = file.replace('.yaml', '');
      await folder.orrery('sweep', '-f', file, '--workers', '0', '--out', out, '--shard', '1/2');
    }
    const merge = ['merge', '-f', 'e.yaml', '--out', 'all'];
    expect(await folder.orrery(...merge, '--from', 'e/sweep-e', '--from', 'other/sweep-e')).toEqual({
      code: exitCodes.usage,
      out: '',
      err:
        'orrery: other/sweep-e holds none of the 8 cells of e.yaml: it is of another experiment, or something in it has changed ' +
        'since; nothing was merged\n',
    });
    expect((await folder.orrery(...merge, '--from', 'e')).err).toBe(
      'orrery: e holds no cells of a sweep; did you mean e/sweep-e?\n',
    );
    expect(folder.has('all')).toBe(false);
    await folder.orrery('sweep', '-f', 'e.yaml', '--workers', '0', '--out', 'other', '--shard', '2/2');
    expect((await folder.orrery(...merge, '--from', 'e/sweep-e', '--from', 'other/sweep-e')).code).toBe(0);
    expect(readdirSync(folder.path('all/sweep-e/cells'))).toHaveLength(8);
  });

  // A file system that refuses with ENOENT what should be made on it: the recursive form of mkdirSync tries there for ever.
  test.skipIf(!existsSync('/proc/self'))(
    'a merge into a folder that cannot be made ends with exit code 5',
    async () => {
      await sweep('--out', 'a');
      for (const out of ['/proc', '/proc/q']) {
        const { code, err } = await folder.orrery('merge', '-f', 'e.yaml', '--out', out, '--from', 'a/sweep-e');
        const refused = out === '/proc' ? '/proc/sweep-e' : out;
        expect({ code, err }).toEqual({
          code: exitCodes.io,
          err: `orrery: ${refused}: no such file or folder (ENOENT)\n`,
        });
      }
    },
  );

  test('a sweep that is killed in the middle, twice, and goes on', async () => {
    folder.write('e.yaml', experiment('[2]'));
    await sweep('--out', 'whole');
    for (const cells of [1, 2]) await killedSweep(cells);
    expect(folder.has('results/sweep-e/merged')).toBe(false);
    const { code, out } = await sweep();
    expect(code).toBe(0);
    expect(out).toMatch(/ [234] kept from before/);
    expect(tree('results')).toEqual(tree('whole'));
    expect(readdirSync(folder.path('results/sweep-e/cells')).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

/** Starts a sweep as a process of its own and kills it as soon as so many cells are finished and another one has begun. */
async function killedSweep(cells: number): Promise<void> {
  const main = join(import.meta.dirname, '../main.ts');
  const tsx = import.meta.resolve('tsx');
  const child = spawn(process.execPath, ['--import', tsx, main, 'sweep', '-f', 'e.yaml', '--workers', '0'], {
    cwd: folder.root,
    stdio: 'ignore',
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const names = (): string[] =>
    folder.has('results/sweep-e/cells') ? readdirSync(folder.path('results/sweep-e/cells')) : [];
  const isRipe = (): boolean =>
    names().filter((name) => !name.startsWith('.')).length >= cells &&
    names().some((name) => name.includes('building'));
  while (child.exitCode === null && !isRipe()) await new Promise((resolve) => setTimeout(resolve, 2));
  child.kill('SIGKILL');
  await exited;
}

describe('a sweep that does not end well', () => {
  test('stops at a signal, leaves nothing half written, says how to go on, and goes on', async () => {
    const io = capturedIo(folder.root);
    const names = () => readdirSync(folder.path('results/sweep-e/cells'));
    const timer = setInterval(() => {
      if (folder.has('results/sweep-e/cells') && names().some((name) => !name.startsWith('.')))
        io.interruption.signal = 'SIGTERM';
    }, 1);
    const code = await runCli(['sweep', '-f', 'e.yaml', '--workers', '0'], io);
    clearInterval(timer);
    expect(code).toBe(exitCodes.terminated);
    expect(io.err()).toMatch(
      /^orrery: stopped by SIGTERM; [1-7] of 8 cells finished and kept. To go on: orrery sweep -f e.yaml\n$/,
    );
    expect(folder.has('results/sweep-e/merged')).toBe(false);
    expect(names().filter((name) => name.startsWith('.'))).toEqual([]);
    expect((await sweep()).code).toBe(0);
    expect(manifest().cells).toEqual({ total: 8, ok: 8, unmet: 0, violated: 0, failed: 0 });
  });

  test('goes on after a cell that fails, in one process as in shards, and tries it again the next time', async () => {
    const failing = experiment('[2]').replace(
      'label: packed,',
      'label: packed, overrides: [{ path: spec.limits.events, value: 50 }],',
    );
    folder.write('e.yaml', failing);
    const { code, err } = await sweep('--out', 'whole');
    expect(code).toBe(exitCodes.failed);
    expect(err.split('\n')).toEqual([
      expect.stringMatching(/^orrery: policy=packed nodes=2 seed=3: limit reached: .*50/),
      expect.stringMatching(/^orrery: policy=packed nodes=2 seed=4: limit reached: .*50/),
      '',
    ]);
    expect(
      lines('whole/sweep-e/merged/cells.csv')
        .slice(1)
        .map((line) => line.split(',')[6]),
    ).toEqual(['ok', 'ok', 'failed', 'failed']);
    expect(lines('whole/sweep-e/merged/pods.csv')).toHaveLength(7);
    for (const shard of ['1/2', '2/2']) await sweep('--shard', shard);
    expect((await folder.orrery('merge', '-f', 'e.yaml')).code).toBe(exitCodes.failed);
    expect(tree('results')).toEqual(tree('whole'));
    expect((await sweep()).out).toContain('0 ran, 2 kept');
  });

  test('has exit code 1 where an expectation of the scenario does not hold, and keeps the result', async () => {
    folder.write('tiny.yaml', scenario('  assert: [{ metric: pods.created, equals: 4 }]\n'));
    const { code, out, err } = await sweep('-l', 'policy=packed,nodes in (3)', '--seeds', '9');
    expect({ code, err }).toEqual({
      code: exitCodes.failed,
      err: '  FAIL  policy=packed nodes=3 seed=9: pods.created = 3, expected 4\n',
    });
    expect(out).toContain('0 as expected, 1 not');
    expect(lines('results/sweep-e/merged/cells.csv')[1]).toMatch(/,unmet,$/);
  });

  test('refuses a folder that was edited, before anything is run or written', async () => {
    await sweep();
    const before = tree('results/sweep-e/merged');
    const [first, second, third] = readdirSync(folder.path('results/sweep-e/cells')) as [string, string, string];
    appendFileSync(folder.path('results/sweep-e/cells', first, 'pods.csv'), 'x\n');
    const edited = folder.path('results/sweep-e/cells', second, 'manifest.json');
    writeFileSync(edited, readFileSync(edited, 'utf8').replace('"pods.created": 3', '"pods.created": 5'));
    writeFileSync(folder.path('results/sweep-e/cells', third, 'notes.txt'), '');
    folder.write('e.yaml', experiment('[2, 3, 4]'));
    const { code, err } = await sweep();
    expect(code).toBe(exitCodes.usage);
    for (const [name, why] of [
      [first, 'has a pods.csv with another hash'],
      [second, 'has a manifest.json with another hash'],
      [third, 'has notes.txt, which its manifest does not list'],
    ])
      expect(err).toMatch(new RegExp(`orrery: hash mismatch: results/sweep-e/cells/${name} \\(policy=.*\\) ${why}\n`));
    expect(err).toContain('Nothing was run: what is named here was changed after being written.');
    expect(readdirSync(folder.path('results/sweep-e/cells'))).toHaveLength(8);
    expect(tree('results/sweep-e/merged')).toEqual(before);
    expect((await folder.orrery('merge', '-f', 'e.yaml', '--set', 'spec.horizon=2m')).code).not.toBe(0);
    rmSync(folder.path('results/sweep-e/cells', first), { recursive: true });
    rmSync(folder.path('results/sweep-e/cells', second), { recursive: true });
    rmSync(folder.path('results/sweep-e/cells', third, 'notes.txt'));
    expect((await sweep()).out).toContain('6 ran, 6 kept');
  });

  test('refuses an input that was edited, once for all cells that read it, and runs them again where it is gone', async () => {
    await sweep();
    const before = tree('results/sweep-e');
    const inputs = readdirSync(folder.path('results/sweep-e/inputs'));
    const edited = inputs.find((name) => folder.read(`results/sweep-e/inputs/${name}`) === web)!;
    appendFileSync(folder.path('results/sweep-e/inputs', edited), '# mine\n');
    const told =
      `orrery: hash mismatch: results/sweep-e/inputs/${edited} is the copy of apps/web.yaml, with another hash\n` +
      'Nothing was run: what is named here was changed after being written. Remove it, and its cells run again.\n';
    expect(await sweep()).toMatchObject({ code: exitCodes.usage, out: '', err: told });
    expect(await folder.orrery('merge', '-f', 'e.yaml')).toMatchObject({ code: exitCodes.usage, out: '', err: told });
    expect((await sweep('--dry-run')).out).toContain('altered');
    rmSync(folder.path('results/sweep-e/inputs', edited));
    const merged = await folder.orrery('merge', '-f', 'e.yaml');
    expect(merged.code).toBe(exitCodes.failed);
    expect(merged.err).toContain(
      'orrery: the cell policy=default nodes=2 seed=3 has no whole result; orrery sweep runs it',
    );
    expect((await sweep()).out).toContain('8 ran, 0 kept');
    expect(tree('results/sweep-e')).toEqual(before);
  });

  test('ends with exit code 5 where nothing can be written', async () => {
    folder.write('file', '');
    const { code, err } = await sweep('--out', 'file/below');
    expect(code).toBe(exitCodes.io);
    expect(err).toMatch(/^orrery: .*file\/below.*: (a part of the path is a file|it is there already)/);
    expect(readdirSync(folder.root)).not.toContain('results');
  });

  test('runs nothing where a signal comes while the cells are checked', async () => {
    const io = capturedIo(folder.root);
    io.interruption.signal = 'SIGINT';
    const code = await runCli(['sweep', '-f', 'e.yaml', '--workers', '0'], io);
    expect({ code, err: io.err() }).toEqual({
      code: exitCodes.interrupted,
      err: 'orrery: stopped by SIGINT while the cells were checked; nothing was run.\n',
    });
    expect(folder.has('results')).toBe(false);
  });

  test('leaves no empty folders behind where no cell came to its end', () => {
    const store = new CellStore(folder.path('results/sweep-e'));
    store.open();
    expect(readdirSync(folder.path('results/sweep-e'))).toEqual(['cells', 'inputs']);
    store.close();
    expect(readdirSync(folder.path('results'))).toEqual([]);
  });

  test('removes what a killed process left, and not what a living one writes', () => {
    const store = new CellStore(folder.path('results/sweep-e'));
    store.open();
    const key = 'a'.repeat(64);
    const [mine, other] = [key.slice(0, 16), 'b'.repeat(16)];
    const host = writerName().split('-')[0]!;
    // 99999999 is beyond the largest number that a process can have; 1 always lives, and what elsewhere lives is not known.
    const living = [`.${mine}.building-${host}-1`, `.${mine}.building-elsewhere-99999999`];
    const ofOther = `.${other}.building-${host}-99999999`;
    for (const name of [`.${mine}.building-${host}-99999999`, ...living, ofOther])
      mkdirSync(join(store.folder, 'cells', name));
    writeFileSync(join(store.inputsFolder, `.${'c'.repeat(64)}.building-${host}-99999999-3`), '');
    store.sweepUp(new Set([key]));
    expect(new Set(readdirSync(join(store.folder, 'cells')))).toEqual(new Set([...living, ofOther]));
    expect(readdirSync(store.inputsFolder)).toEqual([]);
  });
});

describe('a dry run', () => {
  test('prints the cells and which are finished, and writes nothing', async () => {
    const first = await sweep('--dry-run');
    expect(folder.has('results')).toBe(false);
    expect(first.out.split('\n')[1]).toMatch(/^[0-9a-f]{16} {2}missing {3}policy=default nodes=2 seed=3$/);
    expect(first.out).toContain('8 cells, 0 finished; nothing was run.\n');
    await sweep('-l', 'nodes=3');
    expect((await sweep('--dry-run')).out).toContain('8 cells, 4 finished; nothing was run.\n');
    const { cells } = JSON.parse((await sweep('--dry-run', '-o', 'json')).out) as { cells: Record<string, unknown>[] };
    expect(cells[7]).toMatchObject({
      levels: { policy: 'packed', nodes: '3' },
      seed: '4',
      replication: 0,
      state: 'finished',
    });
  });
});

test('of the replications of one seed the command line states the seed, their number, or both', async () => {
  folder.write('e.yaml', experiment('[2]', 'seed: 5\n  replications: 3'));
  const worlds = async (...more: string[]): Promise<string[]> => {
    const { out } = await sweep('--dry-run', '-o', 'json', '-l', 'policy=packed', ...more);
    const { cells } = JSON.parse(out) as { cells: { seed: string; replication: number }[] };
    return cells.map(({ seed, replication }) => `${seed}/${replication}`);
  };
  expect(await worlds()).toEqual(['5/0', '5/1', '5/2']);
  expect(await worlds('--seed', '6')).toEqual(['6/0', '6/1', '6/2']);
  expect(await worlds('-n', '2')).toEqual(['5/0', '5/1']);
  expect(await worlds('-n', '2', '--seed', '6')).toEqual(['6/0', '6/1']);
  // Seeds of the file are no replications: what the command line says takes their place.
  folder.write('e.yaml', experiment('[2]'));
  expect(await worlds('--seed', '6')).toEqual(['6/0']);
  expect(await worlds('-n', '2')).toEqual(['7/0', '7/1']);
});

describe('arguments that make no sense have exit code 2 and one message', () => {
  test.each([
    [['--workers', 'many'], '--workers "many" is not a whole number up to 9999; 0 runs the cells without workers'],
    [['--worker-memory', '1k'], '--worker-memory "1k" is not a quantity of at least 32Mi, such as 2Gi'],
    [['--shard', '4/3'], 'there is no shard 4 of 3 (--shard); shards count from 1'],
    [['--shard', '0/3'], 'there is no shard 0 of 3 (--shard); shards count from 1'],
    [['--shard', '3'], '--shard "3" is none; write 2/8 for the second of eight'],
    [['--shard', '/3'], '--shard /3 takes the index from JOB_COMPLETION_INDEX, which is not set'],
    [['-l', 'polcy=default'], '--selector: there is no axis "polcy"; did you mean "policy"?'],
    [['-l', 'policy=packd'], '--selector: there is no level of policy "packd"; did you mean "packed"?'],
    [['-l', 'policy!=packed,policy!=default'], '--selector policy!=packed,policy!=default matches no cell'],
    [['--seeds', '1-5,4'], '--seeds 1-5,4: the seed "4" is in "1-5" already; each seed is run once'],
    [['--seeds', '1', '-n', '3'], '--seeds goes with neither --seed nor --replications'],
    [['-n', '0'], '--replications "0" is not a whole number from 1 to 1000000'],
    [['--until', '5'], '--until "5" is not a duration above zero; write 90s, 15m, 2h or 1d'],
  ])('%j', async (argv, message) => {
    expect(await folder.orrery('sweep', '-f', 'e.yaml', ...argv)).toEqual({
      code: exitCodes.usage,
      out: '',
      err: `orrery: ${message}\n`,
    });
    expect(folder.has('results')).toBe(false);
  });
});
