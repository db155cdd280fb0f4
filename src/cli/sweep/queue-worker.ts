/** `orrery worker`: takes cells out of a queue and runs them on threads of this machine. */
import { setTimeout } from 'node:timers/promises';
import { printable } from '../../scenario/diagnostics.ts';
import type { WorkerArguments } from '../arguments.ts';
import { ioMessage } from '../cli-error.ts';
import type { CliIo, StopSignal } from '../cli-io.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { openCellWorker, queueAddress } from './cell-queue.ts';
import type { CellWorker } from './cell-queue.ts';
import type { Executor } from './executor.ts';
import type { QueuedCell } from './queued-cell.ts';
import { CellHost } from './queued-cell.ts';
import type { CellOutcome } from './run-cell.ts';
import { GRACE_MS, SIGNAL_POLL_MS } from './run-cells.ts';
import { WorkerPool } from './worker-options.ts';

/** Runs cells until a signal comes; what is not finished then goes back into the queue. */
export async function runWorker(args: WorkerArguments, io: CliIo): Promise<ExitCode> {
  const { out, quiet, 'allow-outside': allowOutside, 'allow-plugins': allowPlugins } = args;
  const address = queueAddress(args.queue);
  const executor = new WorkerPool(args).executor();
  const host = new CellHost({ cwd: io.cwd, out, allowOutside, allowPlugins });
  const tell = (line: string): unknown => !quiet && io.stderr.write(`orrery: ${printable(line)}\n`);
  const worker = await openCellWorker(address, executor.width, (cell) => runQueued(cell, host, executor, tell));
  tell(`taking cells from ${address.shown}, ${executor.width} at a time; results go to ${out}`);
  const signal = await signalOf(io);
  await stop(worker, executor);
  host.close();
  return signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
}

async function runQueued(
  queued: QueuedCell,
  host: CellHost,
  executor: Executor,
  tell: (line: string) => unknown,
): Promise<CellOutcome> {
  const { sweep, cell } = queued;
  const begin = performance.now();
  const outcome = await outcomeOf(queued, host, executor);
  const problem = 'problem' in outcome ? `: ${outcome.problem}` : '';
  const name = [sweep, ...cell.levels, `seed=${cell.seed}/${cell.replication}`].join(' ');
  tell(`${name} ${outcome.status}${problem} · ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  return outcome;
}

async function outcomeOf(queued: QueuedCell, host: CellHost, executor: Executor): Promise<CellOutcome> {
  try {
    const task = host.taskOf(queued);
    return task === undefined ? { status: 'finished' } : await executor.execute(task);
  } catch (error) {
    const problem = ioMessage(error);
    if (problem !== undefined) return { status: 'io', problem };
    return { status: 'failed', problem: error instanceof Error ? error.message : String(error), isOurMistake: false };
  }
}

/** Waits until the user wants it to stop. */
async function signalOf({ interruption }: CliIo): Promise<StopSignal> {
  while (interruption.signal === undefined) await setTimeout(SIGNAL_POLL_MS);
  return interruption.signal;
}

/** Cells get time to stop by themselves; those that do not are cut off. */
async function stop(worker: CellWorker, executor: Executor): Promise<void> {
  executor.interrupt();
  const stopped = worker.close();
  const grace = new AbortController();
  await Promise.race([stopped, setTimeout(GRACE_MS, undefined, { signal: grace.signal })]);
  grace.abort();
  await executor.close();
  await stopped;
}
