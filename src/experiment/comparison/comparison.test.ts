import { describe, expect, test } from 'vitest';
import { summaryMetrics } from '../../metrics/summary-metrics.ts';
import type { Axis, CellResult } from '../cell.ts';
import { formatMean, tellAbsolute, tellDifference, tellEffect } from './amounts.ts';
import { compareSamples } from './comparison.ts';
import { comparisonTables } from './comparison-tables.ts';
import { comparisonNotes } from './notes.ts';
import { samplesOf, valuesOf } from './samples.ts';
import { powerOf } from '../statistics/replications.ts';
import { outcomesOf, outcomeSentences } from './outcomes.ts';
import { openMetrics } from './stopping.ts';
import { tieRobustness, tieSentence } from './tie-robustness.ts';
import { answerOf } from './answer.ts';
import { listed, verdictSentences } from './verdicts.ts';
import { workloadFigures, workloadMetrics } from './workload-figures.ts';

const axes: readonly Axis[] = [
  { name: 'policy', levels: ['a', 'b', 'c'] },
  { name: 'size', levels: ['1', '2'] },
];

type Figures = Readonly<Record<string, number>>;

const cell = (levels: readonly string[], replication: number, figures: Figures | undefined): CellResult => ({
  cell: { index: 0, levels, seed: '42', replication, key: '' },
  figures: new Map(Object.entries(figures ?? {})),
  problem: figures === undefined ? 'it broke' : undefined,
});

const metricsOf = (...names: string[]) => summaryMetrics.filter(({ name }) => names.includes(name));

/** Worlds differ by much more than policies do; `by` is what a policy makes of a world's 100. */
function resultsOf(policies: Readonly<Record<string, (world: number) => Figures>>, worlds = 12): CellResult[] {
  return Object.entries(policies).flatMap(([policy, figuresIn]) =>
    Array.from({ length: worlds }, (_, world) => cell([policy], world, figuresIn(world))),
  );
}

const one: readonly Axis[] = [{ name: 'policy', levels: ['a', 'b', 'c'] }];
const world = (index: number): number => 100 + 20 * ((index * 7) % 12);
const wobble = (index: number): number => ((index * 5) % 12) - 5.5;
const options = {
  level: 0.95,
  tolerated: 0.02,
  metrics: metricsOf('node.hours.used', 'pending.p99', 'utilisation.cpu.mean'),
  workloads: 'few' as const,
};

const three = resultsOf({
  a: (index) => ({
    'node.hours.used': world(index),
    'pending.p99': 1e6 * (10 + wobble(index) / 10),
    'utilisation.cpu.mean': 0.5,
  }),
  b: (index) => ({
    'node.hours.used': 0.84 * world(index) + wobble(index) / 5,
    'pending.p99': 1e6 * (10 - wobble(index) / 10),
    'utilisation.cpu.mean': 0.5,
  }),
  c: (index) => ({
    'node.hours.used': 1.1 * world(index) + wobble(index) / 5,
    'pending.p99': 1e6 * (12 + wobble(index) / 10),
    'utilisation.cpu.mean': 0.5,
  }),
});
const samples = samplesOf(three, one, { axis: 'policy', policies: ['a', 'b', 'c'] });
const comparison = compareSamples(samples, options);
const contrast = (metric: string, policy: string) =>
  comparison.metrics.find((entry) => entry.metric.name === metric)!.contrasts.find((entry) => entry.policy === policy)!;

describe('samples', () => {
  test('are means over all other axes within a world, of worlds that every policy has finished', () => {
    const results = [
      ...['a', 'b'].flatMap((policy) =>
        [0, 1, 2].flatMap((replication) =>
          ['1', '2'].map((size) =>
            cell(
              [policy, size],
              replication,
              replication === 1 && policy === 'b' ? undefined : { x: replication + Number(size) },
            ),
          ),
        ),
      ),
      cell(['c', '1'], 0, { x: 99 }),
    ];
    const found = samplesOf(results, axes, { axis: 'policy', policies: ['b', 'a'] });
    expect(found.policies).toEqual(['b', 'a']);
    expect(found.worlds).toEqual(['seed=42 replication=0', 'seed=42 replication=2']);
    expect(found.incomplete).toEqual(['seed=42 replication=1']);
    expect(valuesOf(found, 'x')).toEqual([
      [1.5, 3.5],
      [1.5, 3.5],
    ]);
  });

  test('of a figure leave out worlds in which some policy does not have it', () => {
    const some = samplesOf(
      [cell(['a'], 0, { x: 1 }), cell(['a'], 1, { x: 2 }), cell(['b'], 0, {}), cell(['b'], 1, { x: 3 })],
      one,
      { axis: 'policy', policies: ['a', 'b'] },
    );
    expect(valuesOf(some, 'x')).toEqual([[2], [3]]);
  });
});

describe('a comparison', () => {
  test('finds within worlds what independent runs would not show', () => {
    const { finding, isBetter, pairs } = contrast('node.hours.used', 'b');
    expect([finding, isBetter]).toEqual(['less', true]);
    expect(pairs.change!.ratio).toBeCloseTo(-0.16, 2);
    expect(pairs.varianceRatio).toBeGreaterThan(10);
    expect(contrast('node.hours.used', 'c')).toMatchObject({ finding: 'more', isBetter: false, isRegression: true });
  });

  test('says nothing where there is nothing, and same where every world is', () => {
    expect(contrast('pending.p99', 'b')).toMatchObject({
      finding: 'unclear',
      isBetter: undefined,
      isRegression: false,
    });
    expect(contrast('utilisation.cpu.mean', 'b')).toMatchObject({ finding: 'same', isBetter: undefined });
  });

  test('corrects over all metrics and pairs: three pairs of three metrics', () => {
    expect(comparison.testCounts).toEqual({ metrics: 9, workloads: 0 });
    const { pAdjusted, pairs } = contrast('node.hours.used', 'c');
    expect(pAdjusted / pairs.pValue).toBeGreaterThan(4);
    expect(pAdjusted / pairs.pValue).toBeLessThanOrEqual(9);
  });

  test('gives the best an a, and one letter to those that cannot be told apart', () => {
    const lettersOf = (name: string) => comparison.metrics.find(({ metric }) => metric.name === name)!.letters;
    expect(lettersOf('node.hours.used')).toEqual(['b', 'a', 'c']);
    const [a, b, c] = lettersOf('pending.p99');
    expect([a, b, c]).toEqual(['a', 'a', 'b']);
  });

  test('leaves out a metric that no two worlds have', () => {
    const { metrics, missing } = compareSamples(samples, { ...options, metrics: metricsOf('jobs.failed') });
    expect([metrics, missing.map(({ name }) => name)]).toEqual([[], ['jobs.failed']]);
  });

  test('is a table with durations in seconds', () => {
    const tables = comparisonTables(comparison, samples);
    const { columns, rows } = tables.get('comparison_means')!;
    const at = (name: string) => columns.findIndex((column) => column.name === name);
    const row = [...rows].find((entry) => entry[at('metric')] === 'pending.p99' && entry[at('policy')] === 'c')!;
    expect([row[at('unit')], row[at('mean')], row[at('letters')]]).toEqual(['s', expect.closeTo(12, 6), 'b']);
    expect([...tables.get('comparison_pairs')!.rows]).toHaveLength(3 * 2 * 12);
  });
});

describe('in words', () => {
  test('every difference is a sentence with its interval and n, and the rest is one more', () => {
    const sentences = verdictSentences(comparison);
    expect(sentences[1]).toMatch(
      /^b needs 1[56]\.\d % \([\d.]+\) fewer node-hours, 95 % CI 1[56]\.\d to 1[56]\.\d, n = 12, d = −\d\.\d\.$/,
    );
    expect(sentences[0]).toMatch(
      /^c binds pods (19|20)\.\d % \(2\.00 s\) later \(p99\), 95 % CI 1\d\.\d to 2\d\.\d, n = 12\.$/,
    );
    expect(sentences.slice(3)).toEqual([
      expect.stringMatching(/^b: no difference seen in pending time p99 \([\d.]+ m?s would have shown\)\.$/),
      'b: always the same: cpu utilisation.',
      'c: always the same: cpu utilisation.',
    ]);
  });

  test('what would have shown is a difference that such tests find four times out of five', () => {
    const { detectable, pairs } = contrast('pending.p99', 'b');
    // Nine tests: the strictest of Holm's is at 0.05 / 9.
    expect(powerOf(detectable! / pairs.difference.standardDeviation, 12, 1 - 0.05 / 9)).toBeCloseTo(0.8, 4);
  });

  test('the answer sets what is better against what is worse', () => {
    const two = compareSamples(
      samplesOf(
        resultsOf({
          default: (index) => ({ 'node.hours.used': world(index), 'pending.p99': 1e6 * (10 + wobble(index) / 10) }),
          packed: (index) => ({
            'node.hours.used': world(index) - 40 - wobble(index),
            'pending.p99': 1e6 * (14 + wobble(index) / 9),
          }),
        }),
        [{ name: 'policy', levels: ['default', 'packed'] }],
        { axis: 'policy', policies: ['default', 'packed'] },
      ),
      options,
    );
    expect(answerOf(two)).toMatch(
      /^Against default, packed needs \d+\.\d % fewer node-hours, but binds pods .* later \(p99\)\. 2 of 2 differences are significant after Holm's correction\.$/,
    );
    expect(
      answerOf(
        compareSamples(samplesOf(three, one, { axis: 'policy', policies: ['a', 'b'] }), {
          ...options,
          metrics: metricsOf('utilisation.cpu.mean'),
        }),
      ),
    ).toBe('No difference seen between b and a.');
    expect(listed(['x', 'y', 'z'])).toBe('x, y and z');
  });

  const interval = (mean: number, low: number, high: number) =>
    ({ difference: { mean, low, high }, change: undefined }) as unknown as Parameters<typeof tellAbsolute>[0];
  const [hours] = metricsOf('node.hours.used');
  const [ratio] = metricsOf('unavailability.mean');

  test('numbers of one interval have the same digits, and a minus is a minus', () => {
    expect(tellAbsolute(interval(-2.1, -2.474, 0.5), hours!)).toEqual({
      text: '−2.10',
      interval: '[−2.47, +0.50]',
      size: '2.10',
      range: '−0.50 to 2.47',
      isShare: false,
    });
    const [wait] = metricsOf('pending.p99');
    expect(tellAbsolute(interval(-1_676_000, -4_060_000, 704_000), wait!)).toMatchObject({
      text: '−1.68 s',
      interval: '[−4.06, +0.70]',
    });
    expect(tellAbsolute(interval(90e6, 30e6, 150e6), wait!).interval).toBe('[+30 s, +2m30s]');
    expect(tellDifference(interval(0.0003, -0.0002, 0.0008), ratio!).text).toBe('+0.0300 pp');
    expect(formatMean(41_200_000, 'seconds')).toBe('41.2 s');
    expect(formatMean(9812.4, 'hours')).toBe('9,812');
  });

  test('an effect size is told to one digit, and only that it is large where worlds hardly differ', () => {
    expect([-2.04, 0.5, 10, -3.1e15].map(tellEffect)).toEqual(['d = −2.0', 'd = 0.5', 'd = 10.0', '|d| > 10']);
  });
});

describe('what has to be known', () => {
  test('few worlds, pods that never fitted, and how many worlds more exact answers take', () => {
    const few = samplesOf(
      resultsOf(
        {
          a: (index) => ({ 'pending.p99': 1e6 * (10 + wobble(index)), 'pods.never.bound': 2 }),
          b: (index) => ({ 'pending.p99': 1e6 * (10 - wobble(index)), 'pods.never.bound': 0 }),
        },
        4,
      ),
      one,
      { axis: 'policy', policies: ['a', 'b'] },
    );
    const notes = comparisonNotes(compareSamples(few, options), few).join('\n');
    expect(notes).toContain('Only 4 worlds');
    expect(notes).toContain('a lower bound: 2 under a a run');
    expect(notes).toMatch(
      /To know differences to 5 % of the baseline takes so many worlds: pending time p99 about [\d,]+\./,
    );
    expect(notes).toContain('Common random numbers did not help with pending time p99');
    expect(notes).toContain('left out: node.hours.used and utilisation.cpu.mean');
  });

  test('combinations that an experiment has for some policies only are left out, not the worlds that have them', () => {
    const hours = (policy: string, size: string, index: number): CellResult =>
      cell([policy, size], index, { 'node.hours.used': Number(size) * world(index) + (policy === 'b' ? 1 : 0) });
    const results = [0, 1, 2].flatMap((index) => [
      ...['a', 'b', 'c'].map((policy) => hours(policy, '1', index)),
      // Nobody wanted c at size 2.
      ...['a', 'b'].map((policy) => hours(policy, '2', index)),
    ]);
    const over = (policies: readonly string[]) => samplesOf(results, axes, { axis: 'policy', policies });
    const all = over(['a', 'b', 'c']);
    expect([all.worlds.length, all.unshared]).toEqual([3, ['size=2']]);
    expect(valuesOf(all, 'node.hours.used')[0]).toEqual([world(0), world(1), world(2)]);
    expect(comparisonNotes(compareSamples(all, options), all)).toContain(
      'Left out, because not all of a, b and c were run there: size=2.',
    );
    const two = over(['a', 'b']);
    expect([two.worlds.length, two.unshared]).toEqual([3, []]);
    expect(valuesOf(two, 'node.hours.used')[0]).toEqual([1.5 * world(0), 1.5 * world(1), 1.5 * world(2)]);
    // A run that failed is another matter: its world is left out.
    const failed = samplesOf(
      results.map((result) =>
        result.cell.levels.join() === 'c,1' && result.cell.replication === 1 ? cell(['c', '1'], 1, undefined) : result,
      ),
      axes,
      { axis: 'policy', policies: ['a', 'b', 'c'] },
    );
    expect([failed.worlds.length, failed.incomplete.length]).toEqual([2, 1]);
  });

  test('metrics whose differences are not known exactly enough keep a sequential comparison going', () => {
    expect(openMetrics(comparison, 0.0001)).toContain('node-hours');
    expect(openMetrics(comparison, 0.5)).toEqual([]);
  });
});

describe('other tie-breaks', () => {
  const salts: Axis = { name: 'tieSalt', levels: ['1', '2'] };
  const salted = (signs: Readonly<Record<string, number>>): CellResult[] =>
    salts.levels.flatMap((salt) =>
      [0, 1].flatMap((replication) => [
        cell(['a', salt], replication, { 'node.hours.used': 100 }),
        cell(['b', salt], replication, { 'node.hours.used': 100 - 5 * signs[salt]! }),
        cell(['c', salt], replication, { 'node.hours.used': 120 }),
      ]),
    );
  const hoursOnly = compareSamples(samples, { ...options, metrics: metricsOf('node.hours.used') });
  const sentenceOf = (signs: Readonly<Record<string, number>>): string =>
    tieSentence(tieRobustness(hoursOnly, salted(signs), [one[0]!, salts]));

  test('confirm what was found, or turn it around', () => {
    expect(sentenceOf({ 1: 1, 2: 1 })).toBe(
      'The ranking is the same under 2 other tie salts (2 worlds each): all differences go the same way.',
    );
    expect(sentenceOf({ 1: 1, 2: -1 })).toBe(
      'The ranking is not the same under 2 other tie salts (2 worlds each); turned around are node-hours of b under 1.',
    );
  });
});

describe('single workloads', () => {
  const record = (workload: string, ratio: string) => ({
    ...{ namespace: 'shop', kind: 'Deployment', workload },
    availability_ratio: ratio,
  });
  const names = Array.from({ length: 13 }, (_, index) => `w${index}`);
  const withWorkloads = (count: number) =>
    samplesOf(
      resultsOf({
        a: (index) => ({
          'node.hours.used': world(index),
          ...Object.fromEntries(workloadFigures(names.slice(0, count).map((name) => record(name, '0.9')))),
        }),
        b: (index) => ({
          'node.hours.used': world(index) - 5 - wobble(index) / 9,
          ...Object.fromEntries(
            workloadFigures(names.slice(0, count).map((name) => record(name, String(0.8 - wobble(index) / 1000)))),
          ),
        }),
      }),
      one,
      { axis: 'policy', policies: ['a', 'b'] },
    );
  const chosen = { ...options, metrics: metricsOf('node.hours.used') };

  test('are compared by the share of time without all of their pods; Jobs have none', () => {
    expect(workloadFigures([record('web', '0.75'), record('job', '')])).toEqual([
      ['unavailability[Deployment shop/web]', 0.25],
    ]);
    const two = compareSamples(withWorkloads(2), chosen);
    expect(two.metrics.map(({ metric }) => metric.judgement.noun)).toEqual([
      'node-hours',
      'unavailability of shop/w0',
      'unavailability of shop/w1',
    ]);
    expect(verdictSentences(two)[1]).toMatch(
      /^b leaves shop\/w0 short of pods 10\.0 pp more of the time, 95 % CI 9\.\d\d? to 10\.\d/,
    );
  });

  test('are a family of tests of their own: many of them do not hide what the metrics say', () => {
    const [few, all, none] = (['few', 'all', 'none'] as const).map((workloads) =>
      compareSamples(withWorkloads(13), { ...chosen, workloads }),
    );
    expect(all!.testCounts).toEqual({ metrics: 1, workloads: 13 });
    expect(all!.metrics[0]!.contrasts[0]!.pAdjusted).toBe(none!.metrics[0]!.contrasts[0]!.pAdjusted);
    expect([few!.testCounts.workloads, few!.workloadsLeftOut]).toEqual([0, 13]);
    expect(comparisonNotes(few!, withWorkloads(13)).join()).toContain('each of 13 workloads is compared with --metric');
    expect(workloadMetrics(withWorkloads(0))).toEqual([]);
  });
});

describe('questions of yes or no', () => {
  const unrecovered = (figures: Readonly<Record<'a' | 'b', (index: number) => number>>) =>
    samplesOf(
      resultsOf(
        {
          a: (index) => ({ 'faults.count': 3, 'faults.unrecovered': figures.a(index) }),
          b: (index) => ({ 'faults.count': 3, 'faults.unrecovered': figures.b(index) }),
        },
        20,
      ),
      one,
      { axis: 'policy', policies: ['a', 'b'] },
    );

  test('say in how many worlds it went well, with the interval of the share', () => {
    const outcomes = outcomesOf(unrecovered({ a: (index) => (index < 5 ? 2 : 0), b: () => 0 }), 0.95);
    // Wilson of 15 of 20, worked out by hand: 0.531 to 0.888; 20 of 20: 0.05^(1/20) = 0.861.
    expect(outcomeSentences(outcomes)).toEqual([
      'Worlds in which every fault was recovered from: a 15 of 20 (75 % [53, 89]), b 20 of 20 (100 % [86, 100]).',
    ]);
  });

  test('are not asked where nothing could go wrong', () => {
    const none = (index: number) => ({ 'faults.count': 0, 'faults.unrecovered': 0, 'node.hours.used': index });
    const samples = samplesOf(resultsOf({ a: none, b: none }), one, { axis: 'policy', policies: ['a', 'b'] });
    expect(outcomesOf(samples, 0.95)).toEqual([]);
  });

  test('say of what never went wrong how often it still may', () => {
    const outcomes = outcomesOf(unrecovered({ a: () => 0, b: () => 0 }), 0.95);
    expect(outcomeSentences(outcomes)).toEqual([
      'In all 20 worlds of each policy every fault was recovered from: in at least 86 % of all worlds.',
    ]);
  });
});
