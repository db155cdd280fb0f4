import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../../scenario/diagnostics.ts';
import { deploymentText, scenarioText } from '../../testing/load-from-memory.ts';
import { MemoryFiles } from '../../testing/memory-files.ts';
import { canonicalJson } from './cell-key.ts';
import type { Plan, PlanSettings } from './plan-cells.ts';
import { planCells } from './plan-cells.ts';

const cluster = `
cluster:
  nodePools: [{ name: general, count: 2, capacity: { cpu: '4', memory: 8Gi, pods: '20' } }]
workload: [{ manifests: [web.yaml] }]
faults: [{ nodeCrash: { at: 10m, node: general-2 } }]
`;

const settings: PlanSettings = {
  until: undefined,
  overrides: [],
  worlds: undefined,
  allowOutside: false,
  allowPlugins: false,
};

/** Plans /s/e.yaml with these axes. */
function plan(
  axes: string,
  more: Partial<PlanSettings> = {},
  files: readonly (readonly [string, string])[] = [],
): Promise<Plan> {
  const spec = `scenario: main.yaml\naxes:\n${axes.replaceAll(/^(?=.)/gm, '  ')}`.replaceAll(/^(?=.)/gm, '  ');
  const text = `apiVersion: orrery.dev/v1alpha1\nkind: Experiment\nmetadata: { name: e }\nspec:\n${spec}\n`;
  const entries = new Map([
    ['/s/e.yaml', text],
    ['/s/main.yaml', scenarioText(cluster)],
    ['/s/web.yaml', deploymentText('web')],
    ['/s/more/packed.yaml', 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n'],
    ['/s/other/deep.yaml', scenarioText('', 'deep')],
    ...files,
  ]);
  return planCells('/s/e.yaml', { ...settings, ...more }, new MemoryFiles(entries));
}

const messages = async (axes: string): Promise<string[]> =>
  (await plan(axes)).diagnostics.map((each) => formatDiagnostic(each).replaceAll('/s/', ''));

const count = (values: string): string =>
  `- { name: size, path: 'spec.cluster.nodePools[name=general].count', values: ${values} }\n`;

describe('what a level sets wrongly is told once, where the experiment says it', () => {
  test.each([
    [
      'a path that no scenario has',
      '- { name: size, path: spec.cluster.nodePoolz, values: [1, 2, 3] }',
      ['e.yaml:7:27 error E014: spec.cluster.nodePoolz: unknown field "nodePoolz"; did you mean "nodePools"?'],
    ],
    [
      'a path beside spec',
      '- { name: size, path: cluster.nodePools, values: [1, 2] }',
      [
        'e.yaml:7:27 error E033: override "cluster.nodePools": the path begins with "spec" or "metadata"; did you mean "spec.cluster.nodePools"?',
      ],
    ],
    [
      'an entry of a list that is not there',
      "- { name: size, path: 'spec.cluster.nodePools[name=genral].count', values: [1, 2] }",
      [
        'e.yaml:7:27 error E033: override "spec.cluster.nodePools[name=genral].count": the list has no entry with name "genral"; did you mean "general"?',
      ],
    ],
    [
      'a value of the wrong type',
      count('[2, many, 3]'),
      ['e.yaml:7:85 error E012: spec.cluster.nodePools[0].count: expected a whole number, found "many"'],
    ],
    [
      'a misspelt field within a value',
      '- name: k\n  levels:\n    - { label: a, overrides: [{ path: spec.limits, value: { pod: 3 } }] }',
      ['e.yaml:9:63 error E014: spec.limits.pod: unknown field "pod"; did you mean "pods"?'],
    ],
    [
      'a configuration that kube-scheduler would refuse',
      '- name: k\n  levels:\n    - { label: a, scheduler: { config: web.yaml } }',
      [expect.stringMatching(/^web.yaml:\d+:\d+ error E034: k=a: /)],
    ],
  ])('%s', async (_, axes, expected) => {
    expect(await messages(axes)).toEqual(expected);
    expect((await plan(axes)).cells).toEqual([]);
  });

  test('a mistake that a level causes elsewhere names the first combination that has it', async () => {
    expect(await messages(count('[2, 1]'))).toEqual([
      expect.stringMatching(
        /^main.yaml:\d+:\d+ error E028: size=1: spec.faults\[0\].nodeCrash.node: there is no node "general-2"/,
      ),
    ]);
  });

  test('more cells than can be run, where the axes are written', async () => {
    const nodes = count(`[${Array.from({ length: 400 }, (_, at) => at + 1).join(', ')}]`);
    const { diagnostics, cells } = await plan(nodes, {
      worlds: () => Array.from({ length: 251 }, (_, replication) => ({ seed: undefined, replication })),
    });
    expect(diagnostics.map((each) => formatDiagnostic(each).replaceAll('/s/', ''))).toEqual([
      'e.yaml:6:3 error E051: 400 combinations of levels in 251 worlds are too many cells: an experiment has at most 100000',
    ]);
    expect(cells).toEqual([]);
  });

  test('two levels that make no difference are a warning, and one run', async () => {
    const { cells, diagnostics } = await plan('- name: k\n  levels: [{ label: a }, { label: b }]');
    expect(diagnostics.map((each) => formatDiagnostic(each).replaceAll('/s/', ''))).toEqual([
      'e.yaml:8:39 warning W050: k=b is the same run as k=a: nothing in it differs',
    ]);
    expect(cells.map(({ key }) => key)).toEqual([cells[0]!.key, cells[0]!.key]);
  });
});

describe('the cells of a plan', () => {
  test('that differ in their levels only have the same seeds and replications', async () => {
    const { cells } = await plan(count('[2, 3]'), {
      worlds: () => [0, 1, 2].map((replication) => ({ seed: undefined, replication })),
    });
    expect(cells.map(({ levels, seed, replication }) => [...levels, seed, replication])).toEqual(
      ['2', '3'].flatMap((level) => [0, 1, 2].map((replication) => [level, '1', replication])),
    );
    expect(cells.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(new Set(cells.map(({ key }) => key)).size).toBe(6);
  });

  test('see files that the experiment names from the folder of their scenario', async () => {
    const axes =
      '- name: k\n  levels:\n    - { label: a, scenario: other/deep.yaml, scheduler: { config: more/packed.yaml } }\n';
    const { cells } = await plan(axes, { allowOutside: true });
    expect(cells[0]!.settings.overrides).toEqual(['spec.scheduler.config="../more/packed.yaml"']);
  });

  test('have keys that change with every input and with nothing else', async () => {
    const key = async (files: readonly (readonly [string, string])[], more: Partial<PlanSettings> = {}) =>
      (await plan(count('[2]'), more, files)).cells[0]!.key;
    const plain = await key([]);
    expect(await key([['/s/unrelated.yaml', 'x']])).toBe(plain);
    expect(await key([], { overrides: ['spec.horizon=1h'] })).toBe(plain);
    const others = await Promise.all([
      key([['/s/web.yaml', deploymentText('web', 'shop')]]),
      key([['/s/main.yaml', scenarioText(cluster.replace('10m', '11m'))]]),
      key([], { overrides: ['spec.horizon=2h'] }),
      key([], { until: 1_000_000 }),
      key([], { worlds: () => [{ seed: '2', replication: 0 }] }),
      key([], { worlds: () => [{ seed: '1', replication: 1 }] }),
    ]);
    expect(new Set([plain, ...others]).size).toBe(7);
  });

  test('go below what the command line sets: levels win', async () => {
    const set = 'spec.cluster.nodePools[name=general].count=9';
    const [plain, over] = await Promise.all([plan(count('[2]')), plan(count('[2]'), { overrides: [set] })]);
    expect(over.cells[0]!.key).toBe(plain.cells[0]!.key);
  });

  test('are refused where exclude leaves nothing over', async () => {
    const { experiment, diagnostics } = await plan(
      `${count('[2]')}exclude: [{ size: 2 }]`.replace('exclude', '\nexclude'),
    );
    expect(experiment).toBeUndefined();
    expect(diagnostics).toHaveLength(1);
  });
});

test('canonical JSON has keys in order at every depth and leaves lists as they are', () => {
  expect(canonicalJson({ b: [2, 1, { z: null, y: undefined, x: 'é"' }], a: true })).toBe(
    '{"a":true,"b":[2,1,{"x":"é\\"","z":null}]}',
  );
});
