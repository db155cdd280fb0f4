// Random small scenarios under full checks, and what must be settled when they end. `npm run swarm` runs as many as one likes.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { swarmScenario } from './testing/swarm/arbitrary-scenario.ts';
import { problemsOf } from './testing/swarm/swarm-case.ts';

test('random scenarios break no rule and settle once nothing is broken any more', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(swarmScenario, (scenario) => {
      expect(problemsOf(scenario)).toEqual([]);
    }),
    { numRuns: 100, seed: 1 },
  );
});
