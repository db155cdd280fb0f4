/** Questions of yes or no about a run: in what share of the worlds it went well, and how sure that is. */
import type { Proportion } from '../statistics/proportion.ts';
import { proportionInterval } from '../statistics/proportion.ts';
import type { Samples } from './samples.ts';
import { valuesOf } from './samples.ts';

/** Each is yes where its figure is 0, and is asked where `of` is more than that in some run: there was something to go wrong. */
const questions = [
  { figure: 'faults.unrecovered', of: 'faults.count', statement: 'every fault was recovered from' },
  { figure: 'workloads.below.desired', of: 'availability.mean', statement: 'every workload was whole at the end' },
  { figure: 'pods.never.bound', of: 'pods.created', statement: 'every pod found a node' },
] as const;

/** One question under one policy. */
export interface Outcome extends Proportion {
  /** As in "every pod found a node". */
  readonly statement: string;
  readonly policy: string;
  readonly worlds: number;
  /** Worlds in which the statement is true. */
  readonly hits: number;
}

/** All questions that the runs answer, each for all policies in order; one run each answers none. */
export function outcomesOf(samples: Samples, level: number): readonly (readonly Outcome[])[] {
  if (samples.isSerial) return [];
  return questions.flatMap(({ figure, of, statement }) => {
    const values = valuesOf(samples, figure);
    if (values[0]!.length === 0 || !samples.figures.flat().some((run) => (run.get(of) ?? 0) > 0)) return [];
    return [
      values.map((list, policy): Outcome => {
        const hits = list.filter((value) => value === 0).length;
        const share = proportionInterval(hits, list.length, level);
        return { statement, policy: samples.policies[policy]!, worlds: list.length, hits, ...share };
      }),
    ];
  });
}

/** A sentence for each question: where it is always so, under what share it may still go wrong. */
export function outcomeSentences(outcomes: readonly (readonly Outcome[])[]): readonly string[] {
  return outcomes.map((policies) => {
    const [{ statement, worlds, low }] = policies as readonly [Outcome, ...Outcome[]];
    if (policies.every(({ hits }) => hits === worlds))
      return `In all ${worlds} worlds of each policy ${statement}: in at least ${percent(low)} % of all worlds.`;
    const parts = policies.map((outcome) => {
      const { policy, hits, ratio, low: least, high } = outcome;
      return `${policy} ${hits} of ${worlds} (${percent(ratio)} % [${percent(least)}, ${percent(high)}])`;
    });
    return `Worlds in which ${statement}: ${parts.join(', ')}.`;
  });
}

const percent = (share: number): string => (100 * share).toFixed(0);
