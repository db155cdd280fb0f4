// Includes and overrides: what a scenario is put together from, and that every value keeps its place.
import { describe, expect, test } from 'vitest';
import { loadFiles, messagesOf, scenarioText } from '../testing/load-from-memory.ts';
import type { Scenario } from './scenario.ts';

const pools = `cluster:
  nodePools:
    - { name: general, count: 3, zones: [a], capacity: { cpu: 4, memory: 8Gi } }
    - { name: spot, count: 2, capacity: { cpu: 2, memory: 4Gi } }
`;
const including = (files: string, spec: string): string =>
  `include: [${files}]\n${scenarioText(spec)}`.replace('  horizon: 1h\n', '');

function sound(files: Record<string, string>, overrides: readonly string[] = []): Scenario {
  const loaded = loadFiles(files, { overrides });
  expect(messagesOf(loaded)).toEqual([]);
  return loaded.scenario!;
}

describe('include', () => {
  test('fields of the scenario win, the others are inherited', () => {
    const scenario = sound({
      'base.yaml': scenarioText(`seed: base\ndescription: from the base\n${pools}`, 'base'),
      'main.yaml': including('base.yaml', 'seed: own\n'),
    });
    expect(scenario).toMatchObject({ name: 'test', seed: 'own', description: 'from the base', horizon: 3_600_000_000 });
    expect(scenario.effective).not.toHaveProperty('include');
  });

  test('entries with names are merged by name, other lists are replaced, null takes away', () => {
    const base = `${pools}faults:\n  - nodeCrash: { at: 5m }\n  - nodeCrash: { at: 6m }\nseed: base\n`;
    const own = `cluster:
  nodePools:
    - { name: spot, count: 7 }
    - { name: extra, count: 1, capacity: { cpu: 1, memory: 1Gi } }
faults:
  - nodeCrash: { at: 7m }
seed: null
`;
    const scenario = sound({ 'base.yaml': scenarioText(base), 'main.yaml': including('base.yaml', own) });
    expect(scenario.cluster.nodePools.map(({ name, count }) => [name, count])).toEqual([
      ['general', 3],
      ['spot', 7],
      ['extra', 1],
    ]);
    expect(scenario.faults.map(({ args }) => args['at'])).toEqual([420_000_000]);
    expect(scenario.seed).toBe('1');
  });

  test('later includes win over earlier ones, and includes may include', () => {
    const scenario = sound({
      'deep/first.yaml': scenarioText('seed: first\nreplication: 1\n'),
      'second.yaml': including('deep/first.yaml', 'seed: second\n'),
      'third.yaml': scenarioText('seed: third\n'),
      'main.yaml': including('second.yaml, third.yaml', 'description: x\n'),
    });
    expect(scenario).toMatchObject({ seed: 'third', replication: 1 });
  });

  test('paths of an included file are taken from its own folder', () => {
    const pod = 'apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { containers: [{ name: c, image: i }] }\n';
    const scenario = sound({
      'base/base.yaml': scenarioText('workload:\n  - manifests: [pod.yaml]\n'),
      'base/pod.yaml': pod,
      'main.yaml': including('base/base.yaml', 'seed: own\n'),
    });
    expect(scenario.actions).toHaveLength(1);
    expect(scenario.inputs.map(({ path }) => path)).toEqual(['main.yaml', 'base/base.yaml', 'base/pod.yaml']);
  });

  test('a mistake is shown in the file that has it', () => {
    const loaded = loadFiles({
      'base.yaml': scenarioText('outputs: { step: 5 }\n'),
      'main.yaml': including('base.yaml', 'seed: own\nlimits: { pods: -1 }\n'),
    });
    expect(loaded.errors.map(({ file, line, column, code }) => [file, line, column, code])).toEqual([
      ['/s/main.yaml', 7, 19, 'E017'],
      ['/s/base.yaml', 6, 20, 'E020'],
    ]);
  });

  test('files that include each other are a loop', () => {
    const loaded = loadFiles({
      'other.yaml': including('main.yaml', 'seed: a\n'),
      'main.yaml': including('other.yaml', 'seed: b\n'),
    });
    expect(messagesOf(loaded)).toEqual([
      'other.yaml:1:11 error E004: include[0]: "main.yaml" includes itself, directly or through others',
    ]);
  });

  test('files that multiply by including each other twice are stopped', () => {
    const files: Record<string, string> = { 'f0.yaml': scenarioText() };
    for (let at = 1; at < 40; at++) files[`f${at}.yaml`] = including(`f${at - 1}.yaml, f${at - 1}.yaml`, 'seed: x\n');
    const loaded = loadFiles({ ...files, 'main.yaml': including('f39.yaml', 'seed: y\n') });
    expect(loaded.errors[0]).toMatchObject({ code: 'E009' });
  });

  test.each([
    ['include: base.yaml\n', 'main.yaml:1:10 error E012: include: expected a list, found "base.yaml"'],
    ['include: [nothing.yaml]\n', 'main.yaml:1:11 error E001: include[0]: there is no file "nothing.yaml"'],
    ['overrides: [{ path: spec.seed }]\n', 'main.yaml:1:13 error E011: overrides[0]: the field "value" is missing'],
  ])('%j is refused', (head, message) => {
    expect(messagesOf(loadFiles({ 'main.yaml': head + scenarioText() }))).toEqual([message]);
  });
});

describe('overrides', () => {
  const files = { 'main.yaml': scenarioText(`seed: own\n${pools}faults:\n  - nodeCrash: { at: 5m }\n`) };

  test('set values by field, position and name; those of the command line come last', () => {
    const head = 'overrides:\n  - { path: spec.seed, value: file }\n  - { path: spec.horizon, value: 2h }\n';
    const scenario = sound({ 'main.yaml': head + files['main.yaml'] }, [
      'spec.seed=line',
      'spec.cluster.nodePools[name=spot].count=9',
      'spec.faults[0].nodeCrash.at=90s',
      'spec.limits.pods=5',
      'spec.cluster.nodePools[0].labels={disk: ssd}',
    ]);
    expect(scenario).toMatchObject({ seed: 'line', horizon: 7_200_000_000, limits: { pods: 5 } });
    expect(scenario.cluster.nodePools).toMatchObject([{ labels: { disk: 'ssd' } }, { count: 9 }]);
    expect(scenario.faults[0]!.args['at']).toBe(90_000_000);
  });

  test('null removes a field or an entry', () => {
    const scenario = sound(files, ['spec.seed=null', 'spec.cluster.nodePools[name=general]=null']);
    expect(scenario.seed).toBe('1');
    expect(scenario.cluster.nodePools.map(({ name }) => name)).toEqual(['spot']);
  });

  test.each([
    ['spec.seed', 'override "spec.seed": an override is path=value', undefined],
    ['seed=1', 'override "seed": the path begins with "spec" or "metadata"; did you mean "spec.seed"?', 'spec.seed'],
    [
      'spec..seed=1',
      'override "spec..seed": the path cannot be read; write for example spec.cluster.nodePools[name=general].count',
      undefined,
    ],
    [
      'spec..[=1',
      'override "spec..[=1": the path cannot be read; write for example spec.cluster.nodePools[name=general].count',
      undefined,
    ],
    [
      'spec.cluster.nodePools[name=general]',
      'override "spec.cluster.nodePools[name=general]": an override is path=value',
      undefined,
    ],
    ['spec.seed=', 'override "spec.seed=": there is no value; write null to take the field away', undefined],
    ['spec.seed=[1', 'override "spec.seed=[1": the value is not YAML: ', undefined],
    [
      'spec.faults[3].nodeCrash.at=1m',
      'override "spec.faults[3].nodeCrash.at": the list has 1 entries, [3] is not one of them',
      undefined,
    ],
    [
      'spec.cluster.nodePools[name=spto].count=1',
      'override "spec.cluster.nodePools[name=spto].count": the list has no entry with name "spto"; did you mean "spot"?',
      'spot',
    ],
    ['spec.__proto__.x=1', 'override "spec.__proto__.x": the word "__proto__" is reserved', undefined],
    ['spec.seed.x=1', 'override "spec.seed.x": there is no map that could hold the field "x"', undefined],
  ])('%s is refused', (override, message, suggestion) => {
    const { errors } = loadFiles(files, { overrides: ['spec.horizon=1h', override] });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ code: 'E033', file: '--set', line: 2, excerpt: override });
    expect(errors[0]!.message).toContain(message);
    expect(errors[0]!.suggestion).toBe(suggestion);
  });

  test('a wrong value is shown where it stands on the command line', () => {
    const { errors } = loadFiles(files, { overrides: ['spec.outputs={ step: 5 }', 'spec.horizn=5m'] });
    expect(errors.map(({ file, line, column, code }) => [file, line, column, code])).toEqual([
      ['--set', 1, 22, 'E020'],
      ['--set', 2, 13, 'E014'],
    ]);
  });
});

test('what the command line states stands in the effective scenario', () => {
  const { scenario } = loadFiles(
    { 'main.yaml': scenarioText('seed: 5\n') },
    { seed: 'x', replication: 3, until: 1_500_000 },
  );
  expect(scenario).toMatchObject({ seed: 'x', replication: 3, horizon: 1_500_000 });
  expect(scenario!.effective).toMatchObject({ spec: { seed: 'x', replication: 3, horizon: '1500000us' } });
});
