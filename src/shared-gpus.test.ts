/** Shared GPUs in whole simulations: manifests, API server, kubelets and all. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PlacementReplay } from './placement-replay.ts';
import { readSchedulerSetup } from './scenario/scheduler-setup.ts';
import { runSimulation } from './simulation.ts';
import type { RunResult, SimulationOptions } from './simulation.ts';
import { scenarioText, soundScenario } from './testing/load-from-memory.ts';
import { nodeSha256 } from './testing/sha256.ts';

const pod = (name: string, count: number, milli: number): string => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  annotations: { alibabacloud.com/gpu-count: "${count}", alibabacloud.com/gpu-milli: "${milli}" }
spec:
  restartPolicy: Never
  containers: [{ name: main, image: app, resources: { requests: { cpu: "1" } } }]
`;

const node = `apiVersion: v1
kind: Node
metadata: { name: gpu, labels: { alibabacloud.com/gpu-card-model: T4 } }
status:
  allocatable: { cpu: "32", memory: 64Gi, pods: "110", alibabacloud.com/gpu-count: "2" }
  capacity: { cpu: "32", memory: 64Gi, pods: "110", alibabacloud.com/gpu-count: "2" }
  conditions: [{ type: Ready, status: "True" }]
`;

function run(pods: string, memory: SimulationOptions['memory'] = 'on'): RunResult {
  const spec = `cluster: { manifests: [node.yaml] }
workload: [{ manifests: [pods.yaml] }]
behaviors: [{ runDuration: 60s }]
scheduler: { config: config.yaml }
`;
  const files = { 'node.yaml': node, 'pods.yaml': pods, 'config.yaml': policyOf('FGD') };
  const scenario = soundScenario(spec, files);
  const { setup, errors } = readSchedulerSetup(scenario, []);
  expect(errors).toEqual([]);
  return runSimulation(scenario, { createHash: nodeSha256, scheduler: setup!, check: 'full', memory });
}

function rows(result: RunResult, table: string, ...names: string[]): unknown[][] {
  const { columns, rows: all } = result.tables.get(table)!;
  const at = names.map((name) => columns.findIndex((each) => each.name === name));
  return [...all].map((row) => at.map((index) => row[index]));
}

const policyOf = (name: string): string => readFileSync(`scenarios/fgd-atc23/policies/${name}.yaml`, 'utf8');

const pods = [pod('a', 1, 600), pod('b', 1, 600), pod('c', 1, 600), pod('d', 2, 1000)].join('---\n');

test('pods share GPUs, wait for room, and the tables show who had what', () => {
  const result = run(pods);
  expect(rows(result, 'nodes', 'node', 'gpus', 'gpu_model')).toEqual([['gpu', 2, 'T4']]);
  const table = rows(result, 'pods', 'pod', 'gpu_count', 'gpu_milli', 'gpus', 'phase');
  // Two of 600 have a GPU each; the third and the one that wants both wait until somebody has ended.
  expect(table.map(([name, , , gpus, phase]) => [name, gpus, phase])).toEqual([
    ['a', '0', 'Succeeded'],
    ['b', '1', 'Succeeded'],
    ['c', '0', 'Succeeded'],
    ['d', '0-1', 'Succeeded'],
  ]);
  const bound = rows(result, 'pods', 'bound_t_s').map(([time]) => Number(time));
  expect(bound[2]! - bound[0]!).toBeGreaterThanOrEqual(60_000_000);
  expect(bound[3]! - bound[2]!).toBeGreaterThanOrEqual(60_000_000);
});

test('what is remembered of nodes is what plugins say when they are asked anew', () => {
  const [on, off, verified] = (['on', 'off', 'verified'] as const).map((memory) => run(pods, memory));
  expect(off!.fingerprints).toEqual(on!.fingerprints);
  expect(verified!.fingerprints).toEqual(on!.fingerprints);
});

/** A trace in which nobody leaves, one pod every ten seconds, on nodes that are alike. */
function traceResults(
  policy: string,
  nodeCount: number,
  asks: readonly { cpu: number; gpus: number; milli: number }[],
): RunResult[] {
  const nodes = Array.from({ length: nodeCount }, (_, at) => `n-${at},8000,65536,2,T4\n`).join('');
  const rows = asks.map(({ cpu, gpus, milli }, at) => {
    const name = `p-${String(at).padStart(2, '0')}`;
    return `${name},${1000 * cpu},512,${gpus},${gpus > 1 ? 1000 : 100 * milli},${10 * (at + 1)}\n`;
  });
  const files = {
    'nodes.csv': `sn,cpu_milli,memory_mib,gpu,model\n${nodes}`,
    'pods.csv': `name,cpu_milli,memory_mib,num_gpu,gpu_milli,creation_time\n${rows.join('')}`,
    'config.yaml': policyOf(policy),
  };
  const specOf = (replay: string): string => `workload:
  - trace: { format: alibaba-openb, nodes: nodes.csv, pods: pods.csv, ${replay} }
seed: 7
scheduler: { config: config.yaml, tieBreak: lowest-name }
`;
  const timed = soundScenario(specOf('replay: timed'), files);
  const withoutClock = scenarioText(specOf('replay: inOrder, order: { shuffle: false }')).replace(
    /^ +horizon:.*\n/m,
    '',
  );
  const inOrder = soundScenario('', { ...files, 'main.yaml': withoutClock });
  const { setup } = readSchedulerSetup(timed, []);
  const options = { createHash: nodeSha256, scheduler: setup! };
  const replay = new PlacementReplay(inOrder, options);
  return [runSimulation(timed, { ...options, check: 'full' }), replay.finish(replay.advance(Infinity))];
}

test.each(['BestFit', 'FGD'])(
  '%s does with a trace in time what it does in a replay in order, to the last fragment',
  (policy) => {
    const ask = fc.record({ cpu: fc.nat(4), gpus: fc.nat(2), milli: fc.integer({ min: 1, max: 10 }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(ask, { minLength: 1, maxLength: 16 }), (nodeCount, asks) => {
        const [timed, inOrder] = traceResults(policy, nodeCount, asks);
        for (const table of ['typical_pods', 'fragmentation']) {
          expect([...timed!.tables.get(table)!.rows], table).toEqual([...inOrder!.tables.get(table)!.rows]);
        }
        const given = (result: RunResult, ...columns: [string, string, string]): unknown[][] =>
          rows(result, ...columns).filter(([, gpus]) => gpus !== undefined);
        const sorted = (list: unknown[][]): string[] => list.map(String).toSorted();
        expect(sorted(given(timed!, 'pods', 'pod', 'gpus'))).toEqual(
          sorted(given(inOrder!, 'placements', 'pod', 'gpus')),
        );
        expect(timed!.violations).toEqual([]);
      }),
      { numRuns: 20 },
    );
  },
);

test('runs without devices have no columns for them', () => {
  const scenario = soundScenario(
    'cluster: { nodePools: [{ name: general, count: 1, capacity: { cpu: 4, memory: 8Gi } }] }',
  );
  const { setup } = readSchedulerSetup(scenario, []);
  const { tables } = runSimulation(scenario, { createHash: nodeSha256, scheduler: setup! });
  expect(tables.get('pods')!.columns.some(({ name }) => name.startsWith('gpu'))).toBe(false);
});
