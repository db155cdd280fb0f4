/** Chaos Mesh's `mode` and `value`: how many of those that match are hit. */
import type { RandomStream } from '../engine/random.ts';
import type { ArgumentsOf, ModeChoice } from './fault.ts';
import { modes } from './fault.ts';

/** Parameters of faults that hit some of many. */
export const modeParameters = {
  mode: { type: 'choice', choices: modes, description: 'how many of those that match are hit, as in Chaos Mesh' },
  value: {
    type: 'integer',
    description: 'the number of `fixed`, the percent of `fixed-percent` and `random-max-percent`',
  },
  count: { type: 'integer', description: 'short for mode fixed' },
} as const;

/** Arguments that say how many. */
export type ModeArguments = ArgumentsOf<typeof modeParameters>;

/** A contradiction in them, or undefined. */
export function modeProblem({ mode, value, count }: ModeArguments): string | undefined {
  if (count !== undefined) {
    if (mode !== undefined || value !== undefined) return 'takes "count" or "mode", not both';
    return count < 1 ? '"count" must be at least 1' : undefined;
  }
  const takesValue = mode !== undefined && mode !== 'one' && mode !== 'all';
  if (!takesValue)
    return value === undefined ? undefined : '"value" goes with mode fixed, fixed-percent or random-max-percent';
  if (value === undefined) return `mode ${mode} needs "value"`;
  if (value < 1) return '"value" must be at least 1';
  return mode !== 'fixed' && value > 100 ? `"value" of mode ${mode} is a percentage of at most 100` : undefined;
}

/** How many are meant; without any word `usual`. */
export function modeOf({ mode, value, count }: ModeArguments, usual: ModeChoice): ModeChoice {
  if (count !== undefined) return { mode: 'fixed', value: count };
  return mode === undefined ? usual : { mode: mode as ModeChoice['mode'], value: value ?? 0 };
}

/**
 * How many of `total` are hit; percentages are rounded up, so that one at least is, as Chaos Mesh does it. Only
 * `random-max-percent` draws: a whole percentage from 0 to `value`.
 */
export function modeCount({ mode, value }: ModeChoice, total: number, random: () => RandomStream): number {
  switch (mode) {
    case 'one':
      return Math.min(1, total);
    case 'all':
      return total;
    case 'fixed':
      return Math.min(value, total);
    case 'fixed-percent':
      return Math.ceil((total * value) / 100);
    case 'random-max-percent':
      return Math.ceil((total * random().below(value + 1)) / 100);
  }
}

/** `count` of the candidates, in the order in which they stood. */
export function drawSome<T>(candidates: readonly T[], count: number, random: RandomStream): readonly T[] {
  const drawn = random.sample(count, candidates.length);
  return drawn.sort((a, b) => a - b).map((at) => candidates[at]!);
}
