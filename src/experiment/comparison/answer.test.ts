import { describe, expect, test } from 'vitest';
import { summaryMetrics } from '../../metrics/summary-metrics.ts';
import type { Axis, CellResult } from '../cell.ts';
import { answerOf, leadingPolicy } from './answer.ts';
import { dependenceNotes, dependenceSentence, turnedDifferences } from './axis-dependence.ts';
import type { Comparison } from './comparison.ts';
import { compareSamples } from './comparison.ts';
import { samplesOf } from './samples.ts';
import { sweptTies } from './tie-robustness.ts';

type Figures = Readonly<Record<string, number>>;

const worlds = 10;
/** Every difference varies by this from world to world. */
const noise = (world: number): number => (((world * 7) % worlds) - 4.5) / 100;

function comparisonOf(figures: Readonly<Record<string, Figures>>): Comparison {
  const policies = Object.keys(figures);
  const axes: readonly Axis[] = [{ name: 'policy', levels: policies }];
  const results = policies.flatMap((policy, at) =>
    Array.from({ length: worlds }, (_, world) => cell([policy], world, shifted(figures[policy]!, at * noise(world)))),
  );
  const metrics = summaryMetrics.filter(({ name }) => policies.some((policy) => name in figures[policy]!));
  const samples = samplesOf(results, axes, { axis: 'policy', policies });
  return compareSamples(samples, { level: 0.95, tolerated: 0, metrics, workloads: 'none' });
}

const shifted = (figures: Figures, by: number): Figures =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, value * (1 + by / 10)]));

const cell = (levels: readonly string[], world: number, figures: Figures): CellResult => ({
  cell: { index: 0, levels, seed: String(world), replication: 0, key: '' },
  figures: new Map(Object.entries(figures)),
  problem: undefined,
});

const loads = [80, 90, 95, 100, 110, 120, 130];
/** Sixteen metrics, as a replay has them. */
const replay = (failed: number, allocated: number): Figures => ({
  'offers.placed': 10_000 - failed,
  'offers.failed': failed,
  ...Object.fromEntries(
    loads.flatMap((load) => [
      [`devices.allocated.at.${load}`, allocated],
      [`devices.fragmented.at.${load}`, 1 - allocated],
    ]),
  ),
});

describe('the answer', () => {
  test('to six policies in sixteen metrics is four sentences at most: the best, the worst, and how many differ', () => {
    const answer = answerOf(
      comparisonOf({
        base: replay(2000, 0.9),
        best: replay(1900, 0.95),
        good: replay(1950, 0.93),
        worst: replay(2500, 0.7),
        bad: replay(2200, 0.8),
        worse: replay(2300, 0.75),
      }),
    );
    expect(answer.split(/(?<=\.) (?=[a-z0-9])/)).toEqual([
      expect.stringMatching(/^Against base, best (finds|gives|leaves) .*devices.*\.$/),
      expect.stringMatching(/^worst (finds|gives|leaves) .*\.$/),
      expect.stringMatching(/^\d\d of 80 differences are significant after Holm's correction\.$/),
    ]);
    expect(answer.match(/gives pods/g)).toHaveLength(2);
    expect(answer.match(/fragmented/g)).toHaveLength(2);
    expect(answer.length).toBeLessThan(600);
  });

  test('to a question with three profiles says of each what it is better and worse at', () => {
    const answer = answerOf(
      comparisonOf({
        a: { 'node.hours.used': 100, 'faults.pods.lost.mean': 10 },
        b: { 'node.hours.used': 80, 'faults.pods.lost.mean': 12 },
        c: { 'node.hours.used': 70, 'faults.pods.lost.mean': 11 },
      }),
    );
    expect(answer).toMatch(
      /^Against a, b needs 20\.\d % fewer node-hours, but loses 2\d\.\d % more .* c needs 30\.\d % fewer node-hours, but loses 1\d\.\d % more .* 4 of 4 differences/,
    );
  });

  test('speaks first of the policy that leads, if one does', () => {
    const worst = {
      base: replay(2000, 0.9),
      worst: replay(2500, 0.7),
      best: replay(1900, 0.95),
      bad: replay(2200, 0.8),
    };
    expect(leadingPolicy(comparisonOf(worst))).toBe('best');
    const same = { 'node.hours.used': 100 };
    expect(leadingPolicy(comparisonOf({ a: same, b: same, c: same }))).toBeUndefined();
  });

  test('names policies of which nothing is known', () => {
    const same = { 'node.hours.used': 100 };
    expect(answerOf(comparisonOf({ a: same, b: { 'node.hours.used': 90 }, c: same, d: same }))).toMatch(
      /1 of 3 differences are significant after Holm's correction, none of them of c and d\.$/,
    );
    expect(answerOf(comparisonOf({ a: same, b: same, c: same }))).toBe(
      'No difference seen between a and any of b and c.',
    );
  });
});

describe('means over an axis', () => {
  const axes: readonly Axis[] = [
    { name: 'ties', levels: ['fixed', 'drawn'] },
    { name: 'policy', levels: ['a', 'b', 'c'] },
  ];
  /** b is ahead where ties are fixed and behind where they are drawn, by as much; c is ahead everywhere. */
  const results = ['fixed', 'drawn'].flatMap((ties) =>
    Array.from({ length: worlds }, (_, world) => [
      cell([ties, 'a'], world, { 'node.hours.used': 100 }),
      cell([ties, 'b'], world, { 'node.hours.used': (ties === 'fixed' ? 97 : 103) + noise(world) }),
      cell([ties, 'c'], world, { 'node.hours.used': 90 + noise(world) }),
    ]).flat(),
  );
  const samples = samplesOf(results, axes, { axis: 'policy', policies: ['a', 'b', 'c'] });
  const metrics = summaryMetrics.filter(({ name }) => name === 'node.hours.used');
  const comparison = compareSamples(samples, { level: 0.95, tolerated: 0, metrics, workloads: 'none' });

  test('do not hide that a policy is ahead at one level and behind at another', () => {
    const turned = turnedDifferences(comparison, results, axes, 'policy');
    expect(turned).toEqual([{ axis: 'ties', noun: 'node-hours', policy: 'b', more: ['drawn'], less: ['fixed'] }]);
    expect(dependenceSentence(turned, 'a')).toBe(
      'The ranking depends on ties: in node-hours b is above a at ties drawn and below at fixed.',
    );
    expect(sweptTies(['lowest-name'], turned, { policies: ['a', 'b'], isSerial: false })).toMatch(
      /^The ranking depends on ties: .* Ties are broken lowest-name/,
    );
    expect(dependenceNotes([...turned, ...turned], 'a')).toHaveLength(2);
    expect(dependenceNotes(turned, 'a')).toEqual([]);
  });

  test('are left alone where one level was run, or differences may be chance', () => {
    const fixed = results.filter(({ cell: { levels } }) => levels[0] === 'fixed');
    expect(turnedDifferences(comparison, fixed, axes, 'policy')).toEqual([]);
    const drawn = results.map((result) =>
      result.cell.levels[1] === 'b'
        ? { ...result, figures: new Map([['node.hours.used', 100 + 100 * noise(Number(result.cell.seed))]]) }
        : result,
    );
    expect(turnedDifferences(comparison, drawn, axes, 'policy')).toEqual([]);
  });
});
