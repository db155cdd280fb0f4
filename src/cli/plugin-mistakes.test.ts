import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CommandFolder } from '../testing/command-folder.ts';

let folder: CommandFolder;
beforeEach(() => {
  folder = new CommandFolder({
    'timed.yaml': timed,
    'pod.yaml': pod,
    'inOrder.yaml': inOrder,
    'mine/pods.csv': table,
    'mine/nodes.csv': table,
  });
});
afterEach(() => {
  folder.remove();
});

const timed = `
apiVersion: orrery.dev/v1alpha1
kind: Scenario
metadata: { name: tiny }
spec:
  horizon: 1m
  cluster: { nodePools: [{ name: general, count: 2, capacity: { cpu: '4', memory: 8Gi } }] }
  scheduler: { profile: odd, plugins: [mine/odd.ts] }
  workload: [{ manifests: [pod.yaml] }]
`;
const pod = `
apiVersion: v1
kind: Pod
metadata: { name: a }
spec: { containers: [{ name: a, image: a }] }
`;
const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: default }
spec:
  replicas: 6
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: web }] }
`;
const inOrder = `
apiVersion: orrery.dev/v1alpha1
kind: Scenario
metadata: { name: ordered }
spec:
  scheduler: { profile: odd, plugins: [mine/odd.ts] }
  workload: [{ trace: { format: csv, nodes: mine/nodes.csv, pods: mine/pods.csv } }]
`;
const table = 'name,cpu,memory\na,1,1Gi\nb,1,1Gi\n';

/** A plugin of the user's own with these methods. */
const plugin = (methods: string): string => `
import { definePlugin } from 'kube-orrery/plugin';
export const odd = definePlugin({ name: 'Odd', create: () => ({ name: 'Odd', score: () => 1, ${methods} }) });
`;

const run = (file: string) => folder.orrery('run', '-f', file, '--no-charts', '--no-report', '-q');

const scoreRule = 'a score is an integer from 0 to 100, once normalizeScore has seen it';
const filterRule = 'a filter returns a Status, or undefined where the pod may run';

describe.each(['timed', 'inOrder'])('a plugin of the user in a replay that is %s', (kind) => {
  test.each([
    ['score: () => 1.5', `returns 1.5; ${scoreRule}`],
    ['score: () => NaN', `returns NaN; ${scoreRule}`],
    ['score: () => 0 / 1 - Infinity, isNodeLocal: true', `returns -Infinity; ${scoreRule}`],
    ["score: () => 'high' as any", `returns "high"; ${scoreRule}`],
    ['score: () => {}', `returns undefined; ${scoreRule}`],
    ['score: () => {}, isNodeLocal: true', `returns undefined; ${scoreRule}`],
    ['normalizeScore: (_s, _p, scores) => { scores[0] = 0.5; }', `returns 0.5; ${scoreRule}`],
    ['filter: () => true', `returns true; ${filterRule}`],
    ['filter: () => null', `returns null; ${filterRule}`],
  ])('is told what it must not return: %s', async (methods, message) => {
    folder.write('mine/odd.ts', plugin(methods));
    expect(await run(`${kind}.yaml`)).toEqual({
      code: 2,
      out: '',
      err: `mine/odd.ts: error: plugin "Odd" ${message}\nnothing was written.\n`,
    });
    expect(folder.has('results')).toBe(false);
  });
});

test('a score beyond the range keeps a pod pending, as upstream, and ends a replay that has no second attempt', async () => {
  folder.write('mine/odd.ts', plugin('score: () => 101'));
  const text = 'plugin "Odd" returns an invalid score 101, it should in the range of [0, 100] after normalizing';
  const { code, out } = await run('timed.yaml');
  expect(code).toBe(0);
  expect(out.replaceAll(/\s+/g, ' ')).toContain(`not placed: applying score defaultWeights on Score plugins: ${text}`);
  expect(await run('inOrder.yaml')).toMatchObject({
    code: 2,
    err: `mine/odd.ts: error: plugin "Odd" fails: applying score defaultWeights on Score plugins: ${text}\nnothing was written.\n`,
  });
});

test('an error that it throws is told by the names of the files, of imported ones too, wherever the folder lies', async () => {
  folder.write('mine/lib/help.ts', "export const help = (): never => {\n  throw new Error('no');\n};\n");
  folder.write('mine/odd.ts', `import { help } from './lib/help.ts';\n${plugin('score: () => help()')}`);
  expect((await run('timed.yaml')).err).toBe(
    'mine/lib/help.ts:2:9 error: the plugin throws: no\nnothing was written.\n',
  );
  folder.write('mine/odd.ts', plugin("score: () => { throw new Error('no'); }"));
  expect((await run('timed.yaml')).err).toMatch(/^mine\/odd\.ts:3:\d+ error: the plugin throws: no\n/);
});

test('--verify tells it of a plugin that says isNodeLocal and looks at more', async () => {
  folder.write('mine/odd.ts', `let asked = 0;\n${plugin('score: () => asked++ % 100, isNodeLocal: true')}`);
  folder.write('pod.yaml', deployment);
  folder.write('timed.yaml', timed.replace('count: 2', 'count: 6'));
  folder.write('mine/nodes.csv', table.replaceAll(',1,1Gi', ',8,8Gi'));
  for (const file of ['timed.yaml', 'inOrder.yaml']) {
    const { code, err } = await folder.orrery('run', '-f', file, '--verify', '--no-charts', '--no-report', '-q');
    expect({ file, code }).toEqual({ file, code: 2 });
    expect(err).toMatch(/^mine\/odd\.ts: error: --verify: .*\nnothing was written\.\n$/);
  }
});

test('compare tells it of the cell, and goes on with the others', async () => {
  folder.write('mine/odd.ts', plugin('score: () => 1.5'));
  folder.write('plain.yaml', timed.replace(/ {2}scheduler:.*\n/, ''));
  const { code, err } = await folder.orrery(
    ...[
      'compare',
      '-f',
      'plain.yaml',
      '--profile',
      'default',
      '--profile',
      'most-allocated',
      '--profile',
      'mine/odd.ts',
    ],
    ...['-n', '2', '--no-charts', '--no-report', '-q', '--workers', '0'],
  );
  expect(code).toBe(1);
  expect(err).toContain(`orrery: profile=odd seed=1: mine/odd.ts: error: plugin "Odd" returns 1.5; ${scoreRule}`);
  expect(err).not.toContain('rule of the program');
});
