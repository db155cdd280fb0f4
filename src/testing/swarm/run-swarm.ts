// Runs random small scenarios under full checks: `npm run swarm -- [--runs N] [--seed S] [--out DIR]`. A failure is shrunk,
// printed with its seed, and written as a scenario that `orrery run` repeats. Exit code 1 on a failure.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { swarmScenario } from './arbitrary-scenario.ts';
import { filesOf, problemsOf } from './swarm-case.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: 'results/swarm' },
  },
});
const numRuns = Number(values.runs);
const seed = Number(values.seed);
if (!Number.isSafeInteger(numRuns) || !Number.isSafeInteger(seed)) throw new Error('--runs and --seed are integers');

const property = fc.property(swarmScenario, (scenario) => problemsOf(scenario).length === 0);
const outcome = fc.check(property, { numRuns, seed, endOnFailure: false });
if (outcome.failed && outcome.counterexample !== null) {
  const [scenario] = outcome.counterexample;
  const folder = join(values.out, String(seed));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(filesOf(scenario))) writeFileSync(join(folder, name), text);
  const again = `npm run swarm -- --seed ${seed} --runs ${numRuns}`;
  process.stdout.write(
    `seed ${seed}, scenario ${outcome.numRuns} of ${numRuns}, shrunk ${outcome.numShrinks} times: ${again}\n`,
  );
  for (const problem of problemsOf(scenario)) process.stdout.write(`  ${problem}\n`);
  process.stdout.write(`written to ${folder}; orrery run -f ${join(folder, 'scenario.yaml')} --check full\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(`${outcome.numRuns} random scenarios from seed ${seed}: no violation\n`);
}
