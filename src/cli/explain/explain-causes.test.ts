import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CommandFolder } from '../../testing/command-folder.ts';
import { deploymentText } from '../../testing/load-from-memory.ts';
import { csvRecords } from './csv-records.ts';
import type { CsvRecord } from './csv-records.ts';

let folder: CommandFolder;

/** A node dies for good; users scale one Deployment down and roll another out. */
const scenario = `
apiVersion: orrery.dev/v1alpha1
kind: Scenario
metadata: { name: small }
spec:
  seed: '7'
  horizon: 12m
  cluster:
    nodePools:
      - { name: general, count: 3, zones: [a, b, c], capacity: { cpu: '4', memory: 8Gi, pods: '20' } }
  workload:
    - manifests: [apps]
  actions:
    - { at: 1m, scale: { kind: Deployment, namespace: shop, name: small, replicas: 1 } }
  faults:
    - nodeCrash: { at: 2m, node: general-b-1 }
`;

beforeAll(async () => {
  folder = new CommandFolder({
    'apps/shop.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n',
    'apps/web.yaml': deploymentText('web', 'shop').replace('replicas: 2', 'replicas: 6'),
    'apps/small.yaml': deploymentText('small', 'shop'),
    'small.yaml': scenario,
  });
  expect((await folder.orrery('run', '-f', 'small.yaml', '--no-charts', '--no-report', '-q')).code).toBe(0);
});
afterAll(() => {
  folder.remove();
});

const explain = (...argv: string[]) => folder.orrery('explain', ...argv, '--run', 'results/small/7');
const table = (name: string): CsvRecord[] => csvRecords(folder.read(`results/small/7/${name}.csv`));
const ends = (reason: string): CsvRecord[] => table('causes').filter((row) => row['reason'] === reason);
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe('why a pod was killed', () => {
  test('leads from the eviction over the taint to the fault, each step with its rule', async () => {
    const [end] = ends('taint eviction');
    const { code, out, err } = await explain('pod', `shop/${end!['name']}`, '--why-killed');
    expect([code, err]).toEqual([0, '']);
    const text = oneLine(out);
    const inOrder = [
      `shop/${end!['name']} (Deployment web) ended on general-b-1`,
      'taint-eviction-controller: deleted with 30 s of grace (taint eviction; rule: tolerationSeconds 300)',
      'tainted node.kubernetes.io/unreachable:NoExecute',
      'Ready=Unknown',
      'node-monitor-grace-period 50s',
      'The first cause: the fault nodeCrash general-b-1 at 00:02:00.',
    ].map((part) => text.indexOf(part));
    expect(inOrder.every((at, index) => at > (inOrder[index - 1] ?? -1))).toBe(true);
    expect(out.split('\n').every((line) => line.length <= 80)).toBe(true);
  });

  test('is the same for programs', async () => {
    const [end] = ends('taint eviction');
    const { out } = await explain('pod', `shop/${end!['name']}`, '--why-killed', '-o', 'json');
    const { killed, chain } = JSON.parse(out) as { killed: { id: number }; chain: { id: number; event: string }[] };
    expect(String(killed.id)).toBe(end!['id']);
    expect(chain.map(({ event }) => event)).toEqual(['fault', 'machine', 'node_condition', 'node_taint', 'pod_end']);
  });

  test('names the user and what he wanted', async () => {
    const [end] = ends('scale down');
    const { out } = await explain('pod', `shop/${end!['name']}`, '--why-killed');
    expect(oneLine(out)).toMatch(
      /The first cause: a user at 00:01:00\S*: Deployment shop\/small: scaled from 2 to 1\./,
    );
  });

  test('says so where nobody killed it', async () => {
    const alive = table('pods').find((row) => row['deleted_t_s'] === '' && row['node'] !== 'general-b-1')!;
    const { out } = await explain('pod', `shop/${alive['pod']}`, '--why-killed');
    expect(out).toContain('was not killed: it is Running at the end of the run.');
  });
});

describe('why a workload was short', () => {
  test('tells each span with its cause, who was lost and what brought it back', async () => {
    const { code, out } = await explain('workload', 'shop/web');
    expect(code).toBe(0);
    const outage = table('outages').find((row) => row['workload'] === 'web' && row['is_start'] === 'false')!;
    expect(oneLine(out)).toContain(`fault nodeCrash general-b-1; lost ${outage['first_lost']!.replaceAll(' ', ', ')}`);
    expect(oneLine(out)).toContain(`over with ${outage['restored_by']} ready`);
    for (const rule of ['node-monitor-grace-period 50s', 'node-eviction-rate 0.1/s', 'tolerationSeconds 300'])
      expect(out).toContain(`← ${rule}`);
    expect(oneLine(out)).toMatch(/replicaset-controller: (1 pod|the last of \d pods) created/);
    expect(out.split('\n').every((line) => line.length <= 80)).toBe(true);
  });

  test('is told with all causes for programs; scaling down is no outage', async () => {
    const { out } = await explain('workload', 'small', '-n', 'shop', '-o', 'json');
    const { workload, outages } = JSON.parse(out) as {
      workload: { desired: number };
      outages: { isStart: boolean; causes: unknown[] }[];
    };
    expect(workload.desired).toBe(1);
    expect(outages.filter(({ isStart }) => !isStart).length).toBeLessThanOrEqual(1);
  });

  test('refuses what the run did not have, and names the nearest', async () => {
    expect((await explain('workload', 'shop/wep')).err).toContain(
      'no workload "shop/wep"; the nearest of its 2: shop/web',
    );
    expect((await explain('workload', 'a/b/c')).err).toContain('write NAMESPACE/NAME');
    expect((await explain('workload', 'shop/web', '--kind', 'Job')).code).toBe(2);
  });
});
