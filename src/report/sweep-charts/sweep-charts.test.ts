import { describe, expect, test } from 'vitest';
import type { Column, Row, Table } from '../../record/table.ts';
import type { Chart, View } from '../define-chart.ts';
import { chartApplies } from '../define-chart.ts';
import { loadSvgRenderer } from '../render-svg.ts';
import { themedSpec } from '../theme.ts';
import { bandOf } from './band.ts';
import { comparisonCharts, sweepChart } from './registry.ts';

type Datum = Record<string, unknown>;

function dataOf(spec: unknown): Datum[] {
  if (spec === null || typeof spec !== 'object') return [];
  if (Array.isArray(spec)) return spec.flatMap(dataOf);
  const { data, ...rest } = spec as { data?: { values?: Datum[] } };
  return [...(data?.values ?? []), ...Object.values(rest).flatMap(dataOf)];
}

const tableOf = (name: string, columns: string, rows: readonly Row[]): Table => ({
  name,
  description: '',
  columns: columns.split(' ').map((entry): Column => ({ name: entry, type: 'number', description: '' })),
  rows,
});

const policies = ['fgd', 'best-fit', 'random'];
const traces = ['default', 'gpuspec33', 'cpu250', 'x', 'y', 'z', 'last'];
const load = tableOf(
  'load',
  'policy trace seed arrived value',
  policies.flatMap((policy, p) =>
    traces.flatMap((trace) =>
      [1, 2, 3, 4, 5].flatMap((seed) => [0, 50, 100].map((x): Row => [policy, trace, seed, x, x - p - seed])),
    ),
  ),
);
const means = tableOf('comparison_means', 'metric noun unit better policy mean low high letters', [
  ['pending.p99', 'pending time p99', 's', 'less', 'default', 41.2, 40, 42.4, 'a'],
  ['pending.p99', 'pending time p99', 's', 'less', 'packed', 44, 43, 45, 'b'],
  ['availability.mean', 'availability', 'ratio', 'more', 'default', 0.98, 0.97, 0.99, 'b'],
  ['availability.mean', 'availability', 'ratio', 'more', 'packed', 0.99, 0.985, 0.995, 'a'],
]);
const contrasts = tableOf('comparison', 'metric policy level change_ratio change_low change_high p_holm', [
  ['pending.p99', 'packed', 0.95, 0.068, 0.02, 0.11, 0.01],
  ['availability.mean', 'packed', 0.95, 0.01, -0.01, 0.03, 0.3],
]);
const pairs = tableOf('comparison_pairs', 'metric policy change_ratio', [
  ['pending.p99', 'packed', 0.05],
  ['availability.mean', 'packed', undefined],
]);
const input = { tables: new Map([load, means, contrasts, pairs].map((table) => [table.name, table])), horizonUs: 0 };

const common = { title: 'Allocation', question: 'How much is allocated?', table: 'load', y: 'value', series: 'policy' };
const curve = sweepChart({
  ...{ kind: 'curve', name: 'curve', ...common, x: 'arrived', facet: undefined, xTitle: '%', yTitle: undefined },
  where: new Map([['trace', 'default']]),
});
const panels = sweepChart({
  ...{ kind: 'curve', name: 'panels', ...common, x: 'arrived', facet: 'trace', xTitle: '%', yTitle: 'allocated %' },
  where: new Map(),
});
const bars = sweepChart({
  ...{ kind: 'bars', name: 'bars', ...common, group: 'trace', yTitle: undefined },
  where: new Map([['arrived', '100']]),
});
const all: readonly Chart[] = [...comparisonCharts, curve, panels, bars];

const warnings: string[] = [];
const toSvg = loadSvgRenderer((message) => warnings.push(message));

describe('every chart over replications', () => {
  test.each(all.map((chart) => [chart.name, chart] as const))(
    '%s compiles without a warning, twice the same',
    async (_, chart) => {
      warnings.length = 0;
      const svg = await toSvg(themedSpec(chart, input));
      expect(warnings).toEqual([]);
      expect(svg).toContain(chart.title);
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      expect(await toSvg(themedSpec(chart, input))).toBe(svg);
    },
  );

  test('is left out where there is nothing to draw', () => {
    const empty = {
      tables: new Map([...input.tables].map(([name, table]) => [name, { ...table, rows: [] }])),
      horizonUs: 0,
    };
    expect(all.filter((chart) => chartApplies(chart, empty))).toEqual([]);
  });
});

test('a band is the median and the quartiles as R has them', () => {
  // quantile(c(1, 2, 4, 8), c(.25, .5, .75)): 1.75, 3, 5.
  expect(bandOf([8, 1, 4, 2])).toEqual({ median: 3, low: 1.75, high: 5, count: 4 });
  expect(bandOf([7])).toEqual({ median: 7, low: 7, high: 7, count: 1 });
});

describe('curves', () => {
  test('are medians over the replications of what the filter leaves', () => {
    const rows = dataOf(curve.spec(input)).filter((row) => row['series'] === 'best-fit');
    // 1 less for the policy, 1 to 5 less for the seed.
    expect(rows).toEqual([0, 50, 100].map((x) => ({ series: 'best-fit', x, median: x - 4, low: x - 5, high: x - 3 })));
    expect((themedSpec(curve, input)['title'] as View)['subtitle']).toBe(
      'Line: median of 5 runs; band: the middle half of them.',
    );
  });

  test('have a panel for each level of an axis, with one scale for all', () => {
    const spec = panels.spec(input) as { concat: { title: { text: string }; layer: unknown[] }[] };
    expect(spec.concat.map(({ title }) => title.text)).toEqual(traces.map((trace) => `trace ${trace}`));
    const domains = JSON.stringify(spec).match(/"domain":\[-?\d+,\d+\]/g)!;
    expect(new Set(domains).size).toBe(2);
  });
});

test('bars are means with a standard deviation to either side, in rows of six groups', () => {
  const spec = bars.spec(input) as { vconcat: unknown[] };
  expect(spec.vconcat).toHaveLength(2);
  const bar = dataOf(spec).find((row) => row['group'] === 'last' && row['series'] === 'fgd')!;
  expect(bar).toMatchObject({ mean: 97, low: 97 - 1.5811, high: 97 + 1.5811 });
});

describe('a comparison', () => {
  test('ranks the better one first, whichever way is better', () => {
    const rows = dataOf(comparisonCharts[0]!.spec(input));
    expect(rows.map((row) => [row['policy'], row['mean']])).toEqual([
      ['default', 41.2],
      ['packed', 44],
      ['packed', 99],
      ['default', 98],
    ]);
  });

  test('colours what differs after correction only', () => {
    const rows = dataOf(comparisonCharts[1]!.spec(input)).filter((row) => row['finding'] !== undefined);
    expect(rows.map((row) => [row['row'], row['finding']]).slice(0, 2)).toEqual([
      ['pending time p99', 'worse'],
      ['availability', 'no difference seen'],
    ]);
  });

  test('leaves out worlds far off the axis: the rasterizer ends the process at marks a million pixels away', () => {
    const far = { ...pairs, rows: [...pairs.rows, ['pending.p99', 'packed', 2000]] };
    const rows = dataOf(comparisonCharts[1]!.spec({ ...input, tables: new Map(input.tables).set(far.name, far) }));
    expect(rows.flatMap((row) => (row['change'] === undefined ? [] : [row['change']]))).toEqual([5]);
  });

  test('cuts an interval that reaches far and tells nothing, so that the others can be seen', () => {
    const names = ['a', 'b', 'c', 'd', 'wide', 'found'];
    const about = names.map((name): Row => [name, name, 's', 'less', 'default', 1, 1, 1, 'a']);
    const rows = names.map((name): Row => {
      if (name === 'wide') return [name, 'packed', 0.95, 100, -90, 300, 0.9];
      return name === 'found'
        ? [name, 'packed', 0.95, -0.4, -0.5, -0.3, 0.01]
        : [name, 'packed', 0.95, 0.01, -0.02, 0.04, 0.5];
    });
    const tables = [
      { ...means, rows: about },
      { ...contrasts, rows },
      { ...pairs, rows: [] },
    ];
    const spec = comparisonCharts[1]!.spec({
      tables: new Map(tables.map((table) => [table.name, table])),
      horizonUs: 0,
    });
    // The interval that was found reaches to -50 %, those that were not to 4 %, of which five times are less.
    expect((spec['title'] as { subtitle: string[] }).subtitle[1]).toBe('Beyond the edge go: wide.');
    const wide = dataOf(spec).filter((row) => row['row'] === 'wide');
    expect(wide).toEqual([expect.objectContaining({ low: -58, high: 58 })]);
    expect(JSON.stringify(spec)).toContain('"domain":[-58,58]');
  });

  test('says which metrics are not drawn: those without a share, and whole metrics that are too many', () => {
    const names = Array.from({ length: 50 }, (_, at) => `m${at}`);
    const about = names.map((name): Row => [name, name, 's', 'less', 'default', 1, 1, 1, 'a']);
    const rows = names.flatMap((name, at) =>
      ['b', 'c', 'd'].map((policy): Row => [name, policy, 0.95, at === 0 ? undefined : 0.1, 0.1, 0.2, 0.01]),
    );
    const tables = [
      { ...means, rows: about },
      { ...contrasts, rows },
      { ...pairs, rows: [] },
    ];
    const many = { tables: new Map(tables.map((table) => [table.name, table])), horizonUs: 0 };
    const { title } = comparisonCharts[1]!.spec(many) as { title: { subtitle: string[] } };
    expect(title.subtitle.slice(1)).toEqual([
      'Without a share of the baseline, which is not told from 0: m0.',
      'Not drawn, in the table only: 36 more metrics.',
    ]);
    const drawn = dataOf(comparisonCharts[1]!.spec(many)).flatMap((row) => row['row'] ?? []);
    expect(new Set(drawn).size).toBe(13 * 3);
    expect(JSON.stringify(comparisonCharts[0]!.spec(many)['title'])).toContain('The first 12 of 50 metrics');
  });
});
