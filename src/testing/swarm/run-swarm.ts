// Runs random scenarios under full checks: `npm run swarm -- [--runs N] [--size small|large] [--seed S] [--workers N] [--out DIR]`.
// A failure is shrunk, printed with its seed, and written as a scenario that `orrery run` repeats. Exit code 1 on a failure. With
// workers each has seeds of its own, S, S + 1, ..., and its part of the runs: the same scenarios on any machine.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, execArgv, execPath } from 'node:process';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { swarmScenario, swarmSizes } from './arbitrary-scenario.ts';
import { filesOf, problemsOf } from './swarm-case.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    size: { type: 'string', default: 'large' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
    out: { type: 'string', default: 'results/swarm' },
  },
});
const [runs, seed, workers] = [values.runs, values.seed, values.workers].map(Number) as [number, number, number];
if (![runs, seed, workers].every((value) => Number.isSafeInteger(value)) || workers < 1)
  throw new Error('--runs, --seed and --workers are integers');
const size = Object.entries(swarmSizes).find(([name]) => name === values.size)?.[1];
if (size === undefined) throw new Error(`--size is one of ${Object.keys(swarmSizes).join(', ')}`);

/** Signs of life between the first scenario and the last. */
const runsPerLine = 2500;

if (workers === 1) runSwarm();
else {
  const parts = Array.from({ length: workers }, (_, at) => Math.floor(runs / workers) + (at < runs % workers ? 1 : 0));
  const codes = await Promise.all(parts.map((part, at) => inChild(part, seed + at)));
  process.exitCode = Math.max(...codes);
}

function inChild(part: number, childSeed: number): Promise<number> {
  const options = ['--runs', String(part), '--seed', String(childSeed), '--size', values.size, '--out', values.out];
  const child = spawn(execPath, [...execArgv, argv[1]!, ...options], { stdio: 'inherit' });
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}

function runSwarm(): void {
  let done = 0;
  const property = fc.property(swarmScenario(size!), (scenario) => {
    if (++done % runsPerLine === 0 && done < runs) process.stdout.write(`seed ${seed}: ${done} of ${runs}\n`);
    return problemsOf(scenario).length === 0;
  });
  const outcome = fc.check(property, { numRuns: runs, seed, endOnFailure: false });
  if (!outcome.failed || outcome.counterexample === null) {
    process.stdout.write(`${outcome.numRuns} random ${values.size} scenarios from seed ${seed}: no violation\n`);
    return;
  }
  const [scenario] = outcome.counterexample;
  const folder = join(values.out, String(seed));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(filesOf(scenario))) writeFileSync(join(folder, name), text);
  const again = `npm run swarm -- --size ${values.size} --seed ${seed} --runs ${runs}`;
  process.stdout.write(
    `seed ${seed}, scenario ${outcome.numRuns} of ${runs}, shrunk ${outcome.numShrinks} times: ${again}\n`,
  );
  for (const problem of problemsOf(scenario)) process.stdout.write(`  ${problem}\n`);
  process.stdout.write(`written to ${folder}; orrery run -f ${join(folder, 'scenario.yaml')} --check full\n`);
  process.exitCode = 1;
}
