/** Policies in the same random worlds, metric by metric: means, paired differences, and which of them are more than chance. */
import type { SummaryMetric } from '../../metrics/summary-metrics.ts';
import { defaultMetrics } from './default-metrics.ts';
import { compactLetters } from '../statistics/compact-letters.ts';
import { holmAdjusted } from '../statistics/holm.ts';
import { meanOf } from '../statistics/moments.ts';
import type { MeanInterval } from '../statistics/mean-interval.ts';
import { meanInterval } from '../statistics/mean-interval.ts';
import type { PairedComparison } from '../statistics/paired-comparison.ts';
import { comparePairs } from '../statistics/paired-comparison.ts';
import { detectableEffect, replicationsForHalfWidth } from '../statistics/replications.ts';
import { worseningP } from '../statistics/worsening.ts';
import type { Samples } from './samples.ts';
import { valuesOf } from './samples.ts';
import { workloadMetrics } from './workload-figures.ts';

/** How a comparison is made. */
export interface ComparisonOptions {
  /** Of each interval, and of all tests together: 0.95 = 95 %. */
  readonly level: number;
  /** What is not yet a regression, as a share of the baseline: 0.02 = 2 %. */
  readonly tolerated: number;
  /** Undefined = `defaultMetrics`. */
  readonly metrics: readonly SummaryMetric[] | undefined;
  /** How exactly differences are wanted, as a share of the baseline: what `needed` is about. Default 0.05 = 5 %. */
  readonly halfWidth?: number;
  /** Whether the unavailability of each workload is compared too; `few`: where there are no more than a dozen. */
  readonly workloads: 'all' | 'few' | 'none';
}

const workloadsFew = 12;
const halfWidthUsual = 0.05;

/** `less`, `more`: told apart at the level, all tests taken together. `same`: equal in every world. `unclear`: neither. */
export type Finding = 'less' | 'more' | 'same' | 'unclear';

/** One policy against the baseline in one metric. */
export interface Contrast {
  readonly policy: string;
  readonly pairs: PairedComparison;
  /** After Holm, over all metrics (of workloads: all workloads) and all pairs of policies. */
  readonly pAdjusted: number;
  /** A true difference of this size would have been found with a probability of 80 %; undefined below four worlds. */
  readonly detectable: number | undefined;
  /** Worlds after which the interval is expected to be as narrow as is wanted; undefined above a million, and of a baseline of 0. */
  readonly needed: number | undefined;
  readonly finding: Finding;
  /** The finding by what is better of the metric; undefined where neither way is, or nothing was found. */
  readonly isBetter: boolean | undefined;
  /** Worse than the baseline by more than is tolerated, all such tests taken together. */
  readonly isRegression: boolean;
}

/** One metric of all policies. */
export interface ComparedMetric {
  /** Of one workload, and not of the run: tested apart. */
  readonly isOfWorkload: boolean;
  readonly metric: SummaryMetric;
  /** Worlds in which all policies have the figure. */
  readonly count: number;
  /** By policy. */
  readonly means: readonly MeanInterval[];
  /** By policy: two with a letter in common cannot be told apart, by the same tests; the best mean has an a. */
  readonly letters: readonly string[];
  /** Of all policies but the baseline, in order. */
  readonly contrasts: readonly Contrast[];
}

/** See above. The baseline is the first policy. */
export interface Comparison {
  readonly policies: readonly string[];
  readonly level: number;
  readonly tolerated: number;
  /** The share of the baseline that `needed` of the contrasts is about. */
  readonly halfWidth: number;
  readonly worldCount: number;
  /**
   * Tests that Holm's correction is over: of the metrics, and apart from them of single workloads, however many there are. Holm
   * and not Dunnett, since policies in the same worlds are correlated in ways that Dunnett's common baseline rules out.
   */
  readonly testCounts: { readonly metrics: number; readonly workloads: number };
  readonly metrics: readonly ComparedMetric[];
  /** Asked for, and without a value in at least two worlds that all policies share. */
  readonly missing: readonly SummaryMetric[];
  /** Workloads that were too many to be compared unasked. */
  readonly workloadsLeftOut: number;
}

/** Compares; the samples hold at least two policies, the baseline first. */
export function compareSamples(samples: Samples, options: ComparisonOptions): Comparison {
  const { level, tolerated } = options;
  const workloads = options.workloads === 'none' ? [] : workloadMetrics(samples);
  const isTooMany = options.workloads === 'few' && workloads.length > workloadsFew;
  const main = familyOf(samples, options.metrics ?? defaultMetrics(samples), options);
  const each = familyOf(samples, isTooMany ? [] : workloads, options);
  return {
    policies: samples.policies,
    level,
    tolerated,
    halfWidth: options.halfWidth ?? halfWidthUsual,
    worldCount: samples.worlds.length,
    testCounts: { metrics: main.testCount, workloads: each.testCount },
    metrics: [...main.metrics, ...each.metrics.map((compared) => ({ ...compared, isOfWorkload: true }))],
    missing: [...main.missing, ...each.missing],
    workloadsLeftOut: isTooMany ? workloads.length : 0,
  };
}

/** Metrics whose tests are corrected together. */
function familyOf(
  samples: Samples,
  metrics: readonly SummaryMetric[],
  options: ComparisonOptions,
): Pick<Comparison, 'metrics' | 'missing'> & { readonly testCount: number } {
  const { level, halfWidth = halfWidthUsual } = options;
  const drafts = metrics.map((metric) => ({ metric, values: valuesOf(samples, metric.name) }));
  const usable = drafts.filter(({ values }) => values[0]!.length >= 2).map((draft) => tested(draft, options));
  const adjusted = holmAdjusted(usable.flatMap(({ tests }) => tests.map(({ pairs }) => pairs.pValue)));
  const worsening = holmAdjusted(usable.flatMap(({ worseP }) => worseP));
  const [nextP, nextWorse] = [inOrder(adjusted), inOrder(worsening)];
  const single = 1 - (1 - level) / Math.max(1, adjusted.length);
  const effectIn = (count: number): number | undefined => detectableEffect(count, power, single);
  return {
    testCount: adjusted.length,
    metrics: usable.map((draft) =>
      finished(draft, samples.policies, { level, halfWidth }, { nextP, nextWorse, effectIn }),
    ),
    missing: drafts.filter(({ values }) => values[0]!.length < 2).map(({ metric }) => metric),
  };
}

const power = 0.8;

/** Whether a difference was found. */
export function isDifferent(finding: Finding): finding is 'less' | 'more' {
  return finding === 'less' || finding === 'more';
}

/** Size of the effect of a difference that was found, infinite where it is the same in every world; negative where none was. */
export function effectOf({ finding, pairs }: Contrast): number {
  return isDifferent(finding) ? Math.abs(pairs.effect?.cohenD ?? Infinity) : -1;
}

/** Gives the values one after the other. */
function inOrder(values: readonly number[]): () => number {
  let next = 0;
  return () => values[next++]!;
}

interface Draft {
  readonly metric: SummaryMetric;
  /** By policy, then by world. */
  readonly values: readonly (readonly number[])[];
}

interface TestedDraft extends Draft {
  /** All pairs of policies, those with the baseline first. */
  readonly tests: readonly { readonly a: number; readonly b: number; readonly pairs: PairedComparison }[];
  /** Of all policies but the baseline. */
  readonly worseP: readonly number[];
}

function tested({ metric, values }: Draft, { level, tolerated }: ComparisonOptions): TestedDraft {
  const [baseline = []] = values;
  const { better } = metric.judgement;
  const tests = values.flatMap((list, a) =>
    values.slice(a + 1).map((other, index) => ({ a, b: a + 1 + index, pairs: comparePairs(list, other, level) })),
  );
  const worseP = values.slice(1).map((list) => {
    return better === undefined ? 1 : worseningP(baseline, list, { tolerated, better });
  });
  return { metric, values, tests, worseP };
}

/** What is known of all tests together. */
interface Corrections {
  readonly nextP: () => number;
  readonly nextWorse: () => number;
  /** Standard deviations of a difference that so many worlds find, tested as strictly as the smallest p-value is. */
  readonly effectIn: (count: number) => number | undefined;
}

/** Takes its corrected p-values and draws the conclusions. */
function finished(
  { metric, values, tests, worseP }: TestedDraft,
  policies: readonly string[],
  { level, halfWidth }: { readonly level: number; readonly halfWidth: number },
  { nextP, nextWorse, effectIn }: Corrections,
): ComparedMetric {
  const corrected = tests.map((test) => ({ ...test, pAdjusted: nextP() }));
  const worsening = worseP.map(() => nextWorse());
  const { better } = metric.judgement;
  const contrasts = corrected
    .filter(({ a }) => a === 0)
    .map(({ b, pairs, pAdjusted }): Contrast => {
      const finding = findingOf(pairs, pAdjusted, level);
      const isBetter = better === undefined || !isDifferent(finding) ? undefined : finding === better;
      const isRegression = worsening[b - 1]! < 1 - level;
      const effect = effectIn(values[0]!.length);
      const detectable = effect === undefined ? undefined : effect * pairs.difference.standardDeviation;
      const needed = neededFor(pairs, halfWidth, level);
      return { policy: policies[b]!, pairs, pAdjusted, detectable, needed, finding, isBetter, isRegression };
    });
  const apart = corrected.filter(({ pAdjusted }) => pAdjusted < 1 - level);
  const letters = lettersOf(metric, values, (i, j) =>
    apart.some(({ a, b }) => (a === i && b === j) || (a === j && b === i)),
  );
  const means = values.map((list) => meanInterval(list, level));
  return { isOfWorkload: false, metric, count: values[0]!.length, means, letters, contrasts };
}

function neededFor({ a, difference }: PairedComparison, halfWidth: number, level: number): number | undefined {
  return a.mean === 0 ? undefined : replicationsForHalfWidth(difference, halfWidth * Math.abs(a.mean), level);
}

function findingOf({ difference, pValue }: PairedComparison, adjusted: number, level: number): Finding {
  if (pValue === 1 && difference.standardDeviation === 0) return 'same';
  if (adjusted >= 1 - level) return 'unclear';
  return difference.mean < 0 ? 'less' : 'more';
}

/** The best mean gets an a. */
function lettersOf(
  { judgement }: SummaryMetric,
  values: Draft['values'],
  differ: (i: number, j: number) => boolean,
): readonly string[] {
  const sign = judgement.better === 'more' ? -1 : 1;
  const means = values.map(meanOf);
  const order = means.map((_, policy) => policy).sort((a, b) => sign * (means[a]! - means[b]!) || a - b);
  const letters = compactLetters(order.length, (i, j) => differ(order[i]!, order[j]!));
  return values.map((_, policy) => letters[order.indexOf(policy)]!);
}
