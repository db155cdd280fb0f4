/** Seeds and replications as written, to the list of random worlds. */
import type { Finding } from '../scenario/diagnostics.ts';
import type { FieldPath } from '../scenario/field-path.ts';
import * as messages from '../scenario/messages.ts';
import type { ExperimentInput } from '../scenario/schema/experiment-schema.ts';
import type { World } from './experiment.ts';
import type { ExperimentContext } from './experiment-context.ts';
import { reportAt } from './experiment-context.ts';

const rangeLengthMax = 100_000;

/** Any text is a seed, but hardly `1-`, `1..5` or `1 - 5`. */
function isAlmostRange(text: string): boolean {
  return /^[\d\s]*(?:-|:|\.{2,}|\u2013)[\d\s]*$/.test(text) && !/^-\d+$/.test(text);
}

/** The seeds of `42-51`, or of a single seed, or what is wrong with the range. */
export function seedsOf(text: string): readonly string[] | Finding {
  const seed = text.trim();
  if (seed === '') return messages.unusable('the text is empty');
  const range = /^(\d{1,15})-(\d{1,15})$/.exec(seed);
  if (range === null) return isAlmostRange(seed) ? messages.badSeedRange(text, 'is none; write 42-51') : [seed];
  const [from, to] = [Number(range[1]), Number(range[2])];
  if (to < from) return messages.badSeedRange(text, 'counts downwards');
  if (to - from >= rangeLengthMax) return messages.badSeedRange(text, `has more than ${rangeLengthMax} seeds`);
  return Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
}

/** The worlds of an experiment: each seed once, or the replications under one seed. */
export function resolveWorlds(spec: ExperimentInput['spec'], context: ExperimentContext): readonly World[] {
  if (spec.seeds === undefined) {
    const seed = spec.seed === undefined ? undefined : String(spec.seed);
    return replicationsOf(seed, spec.replications ?? 1);
  }
  const entries = Array.isArray(spec.seeds) ? spec.seeds : [spec.seeds];
  const fieldOf = (index: number): FieldPath =>
    Array.isArray(spec.seeds) && spec.seeds.length > 0 ? ['spec', 'seeds', index] : ['spec', 'seeds'];
  const { worlds, problems } = worldsOfSeeds(entries.map(String));
  for (const { finding, index } of problems) reportAt(context, finding, fieldOf(index));
  return worlds;
}

/** So many runs under one seed. */
export function replicationsOf(seed: string | undefined, amount: number): readonly World[] {
  return Array.from({ length: amount }, (_, replication) => ({ seed, replication }));
}

/** A world for each seed of a list of seeds and ranges; one problem at most for each entry. */
export function worldsOfSeeds(entries: readonly string[]): {
  readonly worlds: readonly World[];
  readonly problems: readonly { readonly finding: Finding; readonly index: number }[];
} {
  const named = new Map<string, string>();
  const problems: { readonly finding: Finding; readonly index: number }[] = [];
  if (entries.length === 0) problems.push({ finding: messages.noCells('there are no seeds'), index: 0 });
  for (const [index, entry] of entries.entries()) {
    const seeds = seedsOf(entry);
    if ('code' in seeds) {
      problems.push({ finding: seeds, index });
      continue;
    }
    const twice = seeds.find((seed) => named.has(seed));
    if (twice !== undefined) problems.push({ finding: messages.seedTwice(twice, named.get(twice)!), index });
    for (const seed of seeds) named.set(seed, entry);
  }
  return { worlds: [...named.keys()].map((seed) => ({ seed, replication: 0 })), problems };
}
