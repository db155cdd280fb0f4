/** `orrery sweep`: plan, run, merge, tell. */
import { count, printable } from '../../scenario/diagnostics.ts';
import type { SweepArguments } from '../arguments.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo } from '../cli-io.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { openCellQueue, queueAddress } from './cell-queue.ts';
import type { QueueAddress } from './cell-queue.ts';
import { dryRunText } from './dry-run.ts';
import { mergeSound } from './merge.ts';
import { QueueExecutor } from './queue-executor.ts';
import type { CellsOutcome } from './run-cells.ts';
import { exitCodeOfCells, runCells } from './run-cells.ts';
import type { Shard } from './shard.ts';
import { cellsOfShard, shardOf } from './shard.ts';
import { startCellsProgress } from './sweep-progress.ts';
import { soundPlan, sweepCommand } from './sweep-plan.ts';
import { WorkerPool } from './worker-options.ts';

/** Runs the cells of an experiment that have no result yet, and merges all of them. */
export async function sweep(args: SweepArguments, io: CliIo): Promise<ExitCode> {
  const shard = shardOf(args.shard, io.env);
  const pool = new WorkerPool(args);
  const queue = queueOf(args);
  const plan = await soundPlan(args, io);
  if (plan === undefined) return exitCodes.usage;
  const cells = cellsOfShard(plan.cells, shard);
  if (args['dry-run']) {
    io.stdout.write(dryRunText({ ...plan, cells }, args.output));
    return exitCodes.ok;
  }
  const executor = queue === undefined ? pool.executor(cells.length) : new QueueExecutor(() => openCellQueue(queue));
  if (queue !== undefined && !args.quiet) io.stderr.write(`orrery: cells are run by: orrery worker ${queue.shown}\n`);
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

/** The address of the queue that is to run the cells. @throws CliError where it comes with options of those who run cells themselves. */
function queueOf(args: SweepArguments): QueueAddress | undefined {
  if (args.queue === undefined) return undefined;
  const own = (['workers', 'worker-memory', 'shard'] as const).find((name) => args[name] !== undefined);
  if (own === undefined) return queueAddress(args.queue);
  const whose = own === 'shard' ? '' : ', which `orrery worker` has';
  throw new CliError(`orrery: --queue does not go with --${own}${whose}`);
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
