/** Whether what was found survives other draws where ties are broken. */
import type { TieBreak } from '../../scheduler/select-host.ts';
import type { Axis, CellResult } from '../cell.ts';
import { momentsOf } from '../statistics/moments.ts';
import type { Comparison, Finding } from './comparison.ts';
import { isDifferent } from './comparison.ts';
import type { TurnedDifference } from './axis-dependence.ts';
import { dependenceSentence } from './axis-dependence.ts';
import type { Samples } from './samples.ts';
import { samplesOf, valuesOf } from './samples.ts';
import { listed } from './verdicts.ts';

/** How often one finding came out the same way. */
export interface SurvivedFinding {
  readonly metric: string;
  readonly noun: string;
  readonly policy: string;
  readonly finding: Finding;
  /** Salts under which the mean difference has the same sign. */
  readonly agreeing: number;
}

/** See above. */
export interface TieRobustness {
  readonly salts: number;
  /** Worlds under each salt. */
  readonly worlds: number;
  /** Of all differences that were found. */
  readonly findings: readonly SurvivedFinding[];
}

/** `results` are the cells of the policies (first axis) under each salt (second axis). */
export function tieRobustness(
  comparison: Comparison,
  results: readonly CellResult[],
  axes: readonly [policies: Axis, salts: Axis],
): TieRobustness {
  const [{ name: axis }, salts] = axes;
  const bySalt = salts.levels.map((salt) =>
    samplesOf(
      results.filter(({ cell }) => cell.levels[1] === salt),
      axes,
      { axis, policies: comparison.policies },
    ),
  );
  const findings = comparison.metrics.flatMap(({ metric, contrasts }) =>
    contrasts
      .filter(({ finding }) => isDifferent(finding))
      .map(({ policy, finding }): SurvivedFinding => {
        const index = comparison.policies.indexOf(policy);
        const agreeing = bySalt.filter((samples) => {
          const values = valuesOf(samples, metric.name);
          if (values[0]!.length === 0) return false;
          const difference = momentsOf(values[index]!).mean - momentsOf(values[0]!).mean;
          return finding === 'less' ? difference < 0 : difference > 0;
        }).length;
        return { metric: metric.name, noun: metric.judgement.noun, policy, finding, agreeing };
      }),
  );
  return { salts: salts.levels.length, worlds: Math.max(0, ...bySalt.map(({ worlds }) => worlds.length)), findings };
}

/** What is known of ties where no other salts were tried: one sentence. */
export function untriedTies(tieBreaks: readonly TieBreak[], isSerial: boolean): string {
  const [tieBreak, ...others] = tieBreaks;
  if (others.length > 0) return `Ties are broken ${listed(tieBreaks)}, as the cells say.`;
  if (tieBreak === 'uniform' && isSerial) return 'Ties are drawn, in one run each: other draws may say something else.';
  if (tieBreak === 'uniform') return 'Ties are drawn anew in each world: the intervals are over tie-breaks too.';
  return `Ties are broken ${tieBreak} in every world: whether the ranking survives other tie-breaks is not known.`;
}

/** What the cells of a sweep say by themselves: on which axes the ranking depends, and how ties were broken. */
export function sweptTies(
  tieBreaks: readonly TieBreak[],
  turned: readonly TurnedDifference[],
  { policies, isSerial }: Pick<Samples, 'policies' | 'isSerial'>,
): string {
  const [baseline = ''] = policies;
  const dependence = dependenceSentence(turned, baseline);
  return `${dependence === undefined ? '' : `${dependence} `}${untriedTies(tieBreaks, isSerial)}`;
}

/** One sentence. */
export function tieSentence({ salts, worlds, findings }: TieRobustness): string {
  const where = `${salts} other tie salts (${worlds} ${worlds === 1 ? 'world' : 'worlds'} each)`;
  if (findings.length === 0) return `No difference was found that ${where} could turn around.`;
  const turned = findings.filter(({ agreeing }) => agreeing < salts);
  if (turned.length === 0) return `The ranking is the same under ${where}: all differences go the same way.`;
  const parts = turned.map(({ noun, policy, agreeing }) => `${noun} of ${policy} under ${salts - agreeing}`);
  return `The ranking is not the same under ${where}; turned around are ${listed(parts)}.`;
}
