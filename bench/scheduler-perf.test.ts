import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MINUTE } from '../src/engine/time.ts';
import { loadScenario } from '../src/scenario/load-scenario.ts';
import { nodeFileReader } from '../src/scenario/read-files.ts';
import { workloads } from './scheduler-perf.ts';

const folder = 'bench/workloads';

test('every scenario of the folder is measured, and there is one for every workload', () => {
  const scenarios = readdirSync(folder)
    .filter((file) => file.endsWith('.yaml') && file !== 'base.yaml')
    .filter((file) => readFileSync(`${folder}/${file}`, 'utf8').includes('kind: Scenario'));
  expect(scenarios.sort((a, b) => (a < b ? -1 : 1))).toEqual(
    workloads.map(({ name }) => `${name}.yaml`).sort((a, b) => (a < b ? -1 : 1)),
  );
});

test.each(workloads.map(({ name }) => name))('%s is a scenario without mistakes', (name) => {
  const { scenario, errors } = loadScenario(`${folder}/${name}.yaml`, { reader: nodeFileReader });
  expect(errors).toEqual([]);
  const { generators = [], actions = [] } = scenario ?? {};
  // What is measured comes from the first minute on.
  expect(
    generators.some(({ name: generator }) => generator === 'measured') || actions.some(({ at }) => at >= MINUTE),
  ).toBe(true);
});
