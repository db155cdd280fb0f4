import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../scenario/diagnostics.ts';
import { scenarioText } from '../testing/load-from-memory.ts';
import { MemoryFiles } from '../testing/memory-files.ts';
import { axesOf, combinations } from './experiment.ts';
import type { LoadedExperiment } from './load-experiment.ts';
import { loadExperiment } from './load-experiment.ts';

/** Loads /s/e.yaml with this text below `spec:`; the scenario main.yaml and two schedulers lie beside it. */
function load(spec: string, head = 'kind: Experiment'): LoadedExperiment {
  const text = `apiVersion: orrery.dev/v1alpha1\n${head}\nmetadata: { name: e }\nspec:\n${spec.replaceAll(/^(?=.)/gm, '  ')}\n`;
  const files = [
    ['/s/e.yaml', text],
    ['/s/main.yaml', scenarioText()],
    ['/s/packed.yaml', 'kind: KubeSchedulerConfiguration\n'],
    ['/outside.yaml', scenarioText()],
  ] as const;
  return loadExperiment('/s/e.yaml', { reader: new MemoryFiles(files), allowOutside: false });
}

const messagesOf = (spec: string): string[] =>
  load(spec).diagnostics.map((each) => formatDiagnostic(each).replaceAll('/s/', ''));

const sound = (spec: string) => {
  const { experiment, diagnostics } = load(spec);
  expect(diagnostics.map((each) => formatDiagnostic(each))).toEqual([]);
  return experiment!;
};

const twoAxes = `
scenario: main.yaml
axes:
  - name: policy
    levels:
      - { label: default }
      - { label: packed, scheduler: { config: packed.yaml, tieBreak: first } }
  - { name: nodes, path: spec.limits.pods, values: [3, 1000, true] }
`;

/** Four axes of a hundred levels each. */
const manyAxes = ['a', 'b', 'c', 'd']
  .map((name) => `- { name: ${name}, path: spec.limits.pods, values: [${[...Array(100).keys()].join(', ')}] }`)
  .join('\n');

describe('an experiment', () => {
  test('is the product of its axes, the last one changing fastest', () => {
    const experiment = sound(twoAxes);
    expect(axesOf(experiment)).toEqual([
      { name: 'policy', levels: ['default', 'packed'] },
      { name: 'nodes', levels: ['3', '1000', 'true'] },
    ]);
    const labels = [...combinations(experiment)].map((levels) => levels.map(({ label }) => label).join('/'));
    expect(labels).toEqual(['default/3', 'default/1000', 'default/true', 'packed/3', 'packed/1000', 'packed/true']);
    expect(experiment.baseline).toEqual(['default', '3']);
  });

  test('without axes has one combination', () => {
    expect([...combinations(sound('scenario: main.yaml'))]).toEqual([[]]);
  });

  test('leaves out the combinations that match an entry of exclude on every axis that it names', () => {
    const experiment = sound(`${twoAxes}exclude: [{ policy: packed, nodes: [3, 1000] }, { nodes: 'true' }]\n`);
    const labels = [...combinations(experiment)].map((levels) => levels.map(({ label }) => label).join('/'));
    expect(labels).toEqual(['default/3', 'default/1000']);
  });

  test('turns the scheduler of a level into overrides whose files are seen from the working folder', () => {
    const [, packed] = sound(twoAxes).axes[0]!.levels;
    expect(packed!.overrides.map(({ path, value, isFile }) => ({ path, value, isFile }))).toEqual([
      { path: 'spec.scheduler.config', value: '/s/packed.yaml', isFile: true },
      { path: 'spec.scheduler.tieBreak', value: 'first', isFile: false },
    ]);
  });

  test.each([
    ['seeds: [7, "42-44", x-1]', ['7/0', '42/0', '43/0', '44/0', 'x-1/0']],
    ['seeds: [-7, " 8 ", 2020-01-02]', ['-7/0', '8/0', '2020-01-02/0']],
    ['seeds: 42-43', ['42/0', '43/0']],
    ['seeds: 5', ['5/0']],
    ['{ replications: 3, seed: 9 }', ['9/0', '9/1', '9/2']],
    ['replications: 2', ['undefined/0', 'undefined/1']],
    ['', ['undefined/0']],
  ])('with %s has the worlds %j', (text, worlds) => {
    const spec = text.startsWith('{') ? text.slice(1, -1).replace(',', '\n').replaceAll(/^ /gm, '') : text;
    expect(
      sound(`scenario: main.yaml\n${spec}`).worlds.map(({ seed, replication }) => `${seed}/${replication}`),
    ).toEqual(worlds);
  });
});

describe('a mistake in an experiment is told at its place', () => {
  const axis = (text: string): string => `scenario: main.yaml\naxes:\n${text.replaceAll(/^(?=.)/gm, '  ')}`;
  test.each([
    [
      'two axes with one name',
      axis('- { name: a, path: p, values: [1] }\n- { name: a, path: q, values: [1] }'),
      ['e.yaml:8:15 error E025: spec.axes[1].name: the axis "a" is defined a second time; first at e.yaml:7:15'],
    ],
    [
      'two axes with one name, whose levels the baseline names: one message',
      `${axis('- { name: a, path: p, values: [1] }\n- { name: a, path: q, values: [2] }')}\nbaseline: { a: 1 }`,
      ['e.yaml:8:15 error E025: spec.axes[1].name: the axis "a" is defined a second time; first at e.yaml:7:15'],
    ],
    [
      'two levels with one label',
      axis('- name: a\n  levels: [{ label: x }, { label: x }]'),
      [
        'e.yaml:8:39 error E025: spec.axes[0].levels[1].label: the level of a "x" is defined a second time; first at e.yaml:8:25',
      ],
    ],
    [
      'a value that is there twice',
      axis('- { name: a, path: p, values: [1, "1"] }'),
      [
        'e.yaml:7:39 error E025: spec.axes[0].values[1]: the level of a "1" is defined a second time; first at e.yaml:7:36',
      ],
    ],
    [
      'an axis without levels',
      axis('- { name: a, levels: [] }'),
      ['e.yaml:7:26 error E051: spec.axes[0].levels: the axis "a" has no levels'],
    ],
    [
      'axes of which nobody could look through the product, were it all excluded',
      `${axis(manyAxes)}\nexclude: [{ a: 0 }]`,
      [
        'e.yaml:6:3 error E051: spec.axes: the axes have 100000000 combinations of levels, and at most 10000000 can be looked through',
      ],
    ],
    [
      'an axis of neither form',
      axis('- { name: a, path: p }'),
      ['e.yaml:7:7 error E016: spec.axes[0]: expected exactly one of levels, values; found none'],
    ],
    [
      'values without a path',
      axis('- { name: a, values: [1] }'),
      ['e.yaml:7:7 error E011: spec.axes[0]: the field "path" is missing'],
    ],
    [
      'a name that a column has',
      axis('- { name: seed, path: p, values: [1] }'),
      ['e.yaml:7:15 error E024: spec.axes[0].name: "seed" is not a legal name: a column of the tables is called so'],
    ],
    [
      'a map as a plain value',
      axis('- { name: a, path: p, values: [{ x: 1 }] }'),
      [
        'e.yaml:7:36 error E013: spec.axes[0].values[0]: a map cannot be the name of its level; use levels, each with a label and overrides',
      ],
    ],
    [
      'an axis over seeds',
      axis('- { name: a, path: spec.seed, values: [1] }'),
      [
        'e.yaml:7:24 error E033: spec.axes[0].path: override "spec.seed": worlds are no levels: state seeds or replications of the experiment, so that all levels meet the same',
      ],
    ],
    [
      'an axis over replications, in other words',
      axis(`- { name: a, path: 'spec["replication"]', values: [1] }`),
      [
        expect.stringContaining(
          'e.yaml:7:24 error E033: spec.axes[0].path: override "spec[\\"replication\\"]": worlds are',
        ),
      ],
    ],
    [
      'a path that cannot be read',
      axis("- { name: a, path: 'spec..[', values: [1] }"),
      [
        'e.yaml:7:24 error E033: spec.axes[0].path: override "spec..[": the path cannot be read; write for example spec.cluster.nodePools[name=general].count',
      ],
    ],
    [
      'an override with a path that cannot be read',
      axis('- { name: a, levels: [{ label: x, overrides: [{ path: spec.a=b, value: 1 }] }] }'),
      [expect.stringContaining('error E033: spec.axes[0].levels[0].overrides[0].path: override "spec.a=b": the path')],
    ],
    [
      'a product of which nothing is left',
      `${axis('- { name: a, path: p, values: [low, high] }')}\nexclude: [{ a: low }, { a: [high] }]`,
      ['e.yaml:8:3 error E051: spec.exclude: every combination of levels is excluded'],
    ],
    [
      'a misspelt field',
      axis('- { name: a, levels: [{ label: x, overides: [] }] }'),
      ['e.yaml:7:39 error E014: spec.axes[0].levels[0].overides: unknown field "overides"; did you mean "overrides"?'],
    ],
    [
      'a scenario that is not there',
      'scenario: man.yaml',
      ['e.yaml:5:13 error E001: spec.scenario: there is no file "man.yaml"; did you mean "main.yaml"?'],
    ],
    [
      'a scenario from elsewhere',
      'scenario: ../outside.yaml',
      [
        'e.yaml:5:13 error E002: spec.scenario: "../outside.yaml" lies outside the scenario\'s folder "/s"; copy it there, or pass --allow-outside',
      ],
    ],
    ['no scenario at all', 'replications: 2', ['e.yaml:4:1 error E011: spec: the field "scenario" is missing']],
    [
      'an unknown baseline',
      `${axis('- { name: a, path: p, values: [low, high] }')}\nbaseline: { a: hgih, b: low }`,
      [
        'e.yaml:8:18 error E028: spec.baseline.a: there is no level of a "hgih"; did you mean "high"?',
        'e.yaml:8:24 error E028: spec.baseline.b: there is no axis "b"; known: a',
      ],
    ],
    [
      'an unknown level in exclude',
      `${axis('- { name: a, path: p, values: [low, high] }')}\nexclude: [{ a: [low, mid] }]`,
      ['e.yaml:8:18 error E028: spec.exclude[0].a: there is no level of a "mid"; known: low, high'],
    ],
    [
      'seeds that overlap',
      'scenario: main.yaml\nseeds: ["42-51", 50]',
      ['e.yaml:6:20 error E050: spec.seeds[1]: the seed "50" is in "42-51" already; each seed is run once'],
    ],
    [
      'a seed that is there twice',
      'scenario: main.yaml\nseeds: [a, a]',
      ['e.yaml:6:14 error E050: spec.seeds[1]: the seed "a" is named here a second time; each seed is run once'],
    ],
    [
      'a range that counts down',
      'scenario: main.yaml\nseeds: 9-3',
      ['e.yaml:6:10 error E013: spec.seeds: the range of seeds "9-3" counts downwards'],
    ],
    ...['1-', '1 - 5', '1..5', '1:5', '-'].map((range): [string, string, string[]] => [
      `a range of seeds that is none, ${range}`,
      `scenario: main.yaml\nseeds: "${range}"`,
      [`e.yaml:6:10 error E013: spec.seeds: the range of seeds "${range}" is none; write 42-51`],
    ]),
    ['no seeds', 'scenario: main.yaml\nseeds: []', ['e.yaml:6:10 error E051: spec.seeds: there are no seeds']],
    [
      'seeds beside replications',
      'scenario: main.yaml\nseeds: [1]\nreplications: 2',
      ['e.yaml:5:3 error E027: spec: "seeds" and "replications" cannot both be stated'],
    ],
    [
      'an unknown table',
      'scenario: main.yaml\noutputs: { tables: [pod, nodes, nodes] }',
      [
        'e.yaml:6:23 error E028: spec.outputs.tables[0]: there is no table "pod"; did you mean "pods"?',
        'e.yaml:6:35 error E013: spec.outputs.tables[2]: the table "nodes" is named a second time',
      ],
    ],
    [
      'two axes that choose the scenario',
      axis(
        '- { name: a, levels: [{ label: x, scenario: main.yaml }] }\n- { name: b, levels: [{ label: x, scenario: main.yaml }] }',
      ),
      ['e.yaml:8:7 error E027: spec.axes[1]: the axes "a" and "b" both choose the scenario'],
    ],
  ])('%s', (_, spec, messages) => {
    expect(messagesOf(spec)).toEqual(messages);
    expect(load(spec).experiment).toBeUndefined();
  });

  test('a scenario is told that another command runs it', () => {
    const { diagnostics } = load('scenario: main.yaml', 'kind: Scenario');
    expect(diagnostics.map((each) => formatDiagnostic(each))).toEqual([
      '/s/e.yaml:2:7 error E010: kind: kind is "Scenario"; an experiment has kind: Experiment; orrery run runs scenarios',
    ]);
  });
});
