import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { csvRecords } from './explain/csv-records.ts';
import { CommandFolder } from '../testing/command-folder.ts';

let folder: CommandFolder;
beforeEach(() => {
  folder = new CommandFolder();
  const policy = readFileSync(new URL('../../scenarios/fgd-atc23/policies/FGD.yaml', import.meta.url), 'utf8');
  folder.write('policy.yaml', policy);
  folder.write('nodes.csv', 'sn,cpu_milli,memory_mib,gpu,model\nn-0,8000,8192,2,T4\nn-1,8000,8192,2,T4\n');
  folder.write(
    'pods.csv',
    'name,cpu_milli,memory_mib,num_gpu,gpu_milli\na,1000,512,1,500\nb,1000,512,1,300\nc,1000,512,2,1000\nd,1000,512,0,0\n',
  );
  folder.write(
    'replay.yaml',
    `apiVersion: orrery.dev/v1alpha1
kind: Scenario
metadata: { name: replay }
spec:
  seed: 3
  workload: [{ trace: { format: alibaba-openb, nodes: nodes.csv, pods: pods.csv, order: { tuneRatio: 1.3 } } }]
  scheduler: { config: policy.yaml, tieBreak: lowest-name }
  assert: [{ metric: offers.failed, atLeast: 1 }]
`,
  );
});
afterEach(() => folder.remove());

const quick = ['--no-charts', '--no-report'];

describe('orrery run with a trace that is replayed in order', () => {
  test('writes tables, names how ties are broken, and checks expectations', async () => {
    const { code, out, err } = await folder.orrery('run', '-f', 'replay.yaml', '--verify', ...quick);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('ties broken lowest-name');
    expect(out).toContain('without a clock');
    expect(out).toMatch(/of \d+ offered pods got a node/);
    expect(out).toMatch(/Expectations .*holds/);
    const placements = folder.read('results/replay/3/placements.csv').split('\n');
    expect(placements[0]).toBe(
      'offer,pod,cpu_milli,gpu_count,gpu_milli,gpu_models,node,gpus,feasible_nodes,score,ties',
    );
    expect(folder.read('results/replay/3/arrived_load.csv').trim().split('\n')).toHaveLength(132);
  });

  test('comes to the same twice', async () => {
    const { code } = await folder.orrery('run', '-f', 'replay.yaml', '--check-determinism', ...quick);
    expect(code).toBe(0);
  });

  test('draws other nodes under another salt of the ties', async () => {
    const uniform = ['--set', 'spec.scheduler.tieBreak=uniform'];
    const placed = async (salt: number): Promise<string> => {
      const set = ['--set', `spec.scheduler.tieSalt=${salt}`];
      await folder.orrery('run', '-f', 'replay.yaml', ...uniform, ...set, '--out', `salt-${salt}`, ...quick);
      return folder.read(`salt-${salt}/replay/3/placements.csv`);
    };
    const [none, ...salted] = [await placed(0), await placed(1), await placed(2), await placed(3)];
    expect(new Set([none, ...salted]).size).toBeGreaterThan(1);
  });

  test('tells by diff which offer ended otherwise first', async () => {
    await folder.orrery('run', '-f', 'replay.yaml', '--out', 'a', ...quick);
    await folder.orrery('run', '-f', 'replay.yaml', '--out', 'b', ...quick);
    await folder.orrery('run', '-f', 'replay.yaml', '--out', 'c', '--set', 'spec.scheduler.tieBreak=uniform', ...quick);
    const [a, b, c] = ['a', 'b', 'c'].map((out) => `${out}/replay/3`) as [string, string, string];
    expect(await folder.orrery('diff', a, b)).toMatchObject({ code: 0, err: '' });
    const { code, out } = await folder.orrery('diff', a, c);
    expect(code).toBe(1);
    expect(out).toContain('tieBreak: "lowest-name" and "uniform"');
    // Both nodes are as good for the first pod.
    expect(out.trim().split('\n').slice(-3)).toEqual([
      'first difference at offer 0; 7 of 10 ended otherwise',
      '  a/replay/3  a  0000-n-0 gpus 0  score 43000, ties 2',
      '  c/replay/3  a  0001-n-1 gpus 0  score 43000, ties 2',
    ]);
  });

  test('every decision is explained by offering the pods again up to it', async () => {
    await folder.orrery('run', '-f', 'replay.yaml', ...quick);
    const run = 'results/replay/3';
    const rows = csvRecords(folder.read(`${run}/placements.csv`));
    for (const { offer, pod, node, gpus, score, ties, feasible_nodes: feasible } of rows) {
      const { code, out } = await folder.orrery('explain', 'pod', pod!, '--run', run, '-o', 'json');
      expect(code).toBe(0);
      const { decision } = JSON.parse(out) as { decision: Record<string, unknown> };
      const outcome =
        node === ''
          ? {
              type: 'unschedulable',
              message: expect.stringMatching(/^0\/2 nodes are available: 2 Insufficient gpu/) as string,
            }
          : {
              ...{ type: 'scheduled', node, score: Number(score), ties: Number(ties) },
              devices: gpus === '' ? [] : gpus!.split('-').map(Number),
            };
      expect(decision).toMatchObject({ offer: Number(offer), feasibleNodes: Number(feasible), outcome });
    }
    const failed = rows.find(({ node }) => node === '')!.pod!;
    const { out } = await folder.orrery('explain', 'pod', failed, '--run', run, '--decision');
    expect(out).toMatch(/^pod default\/\S+, offer \d+, profile default-scheduler\nunschedulable: 0\/2 nodes/);
    const why = await folder.orrery('explain', 'pod', failed, '--run', run, '--node', '0000-n-0');
    expect(why.out).toContain('refused by GpuShare: Insufficient gpu');
  });

  test('what has no clock cannot be asked for by time, and names are checked', async () => {
    await folder.orrery('run', '-f', 'replay.yaml', ...quick);
    const ask = (...args: string[]) => folder.orrery('explain', 'pod', ...args, '--run', 'results/replay/3');
    for (const [args, said] of [
      [['a', '--at', '5m'], '--at: the trace of results/replay/3 was replayed in order'],
      [['a', '--why-killed'], '--why-killed: the trace'],
      [['a', '--why-pending'], 'pod default/a was never refused: offer 0 chose 0000-n-0'],
      [['zz'], 'offered no pod "zz"'],
      [['a', '--node', 'n-0'], 'knew no node "n-0"'],
    ] as const) {
      expect(await ask(...args)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(said) as string });
    }
  });

  test('writes nothing where a line of the trace is wrong', async () => {
    folder.write('pods.csv', 'name,cpu_milli,memory_mib,num_gpu,gpu_milli\na,-1,0,0,0\n');
    const { code, err } = await folder.orrery('run', '-f', 'replay.yaml', ...quick);
    expect(code).toBe(2);
    expect(err).toContain('pods.csv:2:3 error E046: cpu_milli "-1" is negative');
    expect(folder.has('results')).toBe(false);
  });
});
