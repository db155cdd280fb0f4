/**
 * Runs the benchmarks, each in a process of its own: `npm run bench -- [--only NAME] [--quick] [--json FILE]`. The code is
 * compiled first (`dist-bench/`), as users run it: a loader that transforms TypeScript on the fly costs some queue
 * operations half of their speed. Exit code 1 if a goal is missed, 2 for a wrong argument.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Bench, BenchFigure } from './bench.ts';
import { isMet } from './bench.ts';
import { livePods, shortPods, startUp } from './cluster.ts';
import { engineDispatch } from './engine-dispatch.ts';
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
  startUp,
  schedulerDecisions,
  schedulerPerf,
];

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    child: { type: 'string' },
  },
});
const options = { isQuick: values.quick };
if (values.child === undefined) process.exitCode = runAll();
else process.stdout.write(JSON.stringify(await benchOf(values.child).run(options)));

function runAll(): number {
  const chosen = values.only === undefined ? benches : benches.filter(({ name }) => name === values.only);
  if (chosen.length === 0) {
    console.error(`no benchmark ${values.only}; there are ${benches.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  const machine = `Node.js ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}`;
  console.log(machine);
  const results = chosen.map((bench) => {
    console.log(`\n${bench.name}: ${bench.description}`);
    const figures = inOwnProcess(bench);
    console.log(figureLines(figures).join('\n'));
    return { name: bench.name, figures: figures.map((figure) => ({ ...figure, isMet: isMet(figure) })) };
  });
  if (values.json !== undefined) {
    writeFileSync(values.json, `${JSON.stringify({ machine, isQuick: options.isQuick, results }, undefined, 2)}\n`);
  }
  const missed = results.flatMap(({ figures }) => figures).filter((figure) => !figure.isMet);
  console.log(
    missed.length === 0 ? '\nall goals met' : `\n${missed.length} ${missed.length === 1 ? 'goal' : 'goals'} missed`,
  );
  return missed.length === 0 || options.isQuick ? 0 : 1;
}

function inOwnProcess({ name }: Bench): readonly BenchFigure[] {
  const args = [
    '--expose-gc',
    fileURLToPath(import.meta.url),
    '--child',
    name,
    ...(options.isQuick ? ['--quick'] : []),
  ];
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
