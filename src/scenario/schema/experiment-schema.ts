/** The schema of an experiment file as written; files and levels are resolved afterwards. */
import { z } from 'zod';
import type { Finding } from '../diagnostics.ts';
import * as messages from '../messages.ts';
import { checked, exactlyOne, expecting } from './checked.ts';
import { exactText, metadata, override, scenarioApiVersion, scheduler, seed } from './scenario-schema.ts';
import { choice, flag, integer, list, someText, text } from './units.ts';

const map = expecting('a map');

const label = checked(
  z.union(
    [z.string(), z.number()],
    expecting('a label', (value) => (typeof value === 'boolean' ? messages.unquotedText(value) : undefined)),
  ),
  (value) => (value === '' ? messages.unusable('the text is empty') : undefined),
);

const level = z
  .strictObject(
    {
      label: label.describe('Name of the level in tables and charts'),
      scenario: someText.optional().describe('Scenario file in place of spec.scenario'),
      scheduler: scheduler.optional().describe('Set over spec.scheduler of the scenario; files as seen from here'),
      overrides: list(override).optional().describe('Values set by path in the scenario'),
    },
    expecting('a level with a label'),
  )
  .describe('One choice on an axis; a label alone leaves the scenario as it is');

/** Columns that the merged tables have anyway. */
const takenNames = ['seed', 'replication', 'key', 'status', 'problem', 'tie_break', 'metric', 'value', 'unit'];

const axisName = checked(text, (name) => {
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,62}$/.test(name))
    return messages.badName(name, 'the name of an axis is a letter, then letters, digits, _ and -, at most 63');
  return takenNames.includes(name) ? messages.badName(name, 'a column of the tables is called so') : undefined;
});

const axis = checked(
  z.strictObject(
    {
      name: axisName.describe('Becomes a column of the tables'),
      levels: list(level).optional().describe('The choices, each with a label'),
      path: someText.optional().describe('The value of the scenario that `values` are for'),
      values: list(z.unknown()).optional().describe('A level for each value, which is its own label'),
    },
    expecting('an axis'),
  ),
  axisProblem,
);

function axisProblem(entry: {
  readonly path?: string | undefined;
  readonly levels?: readonly unknown[] | undefined;
  readonly values?: readonly unknown[] | undefined;
}): Finding | undefined {
  const problem = exactlyOne(entry, ['levels', 'values']);
  if (problem !== undefined) return problem;
  if (entry.values !== undefined && entry.path === undefined) return messages.missingField('path');
  if (entry.levels !== undefined && entry.path !== undefined)
    return messages.contradiction('"path" goes with "values"; levels have overrides of their own');
  return undefined;
}

const seedEntry = checked(z.union([z.string(), z.number()], expecting('a seed or a range of seeds')), (value) =>
  typeof value === 'string' || Number.isSafeInteger(value)
    ? undefined
    : messages.outOfRange(value, 'a whole number up to 2^53; write it in quotes'),
);

const outputs = z.strictObject(
  {
    tables: list(someText).optional().describe('Tables of the runs that are merged, such as pods; default none'),
    cells: choice(['full', 'merged'])
      .optional()
      .describe('full: every table of a run is kept in its folder (default); merged: those only that are merged'),
    charts: flag.optional().describe('Draw the charts of every run; default false'),
    report: flag.optional().describe('Write report.html of every run; default false'),
  },
  map,
);

const where = z.record(z.string(), z.union([z.string(), z.number()], expecting('a text or a number')), map);

const chart = checked(
  z
    .strictObject(
      {
        kind: choice(['curve', 'bars']).describe(
          'curve: lines with a band over the runs; bars: means with their spread',
        ),
        name: text.describe('File name of the chart'),
        title: someText,
        question: someText.describe('What it answers, in one sentence'),
        table: someText.optional().describe('A merged table, or figures (default)'),
        over: someText.optional().describe('Column along the horizontal axis of a curve'),
        value: someText.optional().describe('Column of the quantity; default value, as figures has it'),
        series: someText.describe('Axis whose levels are lines or bars side by side'),
        facet: someText.optional().describe('Axis whose levels are panels, or groups of bars'),
        where: where.optional().describe('Only rows with these values, such as metric: pending.p99'),
        xTitle: someText.optional(),
        yTitle: someText.optional(),
      },
      expecting('a chart'),
    )
    .describe('A chart over the runs of all cells'),
  ({ kind, over, name }) => {
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
      return messages.badName(name, 'a chart is called by small letters and digits, joined by -');
    if (kind === 'curve' && over === undefined) return messages.missingField('over');
    return kind === 'bars' && over !== undefined
      ? messages.contradiction('bars have no "over": "facet" groups them')
      : undefined;
  },
);

const spec = checked(
  z.strictObject(
    {
      description: text.optional(),
      scenario: someText.optional().describe('Scenario file that every cell begins with'),
      axes: list(axis).optional().describe('What is varied; the cells are the product of all axes'),
      replications: integer(1, 1_000_000).optional().describe('Runs of every combination under one seed; default 1'),
      seed: seed.optional().describe('Seed of the replications; default that of the scenario'),
      seeds: z
        .union([list(seedEntry), seedEntry], expecting('a list of seeds or a range'))
        .optional()
        .describe('Seeds of every combination: a list, or a range such as "42-51"'),
      baseline: z
        .record(z.string(), label, map)
        .optional()
        .describe('Level of each axis that others are compared with'),
      exclude: list(z.record(z.string(), z.union([label, list(label)], expecting('a label or a list of labels')), map))
        .optional()
        .describe('Combinations that are left out'),
      outputs: outputs.optional(),
      charts: list(chart).optional().describe('Charts over the runs of all cells, in the report and as files'),
    },
    map,
  ),
  ({ seeds, seed: single, replications }) => {
    if (seeds === undefined) return undefined;
    if (replications !== undefined) return messages.contradiction('"seeds" and "replications" cannot both be stated');
    return single === undefined ? undefined : messages.contradiction('"seeds" and "seed" cannot both be stated');
  },
);

/** A whole experiment file. */
export const experimentSchema = z.strictObject(
  {
    apiVersion: exactText('an experiment', 'apiVersion', scenarioApiVersion),
    kind: exactText('an experiment', 'kind', 'Experiment'),
    metadata,
    spec,
  },
  expecting('an experiment'),
);

/** An experiment as written. */
export type ExperimentInput = z.output<typeof experimentSchema>;

/** The JSON Schema (draft 7) of an experiment file, for editors. */
export function experimentJsonSchema(): unknown {
  const schema = z.toJSONSchema(experimentSchema, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  return { ...schema, $id: 'https://orrery.dev/schema/experiment.schema.json', title: 'kube-orrery experiment' };
}
