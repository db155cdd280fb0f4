import type { FamilyReport } from './suite.ts';

/** The same as the text, as plain data; every disagreement, not only the first ones. */
export function reportJson(suite: string, dir: string, families: readonly FamilyReport[]): object {
  return {
    suite,
    dir,
    agree: families.reduce((total, { agree }) => total + agree, 0),
    of: families.reduce((total, { cases }) => total + cases, 0),
    families: families.map((family) => ({
      ...family,
      counts: Object.fromEntries(family.counts),
      notComparedBecause: Object.fromEntries(family.notComparedBecause),
    })),
  };
}
