/** Means over an axis hide that a policy is ahead at some of its levels and behind at others: where that is so. */
import type { Axis, CellResult } from '../cell.ts';
import { comparePairs } from '../statistics/paired-comparison.ts';
import type { Comparison } from './comparison.ts';
import type { Samples } from './samples.ts';
import { samplesOf, valuesOf } from './samples.ts';
import { listed } from './verdicts.ts';

/** A policy that has more than the baseline at some levels of an axis, and less at others. */
export interface TurnedDifference {
  readonly axis: string;
  readonly noun: string;
  readonly policy: string;
  /** Levels at which it has more. */
  readonly more: readonly string[];
  /** Levels at which it has less. */
  readonly less: readonly string[];
}

/**
 * All such, of all axes but the compared one. At a level counts what its own worlds tell at the level of the comparison, corrected
 * after Bonferroni over metrics, policies and levels of that axis.
 */
export function turnedDifferences(
  comparison: Comparison,
  results: readonly CellResult[],
  axes: readonly Axis[],
  axis: string,
): readonly TurnedDifference[] {
  return axes.flatMap(({ name, levels }, at) => {
    if (name === axis) return [];
    const parts = levels
      .map((level) => ({ level, own: results.filter(({ cell }) => cell.levels[at] === level) }))
      .filter(({ own }) => own.length > 0)
      .map(({ level, own }): Part => ({ level, samples: samplesOf(own, axes, { axis, ...comparison }) }));
    return turnsOver(name, parts, comparison);
  });
}

/** The cells at one level of an axis. */
interface Part {
  readonly level: string;
  readonly samples: Samples;
}

function turnsOver(axis: string, parts: readonly Part[], { metrics, policies, level }: Comparison): TurnedDifference[] {
  const alpha = (1 - level) / (metrics.length * (policies.length - 1) * parts.length);
  const pairs = metrics.flatMap(({ metric }) =>
    policies.slice(1).map((policy, at) => ({ metric, policy, at: at + 1 })),
  );
  return pairs
    .map(({ metric, policy, at }): TurnedDifference => {
      const signs = parts.map(({ samples }) => signAt(at, valuesOf(samples, metric.name), alpha));
      const levelsOf = (wanted: 1 | -1): string[] =>
        parts.filter((_, part) => signs[part] === wanted).map((part) => part.level);
      return { axis, noun: metric.judgement.noun, policy, more: levelsOf(1), less: levelsOf(-1) };
    })
    .filter(({ more, less }) => more.length > 0 && less.length > 0);
}

/** Of the values by policy: 1 where that one has more than the baseline, -1 where it has less, 0 where neither is known. */
function signAt(policy: number, values: readonly (readonly number[])[], alpha: number): -1 | 0 | 1 {
  const [baseline, own] = [values[0]!, values[policy]!];
  if (baseline.length < 2) return 0;
  const { difference, pValue } = comparePairs(baseline, own, 1 - alpha);
  if (pValue >= alpha) return 0;
  return difference.mean < 0 ? -1 : 1;
}

/** For the answer, one sentence; undefined where nothing turns. */
export function dependenceSentence(turned: readonly TurnedDifference[], baseline: string): string | undefined {
  const [first, ...others] = turned;
  if (first === undefined) return undefined;
  const rest =
    others.length === 0 ? '' : `; so it is in ${others.length} other ${others.length === 1 ? 'case' : 'cases'}`;
  return `The ranking depends on ${listed([...new Set(turned.map(({ axis }) => axis))])}: ${turnText(first, baseline)}${rest}.`;
}

/** One sentence for each, where the answer does not name all. */
export function dependenceNotes(turned: readonly TurnedDifference[], baseline: string): readonly string[] {
  if (turned.length < 2) return [];
  return turned.map((one) => `Means over ${one.axis} hide that ${turnText(one, baseline)}.`);
}

function turnText({ noun, policy, more, less, axis }: TurnedDifference, baseline: string): string {
  return `in ${noun} ${policy} is above ${baseline} at ${axis} ${shortened(more)} and below at ${shortened(less)}`;
}

const LEVELS_SHOWN = 4;

function shortened(levels: readonly string[]): string {
  if (levels.length <= LEVELS_SHOWN) return listed(levels);
  return listed([...levels.slice(0, LEVELS_SHOWN - 1), `${levels.length - LEVELS_SHOWN + 1} others`]);
}
