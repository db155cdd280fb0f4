import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PlacementReplay } from './placement-replay.ts';
import type { ReplayOptions } from './placement-replay.ts';
import { loadScenario } from './scenario/load-scenario.ts';
import { nodeFileReader } from './scenario/read-files.ts';
import type { Scenario } from './scenario/scenario.ts';
import { readSchedulerSetup } from './scenario/scheduler-setup.ts';
import type { RunResult } from './simulation.ts';
import { loadFiles, messagesOf } from './testing/load-from-memory.ts';
import { nodeSha256 } from './testing/sha256.ts';
import { traceFolder } from './testing/trace-data.ts';
import { assert } from './util/assert.ts';

const policies = ['Random', 'DotProd', 'GpuClustering', 'GpuPacking', 'BestFit', 'FGD'];
const configOf = (policy: string): string => readFileSync(`scenarios/fgd-atc23/policies/${policy}.yaml`, 'utf8');

function scenarioOf(nodes: string, pods: string, policy: string, tieBreak = 'lowest-name'): Scenario {
  const main = `apiVersion: orrery.dev/v1alpha1
kind: Scenario
metadata: { name: test }
spec:
  seed: 7
  workload:
    - trace: { format: alibaba-openb, nodes: nodes.csv, pods: pods.csv, replay: inOrder, order: { tuneRatio: 1.3 } }
  scheduler: { config: policy.yaml, tieBreak: ${tieBreak} }
`;
  const loaded = loadFiles({
    'main.yaml': main,
    'nodes.csv': `sn,cpu_milli,memory_mib,gpu,model\n${nodes}`,
    'pods.csv': `name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\n${pods}`,
    'policy.yaml': configOf(policy),
  });
  assert(loaded.scenario !== undefined, messagesOf(loaded).join('\n'));
  return loaded.scenario;
}

function run(scenario: Scenario, memory: ReplayOptions['memory'] = 'on', slice = Infinity): RunResult {
  const { setup } = readSchedulerSetup(scenario, []);
  const replay = new PlacementReplay(scenario, { createHash: nodeSha256, scheduler: setup!, memory });
  expect(replay.problems).toEqual([]);
  let stop = replay.advance(slice);
  while (stop.reason === 'paused') stop = replay.advance(slice);
  return replay.finish(stop);
}

function column(result: RunResult, table: string, name: string): unknown[] {
  const { columns, rows } = result.tables.get(table)!;
  const at = columns.findIndex((each) => each.name === name);
  return [...rows].map((row) => row[at]);
}

const nodeArbitrary = fc.record({
  cpu: fc.integer({ min: 1, max: 6 }),
  gpus: fc.integer({ min: 1, max: 4 }),
  model: fc.constantFrom('A', 'B'),
});
const podArbitrary = fc.record({
  cpu: fc.nat({ max: 4 }),
  memory: fc.nat({ max: 2 }),
  gpus: fc.nat({ max: 2 }),
  milli: fc.integer({ min: 1, max: 10 }),
  spec: fc.constantFrom('', '', 'A', 'A|B'),
});
const world = fc.record({
  nodes: fc.array(nodeArbitrary, { minLength: 2, maxLength: 9 }),
  pods: fc.array(podArbitrary, { minLength: 1, maxLength: 25 }),
});

/** CSV of a drawn cluster that has a node of either model and a pod that fits. */
function textsOf({
  nodes,
  pods,
}: {
  nodes: readonly { cpu: number; gpus: number; model: string }[];
  pods: readonly { cpu: number; memory: number; gpus: number; milli: number; spec: string }[];
}) {
  const all = [...nodes, { cpu: 8, gpus: 2, model: 'A' }, { cpu: 8, gpus: 2, model: 'B' }];
  const rows = [...pods, { cpu: 1, memory: 1, gpus: 1, milli: 3, spec: '' }];
  return {
    nodes: all.map(({ cpu, gpus, model }, at) => `n-${at},${2000 * cpu},8192,${gpus},${model}\n`).join(''),
    pods: rows
      .map(
        ({ cpu, memory, gpus, milli, spec }, at) =>
          `p-${at},${500 * cpu},${1024 * memory},${gpus},${gpus > 1 ? 1000 : 100 * milli},${spec}\n`,
      )
      .join(''),
  };
}

describe('a trace replayed in order', () => {
  test('offers every pod once, and tells where each went', () => {
    const nodes = 'n-0,4000,8192,1,T4\nn-1,4000,8192,2,T4\n';
    const pods = 'a,1000,1024,1,500,\nb,1000,1024,1,500,\nc,9000,1024,1,1000,\nd,1000,0,0,0,\n';
    const result = run(scenarioOf(nodes, pods, 'BestFit'));
    const names = column(result, 'placements', 'pod') as string[];
    expect(names.slice(0, 4).toSorted()).toEqual(['a', 'b', 'c', 'd']);
    // 1.3 * 3 GPUs are 3900 thousandths; the four ask for 2000.
    expect(names.slice(4).every((name) => /^[abcd]-tuned-\d+$/.test(name))).toBe(true);
    const at = names.indexOf('c');
    expect(column(result, 'placements', 'node')[at]).toBeUndefined();
    expect(column(result, 'failed_pods', 'cpu_milli')).toContain(9000);
    expect(result.figures.get('offers.count')).toBe(names.length);
    expect(result.stop.reason).toBe('empty');
  });

  test.each(policies)('%s decides with remembered answers as without, whatever the cluster', (policy) => {
    fc.assert(
      fc.property(world, fc.constantFrom('lowest-name', 'uniform', 'first'), (drawn, tieBreak) => {
        const { nodes, pods } = textsOf(drawn);
        const scenario = scenarioOf(nodes, pods, policy, tieBreak);
        const [on, off, verified] = (['on', 'off', 'verified'] as const).map((memory) => run(scenario, memory));
        for (const other of [off!, verified!]) {
          expect(other.fingerprints).toEqual(on!.fingerprints);
          for (const [name, table] of on!.tables) expect([...other.tables.get(name)!.rows]).toEqual([...table.rows]);
        }
      }),
      { numRuns: 15 },
    );
  });

  test('comes to the same in slices of any length', () => {
    const { nodes, pods } = textsOf({
      nodes: [],
      pods: Array.from({ length: 9 }, (_, at) => ({ cpu: 1, memory: 1, gpus: 1, milli: at + 1, spec: '' })),
    });
    const scenario = scenarioOf(nodes, pods, 'FGD');
    expect(run(scenario, 'on', 1).fingerprints).toEqual(run(scenario).fingerprints);
  });

  test('never gives more of a GPU than there is', () => {
    fc.assert(
      fc.property(world, fc.constantFrom(...policies), (drawn, policy) => {
        const { nodes, pods } = textsOf(drawn);
        const result = run(scenarioOf(nodes, pods, policy));
        for (const free of column(result, 'node_devices', 'gpu_free_milli') as string[]) {
          expect(free.split('-').every((milli) => milli !== '' && Number(milli) >= 0)).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });
});

const data = traceFolder('openb');

describe.skipIf(data === undefined)('the decisions of the published program on the default trace, seed 42', () => {
  test.each([
    ['FGD', 2],
    ['BestFit', 4],
  ] as const)('%s: every node and every GPU', (policy, at) => {
    const overrides = [
      `spec.workload[0].trace.nodes=${join(data!, 'openb_node_list_gpu_node.csv')}`,
      `spec.workload[0].trace.pods=${join(data!, 'openb_pod_list_default.csv')}`,
      `spec.scheduler.config=policies/${policy}.yaml`,
    ];
    const path = 'scenarios/fgd-atc23/scenario.yaml';
    const loaded = loadScenario(path, { reader: nodeFileReader, overrides, allowOutside: true });
    const result = run(loaded.scenario!);
    const lines = gunzipSync(readFileSync(join(data!, 'placements_default_seed42.csv.gz')))
      .toString()
      .trim()
      .split('\n');
    const recorded = lines.slice(1).map((line) => line.split(','));
    expect(column(result, 'placements', 'pod')).toEqual(recorded.map(([, pod]) => pod));
    // The name begins with the rank.
    const nodes = column(result, 'placements', 'node').map((name) => String(name ?? '').slice(5));
    expect(nodes).toEqual(recorded.map((row) => row[at]));
    const gpus = column(result, 'placements', 'gpus').map((text) => String(text ?? ''));
    expect(gpus).toEqual(recorded.map((row) => (row[at + 1] ?? '').replaceAll(/[ |]/g, '-')));
  });
});
