/** A comparison as tidy tables: for CSV, for JSON, and for the charts. */
import { column, rowsOf } from '../../metrics/metric.ts';
import type { SummaryMetric } from '../../metrics/summary-metrics.ts';
import type { Row, Table } from '../../record/table.ts';
import { medianOf, quantileInterval } from '../statistics/quantile-interval.ts';
import type { ComparedMetric, Comparison, Contrast } from './comparison.ts';
import { outcomesOf } from './outcomes.ts';
import type { Samples } from './samples.ts';
import { valuesOf } from './samples.ts';
import { verdictWord } from './verdicts.ts';

/** Durations are seconds in tables. */
const inTable = (value: number, { unit }: SummaryMetric): number => (unit === 'seconds' ? value / 1_000_000 : value);
const unitOf = ({ unit }: SummaryMetric): string => (unit === 'seconds' ? 's' : unit);

/** See above: `comparison`, `comparison_means`, `comparison_pairs`, `comparison_outcomes`. */
export function comparisonTables(comparison: Comparison, samples: Samples): ReadonlyMap<string, Table> {
  const tables = [
    contrastTable(comparison, samples),
    meansTable(comparison, samples),
    pairsTable(comparison, samples),
    outcomesTable(comparison, samples),
  ];
  return new Map(tables.map((table) => [table.name, table]));
}

function contrastTable(comparison: Comparison, { warmUp }: Samples): Table {
  const rows = comparison.metrics.flatMap((compared) =>
    compared.contrasts.map((contrast) => [
      ...contrastRow(compared, contrast, comparison),
      warmUp?.figures.has(compared.metric.name) === true ? warmUp.from / 1_000_000 : 0,
    ]),
  );
  return {
    name: 'comparison',
    description:
      'One row per metric and policy: its paired difference from the baseline in the same random worlds. Intervals are of the ' +
      'stated level each; p_holm is corrected over all metrics (of single workloads: over all of these) and all pairs of policies.',
    columns: contrastColumns,
    rows,
  };
}

function contrastRow(compared: ComparedMetric, contrast: Contrast, { policies, level, halfWidth }: Comparison): Row {
  const { metric } = compared;
  const { pairs } = contrast;
  const { a, b, difference, change, effect } = pairs;
  const number = (value: number): number => inTable(value, metric);
  return [
    ...[metric.name, unitOf(metric), contrast.policy, policies[0], compared.count, level],
    ...[number(a.mean), number(b.mean), number(difference.mean), number(difference.low), number(difference.high)],
    ...[change?.ratio, change?.low, change?.high],
    ...[Number.isFinite(pairs.t) ? pairs.t : undefined, pairs.degrees, pairs.pValue, contrast.pAdjusted],
    ...[effect?.cohenD, effect?.hedgesG, pairs.correlation, pairs.varianceRatio],
    halfWidth,
    contrast.needed,
    contrast.detectable === undefined ? undefined : number(contrast.detectable),
    verdictWord(compared, contrast),
    contrast.isRegression,
  ];
}

function meansTable({ policies, metrics, level }: Comparison, samples: Samples): Table {
  const rows = metrics.flatMap(({ metric, means, letters }) => {
    const values = valuesOf(samples, metric.name);
    return means.map((mean, policy): Row => {
      const [middle, bounds] = [medianOf(values[policy]!), quantileInterval(values[policy]!, 0.5, level)];
      const number = (value: number): number => inTable(value, metric);
      return [
        ...[metric.name, metric.judgement.noun, unitOf(metric), metric.judgement.better ?? 'neither'],
        ...[policies[policy], mean.count, level, number(mean.mean), number(mean.standardDeviation)],
        ...[number(mean.low), number(mean.high), letters[policy], number(middle)],
        ...(bounds === undefined ? [undefined, undefined] : [number(bounds.low), number(bounds.high)]),
      ];
    });
  });
  return {
    name: 'comparison_means',
    description:
      'One row per metric and policy: its mean over the worlds that all policies share, with its own interval.',
    columns: meansColumns,
    rows,
  };
}

function pairsTable({ policies, metrics }: Comparison, samples: Samples): Table {
  const rows = metrics.flatMap(({ metric }) => {
    const [baseline = [], ...others] = valuesOf(samples, metric.name);
    return others.flatMap((values, index) =>
      values.map((value, world): Row => {
        const before = baseline[world]!;
        const change = before === 0 ? undefined : value / before - 1;
        return [metric.name, policies[index + 1], world, inTable(before, metric), inTable(value, metric), change];
      }),
    );
  });
  return {
    name: 'comparison_pairs',
    description: 'One row per metric, policy and random world: the pairs that the comparison is made of.',
    columns: pairsColumns,
    rows: rowsOf(rows.length, (index) => rows[index]!),
  };
}

function outcomesTable({ level }: Comparison, samples: Samples): Table {
  return {
    name: 'comparison_outcomes',
    description: 'One row per question of yes or no and policy: in how many worlds the statement is true.',
    columns: outcomesColumns,
    rows: outcomesOf(samples, level).flatMap((policies) =>
      policies.map(({ statement, policy, worlds, hits, ratio, low, high }): Row => {
        return [statement, policy, worlds, level, hits, ratio, low, high];
      }),
    ),
  };
}

const metricColumn = column('metric', 'string', 'Name of the figure, as in the table summary of a run.');
const unitColumn = column(
  'unit',
  'string',
  'Of means and differences: s = seconds, ratio = from 0 to 1, else what is counted.',
);
const policyColumn = column('policy', 'string', 'Label of the level that is compared.');
const levelColumn = column('level', 'number', 'Level of the intervals: 0.95 = 95 %.');

const contrastColumns = [
  ...[metricColumn, unitColumn, policyColumn],
  column('baseline', 'string', 'Label of the level that it is compared with.'),
  column('n', 'integer', 'Random worlds in which both have the figure.'),
  levelColumn,
  column('baseline_mean', 'number', 'Mean of the baseline.'),
  column('mean', 'number', 'Mean of the policy.'),
  column('difference', 'number', 'Mean of policy less baseline within a world.'),
  column('difference_low', 'number', 'Lower bound of its t interval.'),
  column('difference_high', 'number', 'Upper bound of its t interval.'),
  column(
    'change_ratio',
    'number',
    'Difference by baseline_mean; missing where the baseline is not known to differ from 0.',
  ),
  column('change_low', 'number', "Lower bound of its interval (Fieller's)."),
  column('change_high', 'number', "Upper bound of its interval (Fieller's)."),
  column('t', 'number', "Student's t of the difference; missing where every world has the same one."),
  column('degrees', 'integer', 'Degrees of freedom, n - 1.'),
  column('p', 'number', 'Two-sided p-value of this row alone.'),
  column('p_holm', 'number', 'The same after Holm over all metrics and all pairs of policies.'),
  column('cohen_d', 'number', 'Difference in standard deviations of differences.'),
  column('hedges_g', 'number', 'The same without its bias in small samples.'),
  column('correlation', 'number', 'Between policy and baseline over worlds.'),
  column('variance_ratio', 'number', 'What common random numbers were worth: above 1 they have narrowed the interval.'),
  column('wanted_half_width', 'number', 'Of the interval of the difference, as a share of baseline_mean.'),
  column(
    'replications_needed',
    'integer',
    'Worlds after which the half-width is expected to be that; missing above a million, and where baseline_mean is 0.',
  ),
  column('detectable', 'number', 'A true difference of this size would have been found with a probability of 80 %.'),
  column('verdict', 'string', 'In words.'),
  column('regression', 'boolean', 'Worse by more than is tolerated, after Holm over all rows.'),
  column('from_t_s', 'number', 'From when on the figure is: 0, or the end of the warm-up that was cut off; seconds.'),
];

const meansColumns = [
  metricColumn,
  column('noun', 'string', 'The metric in prose.'),
  unitColumn,
  column('better', 'string', 'less, more or neither.'),
  policyColumn,
  column('n', 'integer', 'Random worlds in which all policies have the figure.'),
  levelColumn,
  column('mean', 'number', 'Mean over these worlds.'),
  column('standard_deviation', 'number', 'Between worlds.'),
  column('low', 'number', 'Lower bound of its t interval.'),
  column('high', 'number', 'Upper bound of its t interval.'),
  column(
    'letters',
    'string',
    'Two policies with a letter in common cannot be told apart in this metric, by the same tests.',
  ),
  column('median', 'number', 'Figure of the middle world: what few extreme worlds do not move.'),
  column(
    'median_low',
    'number',
    'Lower bound of its interval, an order statistic; missing for fewer than 6 worlds at 95 %.',
  ),
  column('median_high', 'number', 'Upper bound of its interval.'),
];

const outcomesColumns = [
  column('statement', 'string', 'What is true or not of a run.'),
  policyColumn,
  column('n', 'integer', 'Random worlds.'),
  levelColumn,
  column('count', 'integer', 'Worlds in which it is true.'),
  column('ratio', 'number', 'Their share.'),
  column(
    'low',
    'number',
    "Lower bound of its interval: Wilson's; one-sided and exact where it is true always or never.",
  ),
  column('high', 'number', 'Upper bound of its interval.'),
];

const pairsColumns = [
  ...[metricColumn, policyColumn],
  column('world', 'integer', 'Number of the random world, from 0.'),
  column('baseline_value', 'number', 'Figure of the baseline.'),
  column('value', 'number', 'Figure of the policy.'),
  column('change_ratio', 'number', 'value by baseline_value, less 1; missing where that is 0.'),
];
