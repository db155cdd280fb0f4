import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CommandFolder } from '../testing/command-folder.ts';

let folder: CommandFolder;
beforeEach(() => {
  folder = new CommandFolder();
});
afterEach(() => {
  folder.remove();
});

const openbHeader =
  'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time';
const openbPods = `${openbHeader}
openb-pod-0000,12000,16384,1,1000,,LS,Running,0,200,100
openb-pod-0001,500,1024,0,0,,BE,Succeeded,60,180,60
openb-pod-0002,250,512,1,460,P100,BE,Failed,90,,
`;
const openbNodes = `sn,cpu_milli,memory_mib,gpu,model
openb-node-0000,32000,262144,0,
openb-node-0001,96000,393216,2,P100
`;

describe('orrery import', () => {
  test('makes a folder that runs: the pods of the trace come at their times, run as long as they ran, and have their GPUs', async () => {
    folder.write('pods.csv.gz', gzipSync(openbPods));
    folder.write('nodes.csv', openbNodes);
    const imported = await folder.orrery(
      'import',
      'alibaba-openb',
      '--nodes',
      'nodes.csv',
      '--pods',
      'pods.csv.gz',
      '-o',
      'openb',
    );
    expect(imported).toEqual({
      code: 0,
      out: 'openb: 3 rows of pods, 2 nodes, last end after 3m00s\nrun it: orrery run -f openb/scenario.yaml\n',
      err: '',
    });
    expect(readdirSync(folder.path('openb')).sort()).toEqual([
      'kube-scheduler.yaml',
      'nodes.csv',
      'pods.csv',
      'scenario.yaml',
    ]);
    const ran = await folder.orrery('run', '-f', 'openb', '--no-charts', '--no-report', '-q');
    expect({ code: ran.code, err: ran.err }).toEqual({ code: 0, err: '' });
    expect(ran.out).toContain('1h00m00s virtual');
    expect(ran.out).not.toContain('without a clock');
    const rows = parse(folder.read('results/openb/1/pods.csv'), { columns: true }) as readonly Record<string, string>[];
    const created = rows.map(({ pod, created_t_s }) => [pod, Math.floor(Number(created_t_s))]);
    expect(created).toEqual([
      ['openb-pod-0000', 0],
      ['openb-pod-0001', 60],
      ['openb-pod-0002', 90],
    ]);
    expect(rows.map(({ phase }) => phase)).toEqual(['Succeeded', 'Succeeded', 'Running']);
    // The pods with GPUs fit on the second node only.
    expect([rows[0]!['node'], rows[2]!['node']]).toEqual(['openb-node-0001', 'openb-node-0001']);
  });

  test('keeps every cell: the tables read back are the tables', async () => {
    const text =
      'name,arrival_s,run_time_s,count,cpu,memory,labels,gpu_count,gpu_milli,gpu_models,example.com/fpga\n' +
      'a,1.5,60,3,500m,512Mi,app=web;tier=front,1,250,T4|P100,2\nb,,,1,2,1Gi,,,,,0\n';
    folder.write('mine.csv', text);
    expect((await folder.orrery('import', 'csv', '--pods', 'mine.csv', '-o', 'mine')).code).toBe(0);
    expect(folder.read('mine/pods.csv')).toBe(text);
    expect((await folder.orrery('import', 'csv', '--pods', 'mine/pods.csv', '-o', 'again')).code).toBe(0);
    expect(folder.read('again/pods.csv')).toBe(text);
  });

  test('refuses rows that cannot be read, each by its line, and writes nothing', async () => {
    folder.write('pods.csv', `${openbPods}openb-pod-0003,-5,1,0,0,,BE,Failed,1,2,1\nopenb-pod-0004,5\n`);
    const refusal = await folder.orrery('import', 'alibaba-openb', '--pods', 'pods.csv', '-o', 'openb');
    expect(refusal.code).toBe(2);
    expect(refusal.err).toBe(
      'pods.csv:5:16 cpu_milli "-5" is negative; write a whole number from 0\n' +
        'pods.csv:6:17 2 cells, and the first line has 11 columns\n' +
        'orrery: 2 rows cannot be read; nothing was written. --skip-bad-rows leaves them out.\n',
    );
    expect(readdirSync(folder.root)).toEqual(['pods.csv']);
    const skipping = await folder.orrery(
      'import',
      'alibaba-openb',
      '--pods',
      'pods.csv',
      '-o',
      'openb',
      '--skip-bad-rows',
    );
    expect(skipping.code).toBe(0);
    expect(skipping.out).toContain('3 rows of pods, 2 left out');
    expect(skipping.err).toContain('pods.csv:5:16 cpu_milli "-5" is negative; write a whole number from 0');
  });

  test('refuses names that stand twice, of pods and of nodes, or leaves the later ones out', async () => {
    folder.write('pods.csv', `${openbPods}openb-pod-0001,1,1,0,0,,BE,Failed,1,2,1\n`);
    folder.write('nodes.csv', `${openbNodes}openb-node-0000,1,1,0,\n`);
    const args = ['import', 'alibaba-openb', '--pods', 'pods.csv', '--nodes', 'nodes.csv', '-o', 'openb'];
    expect(await folder.orrery(...args)).toEqual({
      code: 2,
      out: '',
      err:
        'pods.csv:5:1 the name "openb-pod-0001" stands in line 3 already\n' +
        'nodes.csv:4:1 the name "openb-node-0000" stands in line 2 already\n' +
        'orrery: 2 rows cannot be read; nothing was written. --skip-bad-rows leaves them out.\n',
    });
    expect((await folder.orrery(...args, '--skip-bad-rows')).out).toContain('3 rows of pods, 2 nodes, 2 left out');
    expect(folder.read('openb/pods.csv').match(/openb-pod-0001/g)).toHaveLength(1);
    expect(folder.read('openb/nodes.csv')).toContain('openb-node-0000,32,');
  });

  test('refuses a name that a row has and a pod of another row gets from its count', async () => {
    folder.write('mine.csv', 'name,cpu,memory,count\na,1,1Gi,3\na-1,1,1Gi,1\na-3,1,1Gi,1\nb-0,1,1Gi,1\nb,1,1Gi,2\n');
    const { code, err } = await folder.orrery('import', 'csv', '--pods', 'mine.csv', '-o', 'mine');
    expect(code).toBe(2);
    expect(err).toBe(
      'mine.csv:3:1 the name "a-1" is that of a pod of line 2, which counts 3\n' +
        'mine.csv:6:1 the name "b-0" of one of its pods stands in line 5 already\n' +
        'orrery: 2 rows cannot be read; nothing was written. --skip-bad-rows leaves them out.\n',
    );
  });

  test.each(['timed', 'inOrder'])('offers as many pods as a row counts, with --replay %s', async (replay) => {
    folder.write('mine.csv', 'name,arrival_s,cpu,memory,count\na,0,1,1Gi,3\nb,1,1,1Gi,\n');
    folder.write('nodes.csv', 'name,cpu,memory\nn,8,16Gi\n');
    await folder.orrery(
      'import',
      'csv',
      '--pods',
      'mine.csv',
      '--nodes',
      'nodes.csv',
      '-o',
      'mine',
      '--replay',
      replay,
    );
    expect((await folder.orrery('run', '-f', 'mine', '--no-charts', '--no-report', '-q')).code).toBe(0);
    const table = replay === 'timed' ? 'pods' : 'placements';
    const rows = parse(folder.read(`results/mine/1/${table}.csv`), { columns: true }) as readonly Record<
      string,
      string
    >[];
    expect(rows.map(({ pod }) => pod!.replace(/^\d{4}-/, '')).sort()).toEqual(['a-0', 'a-1', 'a-2', 'b']);
    expect(rows.every(({ node }) => node !== '')).toBe(true);
  });

  test('reads pipes, packed or not, and quotes the folder in the command that it names', async () => {
    const pipes = ['plain', 'packed'].map((name) => folder.path(name));
    execFileSync('/usr/bin/env', ['mkfifo', ...pipes]);
    const writing = [openbPods, gzipSync(openbPods)].map((content, at) => writeFile(pipes[at]!, content));
    for (const name of ['plain', 'packed'])
      expect(await folder.orrery('import', 'alibaba-openb', '--pods', name, '-o', `of a ${name} pipe`)).toEqual({
        code: 0,
        out: `of a ${name} pipe: 3 rows of pods, last end after 3m00s\nrun it: orrery run -f 'of a ${name} pipe/scenario.yaml'\n`,
        err: '',
      });
    await Promise.all(writing);
    expect(readdirSync(folder.path('of a packed pipe')).sort()).toEqual([
      'kube-scheduler.yaml',
      'pods.csv',
      'scenario.yaml',
    ]);
    expect(folder.read('of a packed pipe/pods.csv')).toBe(folder.read('of a plain pipe/pods.csv'));
  });

  // A file system that refuses with ENOENT what should be made on it.
  test.skipIf(!existsSync('/proc/self'))('ends with exit code 5 where the folder cannot be made', async () => {
    folder.write('pods.csv', openbPods);
    for (const [out, refused] of [
      ['/proc/q/x', '/proc/q'],
      ['/proc/x', '/proc/x'],
    ] as const)
      expect(await folder.orrery('import', 'alibaba-openb', '--pods', 'pods.csv', '-o', out)).toEqual({
        code: 5,
        out: '',
        err: `orrery: ${refused}: no such file or folder (ENOENT)\n`,
      });
  });

  test.each([
    [
      'the first line of the pods',
      { 'pods.csv': openbPods.replace('cpu_milli', 'cpu') },
      /^pods\.csv:1:1 the first line names no column cpu_milli; .*\norrery: pods\.csv has no row that can be read; nothing was written\.\n$/,
    ],
    [
      'the first line of the nodes',
      { 'nodes.csv': openbNodes.replace('sn,', 'name,') },
      /^nodes\.csv:1:1 the first line names no column sn; .*\norrery: nodes\.csv has no row that can be read; nothing was written\.\n$/,
    ],
    [
      'the only row',
      { 'pods.csv': `${openbHeader}\na,-5,1,0,0,,BE,Failed,1,2,1\n` },
      /^pods\.csv:2:3 cpu_milli "-5" is negative.*\norrery: pods\.csv has no row that can be read; nothing was written\.\n$/,
    ],
    [
      'nodes of which there are none',
      { 'nodes.csv': 'sn,cpu_milli,memory_mib,gpu,model\n' },
      /^orrery: nodes\.csv has no row below its first line; nothing was written\.\n$/,
    ],
  ])('does not offer to leave out what is wrong with %s', async (_what, files, message) => {
    for (const [name, text] of Object.entries({ 'pods.csv': openbPods, 'nodes.csv': openbNodes, ...files }))
      folder.write(name, text);
    const args = ['import', 'alibaba-openb', '--pods', 'pods.csv', '--nodes', 'nodes.csv', '-o', 'openb'];
    for (const more of [[], ['--skip-bad-rows']]) {
      const { code, err } = await folder.orrery(...args, ...more);
      expect(code).toBe(2);
      expect(err).toMatch(message);
      expect(folder.has('openb')).toBe(false);
    }
  });

  test.each([
    ['a folder without a name', ['-o', ''], '--out is empty'],
    [
      'lines that end in CR',
      ['-o', 'x', '--pods', 'mac.csv'],
      'mac.csv:1:1 its lines end in CR alone; write LF or CRLF',
    ],
    ['a folder that is there', ['-o', 'there'], 'there is there already'],
    ['a share', ['-o', 'x', '--thin', '2'], '--thin "2" is not a number above 0, at most 1'],
    ['a time', ['-o', 'x', '--from', '2'], '--from "2" is not a duration; write 90s, 2h or 1d'],
    ['a window', ['-o', 'x', '--from', '2h', '--to', '1h'], '--to is not after --from'],
    ['a clock without times', ['-o', 'x', '--replay', 'inOrder', '--thin', '0.5'], 'go with --replay timed'],
    ['nodes', ['-o', 'x', '--replay', 'inOrder'], '--replay inOrder needs --nodes'],
    ['a gzip file that is cut', ['-o', 'x', '--pods', 'cut.gz'], 'cut.gz: it is not a whole gzip file'],
    ['a file that is not there', ['-o', 'x', '--pods', 'gone.csv'], 'there is no file gone.csv'],
    ['a folder in place of a file', ['-o', 'x', '--pods', '.'], '. is a folder; a file is wanted'],
    [
      'a window in which nothing arrives',
      ['-o', 'x', '--from', '99999d'],
      'of pods.csv arrives from --from until --to',
    ],
  ])('says what is wrong with %s', async (_what, args, message) => {
    folder.write('pods.csv', openbPods);
    folder.write('mac.csv', openbPods.replaceAll('\n', '\r'));
    folder.write('cut.gz', gzipSync(openbPods).subarray(0, 40));
    await folder.orrery('import', 'alibaba-openb', '--pods', 'pods.csv', '-o', 'there');
    const pods = args.includes('--pods') ? [] : ['--pods', 'pods.csv'];
    const { code, err } = await folder.orrery('import', 'alibaba-openb', ...pods, ...args);
    expect(code).not.toBe(0);
    expect(err).toContain(message);
    expect(folder.has('x')).toBe(false);
    expect(readdirSync(folder.root).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});
