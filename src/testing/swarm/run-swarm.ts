// Runs random scenarios under full checks: `npm run swarm -- [--runs N] [--size small|large] [--seed S] [--workers N] [--out DIR]`.
// A failure is shrunk, printed with its seed, and written as a scenario that `orrery run` repeats. Exit code 1 on a failure. With
// workers each has seeds of its own, S, S + 1, ..., and its part of the runs: the same scenarios on any machine.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, execArgv, execPath } from 'node:process';
import fc from 'fast-check';
import { CommandError } from '../command-error.ts';
import { readOptions, runCommand } from '../command-options.ts';
import { swarmScenario, swarmSizes } from './arbitrary-scenario.ts';
import { filesOf, problemsOf } from './swarm-case.ts';

const usage = 'npm run swarm -- [--runs N] [--size small|large] [--seed S] [--workers N] [--out DIR]';

/** Signs of life between the first scenario and the last. */
const runsPerLine = 2500;

interface SwarmOptions {
  readonly runs: number;
  readonly seed: number;
  readonly size: string;
  readonly out: string;
}

await runCommand(usage, async (args) => {
  const { values } = readOptions(args, {
    runs: { type: 'string', default: '1000' },
    size: { type: 'string', default: 'large' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
    out: { type: 'string', default: 'results/swarm' },
  });
  if (!(values.size in swarmSizes)) throw new CommandError(`--size is one of ${Object.keys(swarmSizes).join(', ')}`);
  const options = {
    runs: wholeNumber('--runs', values.runs),
    seed: wholeNumber('--seed', values.seed),
    size: values.size,
    out: values.out,
  };
  const workers = wholeNumber('--workers', values.workers);
  if (workers <= 1) return runSwarm(options);
  const { runs, seed } = options;
  const parts = Array.from({ length: workers }, (_, at) => Math.floor(runs / workers) + (at < runs % workers ? 1 : 0));
  const codes = await Promise.all(parts.map((part, at) => inChild({ ...options, runs: part, seed: seed + at })));
  return Math.max(...codes);
});

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new CommandError(`${option} "${text}" is not a whole number`);
}

function inChild({ runs, seed, size, out }: SwarmOptions): Promise<number> {
  const options = ['--runs', String(runs), '--seed', String(seed), '--size', size, '--out', out];
  const child = spawn(execPath, [...execArgv, argv[1]!, ...options], { stdio: 'inherit' });
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}

function runSwarm({ runs, seed, size, out }: SwarmOptions): number {
  let done = 0;
  const property = fc.property(swarmScenario(swarmSizes[size as keyof typeof swarmSizes]), (scenario) => {
    if (++done % runsPerLine === 0 && done < runs) process.stdout.write(`seed ${seed}: ${done} of ${runs}\n`);
    return problemsOf(scenario).length === 0;
  });
  const outcome = fc.check(property, { numRuns: runs, seed, endOnFailure: false });
  if (!outcome.failed || outcome.counterexample === null) {
    process.stdout.write(`${outcome.numRuns} random ${size} scenarios from seed ${seed}: no violation\n`);
    return 0;
  }
  const [scenario] = outcome.counterexample;
  const folder = join(out, String(seed));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(filesOf(scenario))) writeFileSync(join(folder, name), text);
  const again = `npm run swarm -- --size ${size} --seed ${seed} --runs ${runs}`;
  process.stdout.write(
    `seed ${seed}, scenario ${outcome.numRuns} of ${runs}, shrunk ${outcome.numShrinks} times: ${again}\n`,
  );
  for (const problem of problemsOf(scenario)) process.stdout.write(`  ${problem}\n`);
  process.stdout.write(`written to ${folder}; orrery run -f ${join(folder, 'scenario.yaml')} --check full\n`);
  return 1;
}
