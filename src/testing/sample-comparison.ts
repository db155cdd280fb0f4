import type { Column, Row, Table } from '../record/table.ts';
import type { ComparisonReportInput } from '../report/comparison-report.ts';
import { comparisonCharts, sweepChart } from '../report/sweep-charts/registry.ts';

const policies = ['default', 'most-allocated', 'three-quarters'];
const sizes = ['4', '6', '9', '12'];

/** Name, noun, unit, and the mean of each policy: twelve metrics, as many as the ranking shows. */
const metrics: readonly (readonly [name: string, noun: string, unit: string, means: readonly number[]])[] = [
  ['pending.p50', 'pending time p50', 's', [0.0111, 0.0112, 0.0113]],
  ['pending.p99', 'pending time p99', 's', [1.7, 0.025, 0.025]],
  ['node.hours.used', 'node-hours', 'hours', [996, 446, 453]],
  ['fragmentation.mean', 'fragmentation', 'ratio', [0, 0, 0]],
  ...['api', 'cache', 'checkout', 'search', 'web', 'mail', 'login', 'stock'].map(
    (name, index) =>
      [
        `unavailability[Deployment shop/${name}]`,
        `unavailability of shop/${name}`,
        'ratio',
        [0.38, 0.25 + index / 100, 0.27],
      ] as const,
  ),
];

const tableOf = (name: string, columns: string, rows: readonly Row[]): Table => ({
  name,
  description: 'Made up.',
  columns: columns.split(' ').map((entry): Column => ({ name: entry, type: 'number', description: '' })),
  rows,
});

/** Tables and charts of a made-up comparison, for tests of its report: no simulation stands behind them. */
export function sampleComparison(): ComparisonReportInput {
  const means = metrics.flatMap(([name, noun, unit, values]) =>
    values.map((mean, index): Row => {
      return [name, noun, unit, 'less', policies[index], mean, 0.9 * mean, 1.1 * mean, 'ab'.slice(0, 1 + (index % 2))];
    }),
  );
  // The baseline of these two is not told from 0.
  const shared = metrics.filter(([name]) => name !== 'pending.p99' && name !== 'fragmentation.mean');
  const contrasts = shared.flatMap(([name, , , values]) =>
    [1, 2].map((index): Row => {
      const change = values[index]! / values[0]! - 1;
      return [name, policies[index], 0.95, change, change - 0.05, change + 0.05, index === 1 ? 0.001 : 0.2];
    }),
  );
  const pairs = shared.flatMap(([name, , , values]) =>
    Array.from({ length: 20 }, (_, world): Row => {
      return [name, policies[1], values[1]! / values[0]! - 1 + (world - 9.5) / 100];
    }),
  );
  const series = policies.flatMap((policy, p) =>
    sizes.flatMap((nodes) =>
      [1, 2, 3].flatMap((seed) => [0, 60, 120].map((t): Row => [policy, nodes, t, (p + t) / 200 + seed / 50])),
    ),
  );
  const tables = [
    tableOf('comparison_means', 'metric noun unit better policy mean low high letters', means),
    tableOf('comparison', 'metric policy level change_ratio change_low change_high p_holm', contrasts),
    tableOf('comparison_pairs', 'metric policy change_ratio', pairs),
    tableOf('timeseries', 'policy nodes t_s value', series),
  ];
  const common = {
    title: 'Utilisation',
    question: 'How full is it?',
    table: 'timeseries',
    y: 'value',
    series: 'policy',
  };
  const rest = { where: new Map<string, string>(), yTitle: undefined };
  return {
    title: 'policies-500',
    question: 'Which policy?',
    answer: 'Against default, most-allocated needs 55.2 % fewer node-hours.',
    about: ['20 paired runs', 'ties broken uniform'],
    figures: [{ label: 'node-hours', value: '−55.2 %', detail: '[−56.0, −54.4]' }],
    verdicts: ['most-allocated needs 55.2 % fewer node-hours.'],
    notes: ['Only 20 worlds.'],
    table: undefined,
    tables: new Map(tables.map((table) => [table.name, table])),
    charts: [
      ...comparisonCharts,
      sweepChart({ kind: 'curve', name: 'utilisation', ...common, ...rest, x: 't_s', facet: 'nodes', xTitle: 's' }),
      sweepChart({ kind: 'bars', name: 'cost', ...common, ...rest, group: 'nodes' }),
    ],
    command: 'orrery compare --sweep results/sweep-policies-500 --axis policy',
    orreryVersion: '0.0.0',
  };
}
