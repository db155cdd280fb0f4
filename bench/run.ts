/**
 * Runs the benchmarks, each in a process of its own: `npm run bench -- [--only NAME] [--quick] [--json FILE]`. The code is
 * compiled first (`dist-bench/`), as users run it: a loader that transforms TypeScript on the fly costs some queue
 * operations half of their speed. Exit code 1 if a goal is missed, 2 for a wrong argument.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { CommandError } from '../src/testing/command-error.ts';
import { readOptions, runCommand } from '../src/testing/command-options.ts';
import type { Bench, BenchFigure } from './bench.ts';
import { isMet } from './bench.ts';
import { livePods, shortPods, startUp } from './cluster.ts';
import { engineDispatch } from './engine-dispatch.ts';
import { fgd } from './fgd.ts';
import { figureLines } from './figure-table.ts';
import { healingWeek } from './healing-week.ts';
import { queueHold } from './queue-hold.ts';
import { schedulerDecisions } from './scheduler-decisions.ts';
import { schedulerPerf } from './scheduler-perf.ts';

const benches: readonly Bench[] = [
  queueHold,
  engineDispatch,
  shortPods,
  livePods,
  healingWeek,
  fgd,
  startUp,
  schedulerDecisions,
  schedulerPerf,
];

interface BenchOptions {
  readonly only: string | undefined;
  readonly isQuick: boolean;
  readonly json: string | undefined;
}

await runCommand('npm run bench -- [--only NAME] [--quick] [--json FILE]', async (args) => {
  const { values } = readOptions(args, {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    child: { type: 'string' },
  });
  const { only, json, quick: isQuick, child } = values;
  if (child === undefined) return runAll({ only, json, isQuick });
  process.stdout.write(JSON.stringify(await benchOf(child).run({ isQuick })));
  return 0;
});

function runAll({ only, json, isQuick }: BenchOptions): number {
  const chosen = only === undefined ? benches : benches.filter(({ name }) => name === only);
  if (chosen.length === 0)
    throw new CommandError(`no benchmark ${only}; there are ${benches.map(({ name }) => name).join(', ')}`);
  const machine = `Node.js ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}`;
  console.log(machine);
  const results = chosen.map((bench) => {
    console.log(`\n${bench.name}: ${bench.description}`);
    const figures = inOwnProcess(bench, isQuick);
    console.log(figureLines(figures).join('\n'));
    return { name: bench.name, figures: figures.map((figure) => ({ ...figure, isMet: isMet(figure) })) };
  });
  if (json !== undefined) {
    writeFileSync(json, `${JSON.stringify({ machine, isQuick, results }, undefined, 2)}\n`);
  }
  const missed = results.flatMap(({ figures }) => figures).filter((figure) => !figure.isMet);
  console.log(
    missed.length === 0 ? '\nall goals met' : `\n${missed.length} ${missed.length === 1 ? 'goal' : 'goals'} missed`,
  );
  return missed.length === 0 || isQuick ? 0 : 1;
}

function inOwnProcess({ name }: Bench, isQuick: boolean): readonly BenchFigure[] {
  const args = ['--expose-gc', fileURLToPath(import.meta.url), '--child', name, ...(isQuick ? ['--quick'] : [])];
  const { status, stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1e8,
  });
  if (status !== 0) throw new Error(`benchmark ${name} ended with code ${status}`);
  return JSON.parse(stdout) as readonly BenchFigure[];
}

function benchOf(name: string): Bench {
  const bench = benches.find((candidate) => candidate.name === name);
  if (bench === undefined) throw new Error(`no benchmark ${name}`);
  return bench;
}
