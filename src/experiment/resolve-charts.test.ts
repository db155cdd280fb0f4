import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../scenario/diagnostics.ts';
import { scenarioText } from '../testing/load-from-memory.ts';
import { MemoryFiles } from '../testing/memory-files.ts';
import { loadExperiment } from './load-experiment.ts';

const head = `apiVersion: orrery.dev/v1alpha1
kind: Experiment
metadata: { name: e }
spec:
  scenario: main.yaml
  axes:
    - { name: policy, levels: [{ label: a }, { label: b }] }
  outputs: { tables: [timeseries] }
  charts:
`;

function load(...charts: readonly string[]) {
  const text = head + charts.map((chart) => `    - { ${chart} }\n`).join('');
  const reader = new MemoryFiles([
    ['/s/e.yaml', text],
    ['/s/main.yaml', scenarioText()],
  ]);
  return loadExperiment('/s/e.yaml', { reader, allowOutside: false });
}

const base = 'name: c, title: T, question: Q?, series: policy';

describe('charts of an experiment', () => {
  test('are curves and bars over merged tables, by default over the figures', () => {
    const { experiment, diagnostics } = load(
      `kind: curve, ${base}, table: timeseries, over: t_s, value: value_timeavg, where: { metric: x, rate: 20 }`,
      `kind: bars, ${base.replace('c,', 'd,')}`,
    );
    expect(diagnostics).toEqual([]);
    expect(experiment!.charts).toMatchObject([
      { kind: 'curve', name: 'c', table: 'timeseries', x: 't_s', y: 'value_timeavg', facet: undefined },
      { kind: 'bars', name: 'd', table: 'figures', y: 'value', group: undefined },
    ]);
    expect([...experiment!.charts[0]!.where]).toEqual([
      ['metric', 'x'],
      ['rate', '20'],
    ]);
  });

  test.each([
    [`kind: curve, ${base}`, 'over'],
    [`kind: bars, ${base}, over: t_s`, 'bars have no "over"'],
    [`kind: bars, ${base.replace('policy', 'polcy')}`, 'there is no axis "polcy"; did you mean "policy"?'],
    [`kind: bars, ${base}, facet: size`, 'there is no axis "size"'],
    [`kind: bars, ${base}, table: pods`, 'there is no merged table "pods"'],
    [`kind: bars, ${base.replace('name: c', 'name: C x')}`, 'not a legal name'],
    [`kind: pie, ${base}`, 'pie'],
  ])('%s is refused where it stands', (chart, message) => {
    const { experiment, diagnostics } = load(chart);
    expect(experiment).toBeUndefined();
    expect(diagnostics.map((diagnostic) => formatDiagnostic(diagnostic)).join('\n')).toContain(message);
    expect(diagnostics[0]!.line).toBe(10);
  });

  test('of one name are refused', () => {
    const { diagnostics } = load(`kind: bars, ${base}`, `kind: bars, ${base}`);
    expect(diagnostics[0]!.message).toContain('the chart "c" is named a second time');
  });
});
