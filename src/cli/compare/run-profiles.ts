/** Runs profiles in the same random worlds; what has been run before is not run again. */
import type { CellResult } from '../../experiment/cell.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { replicationsOf } from '../../experiment/resolve-worlds.ts';
import { formatDiagnostics } from '../../scenario/diagnostics.ts';
import type { CliIo } from '../cli-io.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { fileReaderAt } from '../file-reader-at.ts';
import type { CellStore } from '../sweep/cell-store.ts';
import { InlineExecutor } from '../sweep/executor.ts';
import { cellResults } from '../sweep/merge-cells.ts';
import type { PlannedCell, PlanSettings } from '../sweep/plan-cells.ts';
import { planExperiment } from '../sweep/plan-cells.ts';
import { exitCodeOfCells, runCells } from '../sweep/run-cells.ts';
import { startCellsProgress } from '../sweep/sweep-progress.ts';
import { ThreadExecutor } from '../sweep/thread-executor.ts';

/** What runs the cells, and where their results are kept. */
export interface RunnerOptions {
  readonly store: CellStore;
  readonly io: CliIo;
  readonly settings: Omit<PlanSettings, 'worlds'>;
  readonly seed: string | undefined;
  /** 0 = in this thread. */
  readonly workers: number;
  readonly isQuiet: boolean;
}

/** Cells with their results, or the exit code of a command that could not get them; why was told. */
export type RunnerOutcome =
  | { readonly cells: readonly PlannedCell[]; readonly results: readonly CellResult[]; readonly exitCode: ExitCode }
  | { readonly cells: undefined; readonly exitCode: ExitCode };

/** Runs an experiment of profiles in so many worlds. */
export async function runProfiles(
  experiment: Experiment,
  replications: number,
  options: RunnerOptions,
): Promise<RunnerOutcome> {
  const { store, io, settings, seed, workers, isQuiet } = options;
  const plan = await planExperiment(
    experiment,
    { ...settings, worlds: () => replicationsOf(seed, replications) },
    fileReaderAt(io.cwd),
    io.interruption,
  );
  if (plan.diagnostics.length > 0 && (plan.experiment === undefined || !isQuiet))
    io.stderr.write(`${formatDiagnostics(plan.diagnostics)}\n`);
  if (plan.experiment === undefined) return { cells: undefined, exitCode: exitCodes.usage };
  const { cells } = plan;
  const executor =
    workers === 0
      ? new InlineExecutor()
      : new ThreadExecutor({ workers: Math.min(workers, cells.length), heapMiB: undefined });
  const progress = await startCellsProgress(io, experiment.name, isQuiet);
  try {
    const outcome = await runCells(cells, {
      ...{ experiment, store, executor, io, check: 'cheap' },
      onProgress: (at) => progress.update(at),
    });
    const exitCode = exitCodeOfCells(outcome);
    if (outcome.signal !== undefined || outcome.ioProblem !== undefined) {
      const why = outcome.signal === undefined ? outcome.ioProblem : `stopped by ${outcome.signal}`;
      io.stderr.write(`orrery: ${why}; finished runs are kept, and the same command goes on from there\n`);
      return { cells: undefined, exitCode };
    }
    return { cells, results: [...cellResults(cells, { experiment, store, cwd: io.cwd })], exitCode };
  } finally {
    progress.stop();
  }
}
