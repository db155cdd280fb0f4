import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CommandFolder } from '../testing/command-folder.ts';
import * as plugin from '../plugin.ts';
import { nodeFileReader } from '../scenario/read-files.ts';
import { pluginNames } from './plugin-template.ts';
import { PluginModules } from './plugin-modules.ts';

let folder: CommandFolder;
beforeEach(() => {
  folder = new CommandFolder();
});
afterEach(() => {
  folder.remove();
});

const written = (): string[] =>
  readdirSync(folder.root, { recursive: true })
    .map(String)
    .sort((a, b) => (a < b ? -1 : 1));

test('the plugin that is written passes the tests that are written', async () => {
  expect((await folder.orrery('init', 'plugin', 'FewestPods', '--dir', 'mine')).code).toBe(0);
  const names: string[] = [];
  const vitest = {
    expect,
    test: (name: string, body: () => void) => {
      names.push(name);
      body();
    },
  };
  const known = new Map<string, object>([
    ['kube-orrery/plugin', plugin],
    ['vitest', vitest],
  ]);
  new PluginModules(nodeFileReader, known, () => undefined).load(folder.path('mine/fewest-pods.test.ts'));
  expect(names).toHaveLength(3);
});

test('a scenario uses it by path with the configuration that is written', async () => {
  await folder.orrery('init', 'plugin', 'FewestPods');
  folder.write(
    's.yaml',
    `apiVersion: orrery.dev/v1alpha1
kind: Scenario
metadata: { name: s }
spec:
  horizon: 1m
  cluster: { nodePools: [{ name: general, count: 3, capacity: { cpu: '4', memory: 8Gi } }] }
  workload: [{ manifests: [pod.yaml] }]
  scheduler: { config: fewest-pods.kube-scheduler.yaml, plugins: [fewest-pods.ts] }
`,
  );
  folder.write(
    'pod.yaml',
    `apiVersion: v1
kind: Pod
metadata: { name: one, namespace: default }
spec: { containers: [{ name: c, image: 'app:1' }] }
`,
  );
  expect(await folder.orrery('run', '-f', 's.yaml', '--no-charts', '--no-report', '-q')).toMatchObject({
    code: 0,
    err: '',
  });
  const { out } = await folder.orrery('explain', 'pod', 'one', '--run', 'results/s/1', '--decision');
  expect(out).toMatch(/FewestPods x10 +raw/);
});

test('nothing is overwritten, and nothing is written beside what is there', async () => {
  folder.write('fewest-pods.test.ts', 'mine');
  const { code, err } = await folder.orrery('init', 'plugin', 'FewestPods');
  expect({ code, err }).toEqual({
    code: 2,
    err: 'orrery: fewest-pods.test.ts is there already; nothing was written\n',
  });
  expect(written()).toEqual(['fewest-pods.test.ts']);
  expect(folder.read('fewest-pods.test.ts')).toBe('mine');
});

test.each([
  ['fewestPods', 'is no name of a plugin'],
  ['../Evil', 'is no name of a plugin'],
  ['NodeName', 'is a plugin of kube-scheduler'],
])('the name %s is refused', async (name, message) => {
  const { code, err } = await folder.orrery('init', 'plugin', name, '--dir', 'mine');
  expect(code).toBe(2);
  expect(err).toContain(message);
  expect(folder.has('mine')).toBe(false);
});

test('names are written as Kubernetes, TypeScript and files write them', () => {
  expect(pluginNames('GPUPacking')).toEqual({ plugin: 'GPUPacking', constant: 'gpuPacking', file: 'gpu-packing' });
  expect(pluginNames('NodeResourcesFit2')).toMatchObject({ file: 'node-resources-fit2' });
});
