/** Means over an axis hide that a policy is ahead at some of its levels and behind at others: where that is so. */
import type { Axis, CellResult } from '../cell.ts';
import { comparePairs } from '../statistics/paired-comparison.ts';
import type { Comparison } from './comparison.ts';
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
    const parts = levels.flatMap((level) => {
      const own = results.filter(({ cell }) => cell.levels[at] === level);
      return own.length === 0 ? [] : [{ level, samples: samplesOf(own, axes, { axis, ...comparison }) }];
    });
    if (parts.length < 2) return [];
    const tests = comparison.metrics.length * (comparison.policies.length - 1) * parts.length;
    const alpha = (1 - comparison.level) / tests;
    return comparison.metrics.flatMap(({ metric }) =>
      comparison.policies.slice(1).flatMap((policy, index): TurnedDifference[] => {
        const signs = parts.map(({ level, samples }) => {
          const values = valuesOf(samples, metric.name);
          return { level, sign: surelySigned(values[0]!, values[index + 1]!, alpha) };
        });
        const levelsOf = (wanted: number): string[] =>
          signs.filter(({ sign }) => sign === wanted).map(({ level }) => level);
        const [more, less] = [levelsOf(1), levelsOf(-1)];
        if (more.length === 0 || less.length === 0) return [];
        return [{ axis: name, noun: metric.judgement.noun, policy, more, less }];
      }),
    );
  });
}

/** 1 where b has more than a, -1 where it has less, 0 where neither is known. */
function surelySigned(a: readonly number[], b: readonly number[], alpha: number): -1 | 0 | 1 {
  if (a.length < 2) return 0;
  const { difference, pValue } = comparePairs(a, b, 1 - alpha);
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
