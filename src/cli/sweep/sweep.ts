/** `orrery sweep`: plan, run, merge, tell. */
import { availableParallelism } from 'node:os';
import { parseQuantity } from '../../api/quantity.ts';
import { count, printable } from '../../scenario/diagnostics.ts';
import type { SweepArguments } from '../arguments.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { dryRunText } from './dry-run.ts';
import type { Executor } from './executor.ts';
import { InlineExecutor } from './executor.ts';
import { mergeSound } from './merge.ts';
import type { CellsOutcome } from './run-cells.ts';
import { exitCodeOfCells, runCells } from './run-cells.ts';
import type { Shard } from './shard.ts';
import { cellsOfShard, shardOf } from './shard.ts';
import { startCellsProgress } from './sweep-progress.ts';
import { soundPlan, sweepCommand } from './sweep-plan.ts';
import { ThreadExecutor } from './thread-executor.ts';

/** Runs the cells of an experiment that have no result yet, and merges all of them. */
export async function sweep(args: SweepArguments, io: CliIo): Promise<ExitCode> {
  const shard = shardOf(args.shard, io.env);
  const workers = workersOf(args.workers);
  const heapMiB = heapOf(args['worker-memory']);
  const plan = await soundPlan(args, io);
  if (plan === undefined) return exitCodes.usage;
  const cells = cellsOfShard(plan.cells, shard);
  if (args['dry-run']) {
    io.stdout.write(dryRunText({ ...plan, cells }, args.output));
    return exitCodes.ok;
  }
  const executor: Executor =
    workers === 0 ? new InlineExecutor() : new ThreadExecutor({ workers: Math.min(workers, cells.length), heapMiB });
  const progress = await startCellsProgress(io, plan.experiment.name, args.quiet);
  let outcome: CellsOutcome;
  try {
    outcome = await runCells(cells, {
      ...{ experiment: plan.experiment, store: plan.store, executor, io, check: args.check },
      onProgress: (at) => progress.update(at),
    });
  } finally {
    progress.stop();
  }
  const worst = exitCodeOfCells(outcome);
  if (outcome.signal !== undefined || outcome.ioProblem !== undefined) {
    tellEnd(outcome, cells.length, args, io);
    return worst;
  }
  if (shard !== undefined && shard.count > 1) return tellShard(shard, outcome, args, io, worst);
  const merged = await mergeSound(plan, outcome, args, io);
  return merged > worst ? merged : worst;
}

/** @throws CliError where the text is no number of workers. */
export function workersOf(text: string | undefined): number {
  if (text === undefined) return availableParallelism();
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new CliError(`orrery: --workers "${text}" is not a whole number; 0 runs the cells without workers`);
}

const MEBIBYTE = 1_048_576n;
const HEAP_MIN_MIB = 32;

/** Mebibytes of a quantity such as 2Gi. */
function heapOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const quantity = parseQuantity(text);
  const mebibytes = quantity === undefined ? 0 : Number(quantity.nano / 1_000_000_000n / MEBIBYTE);
  if (mebibytes >= HEAP_MIN_MIB) return mebibytes;
  throw new CliError(`orrery: --worker-memory "${text}" is not a quantity of at least ${HEAP_MIN_MIB}Mi, such as 2Gi`);
}

/** Why the sweep did not come to its end, and how to go on. */
function tellEnd({ signal, ioProblem, kept, ran }: CellsOutcome, total: number, args: SweepArguments, io: CliIo): void {
  const why = signal === undefined ? `stopped: ${printable(ioProblem ?? '')}` : `stopped by ${signal}`;
  io.stderr.write(
    `orrery: ${why}; ${kept + ran} of ${count(total, 'cell')} finished and kept. To go on: ${sweepCommand('sweep', args)}\n`,
  );
}

function tellShard(
  { index, count: shards, source }: Shard,
  outcome: CellsOutcome,
  args: SweepArguments,
  io: CliIo,
  worst: ExitCode,
): ExitCode {
  const { ran, kept, failed } = outcome;
  io.stdout.write(
    `shard ${index + 1} of ${shards} (${source}) · ${ran} ran, ${kept} kept, ${failed.length} failed\n` +
      `when all shards are done: ${sweepCommand('merge', args)}\n`,
  );
  return worst;
}
