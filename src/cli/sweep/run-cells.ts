/** Runs the cells of a plan that have no result yet, on any executor. */
import type { Experiment } from '../../experiment/experiment.ts';
import { cellName } from '../../experiment/experiment.ts';
import { printable } from '../../scenario/diagnostics.ts';
import { CliError } from '../cli-error.ts';
import type { CliIo, StopSignal } from '../cli-io.ts';
import { breathe } from '../cli-io.ts';
import { exitCodes } from '../exit-codes.ts';
import { typedPath } from '../run-scenario.ts';
import type { CheckLevel } from '../simulated-run.ts';
import type { CellStore, StoredCell } from './cell-store.ts';
import type { Executor } from './executor.ts';
import type { PlannedCell } from './plan-cells.ts';
import type { CellOutcome } from './run-cell.ts';

/** What running needs beside the cells. */
export interface RunCellsOptions {
  readonly experiment: Experiment;
  readonly store: CellStore;
  readonly executor: Executor;
  readonly io: CliIo;
  readonly check: CheckLevel;
  /** Told once before the first cell runs, and after each one. */
  readonly onProgress?: (progress: CellsProgress) => void;
}

/** How far a sweep is. Cells with one key count once. */
export interface CellsProgress {
  readonly total: number;
  /** Finished by this process or an earlier one, or failed. */
  readonly done: number;
  readonly failed: number;
}

/** What came of running; results are in the store. */
export interface CellsOutcome {
  /** Cells with a result from before, by key. */
  readonly kept: number;
  /** Cells that got their result now, by key. */
  readonly ran: number;
  readonly failed: readonly { readonly cell: PlannedCell; readonly problem: string; readonly isOurMistake: boolean }[];
  /** Why not all cells were tried. */
  readonly signal: StopSignal | undefined;
  readonly ioProblem: string | undefined;
}

/** Looks for a signal so often, milliseconds. */
export const SIGNAL_POLL_MS = 50;
/** Running cells may take so long to hear of it, milliseconds. */
export const GRACE_MS = 10_000;

/**
 * Runs what has no result yet. A cell that fails is noted and the rest goes on; a signal or a full disk ends the sweep, and
 * finished cells stay.
 *
 * @throws CliError with exit code 2 when the folder of a finished cell was changed, and the error of the file system where there
 * can be no folder for results; nothing is run then.
 */
export async function runCells(cells: readonly PlannedCell[], options: RunCellsOptions): Promise<CellsOutcome> {
  const unique = [...new Map(cells.map((cell) => [cell.key, cell])).values()];
  const open = await cellsWithoutResult(unique, options);
  const { store } = options;
  const keys = new Set(unique.map(({ key }) => key));
  store.open();
  try {
    store.sweepUp(keys);
    return await new CellsRun(unique.length, open, options).finish();
  } finally {
    // Also what workers have left that were cut off.
    store.sweepUp(keys);
    store.close();
  }
}

/** Cells that are to be run; refuses folders that were changed. */
async function cellsWithoutResult(
  cells: readonly PlannedCell[],
  { store, experiment, io }: RunCellsOptions,
): Promise<readonly PlannedCell[]> {
  const open: PlannedCell[] = [];
  const altered = new Set<string>();
  for (const cell of cells) {
    const stored = store.read(cell.key, experiment.outputs);
    if (stored.state === 'altered') altered.add(alteredText(stored, store, cellName(experiment.axes, cell), io.cwd));
    else if (stored.state !== 'finished') open.push(cell);
    await breathe();
  }
  refuseAltered([...altered]);
  return open;
}

const ALTERED_SHOWN = 20;

/** The folder of a cell is named together with it; an input belongs to many. */
export function alteredText(
  { path, why }: StoredCell & { readonly state: 'altered' },
  store: CellStore,
  cell: string,
  cwd: string,
): string {
  const isInput = path.startsWith(store.inputsFolder);
  return `${typedPath(path, cwd)} ${isInput ? '' : `(${cell}) `}${why}`;
}

/** @throws CliError where folders of cells, or inputs, were changed. */
export function refuseAltered(altered: readonly string[]): void {
  if (altered.length === 0) return;
  const more = altered.length > ALTERED_SHOWN ? [`... and ${altered.length - ALTERED_SHOWN} more`] : [];
  throw new CliError(
    [
      ...[...altered.slice(0, ALTERED_SHOWN), ...more].map((line) => `orrery: hash mismatch: ${printable(line)}`),
      'Nothing was run: what is named here was changed after being written. Remove it, and its cells run again.',
    ].join('\n'),
  );
}

class CellsRun {
  private readonly total: number;
  private readonly cells: readonly PlannedCell[];
  private readonly options: RunCellsOptions;
  private readonly inFlight = new Set<Promise<void>>();
  private readonly failed: CellsOutcome['failed'][number][] = [];
  private ran = 0;
  private ioProblem: string | undefined;
  /** Lets `finish` look again: a cell has ended, or it is time to look for a signal. */
  private wake: () => void = () => undefined;

  constructor(total: number, cells: readonly PlannedCell[], options: RunCellsOptions) {
    this.total = total;
    this.cells = cells;
    this.options = options;
  }

  async finish(): Promise<CellsOutcome> {
    const { executor, io } = this.options;
    const poll = setInterval(() => this.wake(), SIGNAL_POLL_MS);
    this.tellProgress();
    try {
      for (const cell of this.cells) {
        while (this.inFlight.size >= executor.width && !this.isEnding) await this.change();
        if (this.isEnding) break;
        this.start(cell);
      }
      while (this.inFlight.size > 0 && !this.isEnding) await this.change();
      if (this.inFlight.size > 0) await this.end();
    } finally {
      clearInterval(poll);
      await executor.close();
      await Promise.all(this.inFlight);
    }
    return {
      kept: this.total - this.cells.length,
      ran: this.ran,
      failed: this.failed.sort((a, b) => a.cell.index - b.cell.index),
      signal: this.ran + this.failed.length < this.cells.length ? io.interruption.signal : undefined,
      ioProblem: this.ioProblem,
    };
  }

  private change(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private get isEnding(): boolean {
    return this.ioProblem !== undefined || this.options.io.interruption.signal !== undefined;
  }

  private start(cell: PlannedCell): void {
    const { store, executor, experiment, check, io } = this.options;
    const running = executor
      .execute({
        cell,
        cwd: io.cwd,
        folder: store.cellFolder(cell.key),
        inputsFolder: store.inputsFolder,
        outputs: experiment.outputs,
        check,
      })
      .then((outcome) => {
        this.inFlight.delete(running);
        this.record(cell, outcome);
      });
    this.inFlight.add(running);
  }

  private record(cell: PlannedCell, outcome: CellOutcome): void {
    const { store, experiment, io } = this.options;
    if (outcome.status === 'finished') {
      store.forgetFailure(cell.key);
      this.ran++;
    } else if (outcome.status === 'failed') {
      store.noteFailure(cell.key, outcome.problem);
      this.failed.push({ cell, problem: outcome.problem, isOurMistake: outcome.isOurMistake });
      io.stderr.write(`orrery: ${printable(`${cellName(experiment.axes, cell)}: ${outcome.problem}`)}\n`);
    } else if (outcome.status === 'io') this.ioProblem ??= outcome.problem;
    this.tellProgress();
    this.wake();
  }

  private tellProgress(): void {
    const done = this.total - this.cells.length + this.ran + this.failed.length;
    this.options.onProgress?.({ total: this.total, done, failed: this.failed.length });
  }

  /** Gives running cells time to stop by themselves; those that do not are cut off. */
  private async end(): Promise<void> {
    const { executor } = this.options;
    executor.interrupt();
    const until = performance.now() + GRACE_MS;
    while (this.inFlight.size > 0 && performance.now() < until) await this.change();
    await executor.close();
  }
}

/** The exit code of a sweep: that of the worst that happened. */
export function exitCodeOfCells({
  failed,
  signal,
  ioProblem,
}: CellsOutcome): (typeof exitCodes)[keyof typeof exitCodes] {
  if (signal !== undefined) return signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
  if (ioProblem !== undefined) return exitCodes.io;
  if (failed.some(({ isOurMistake }) => isOurMistake)) return exitCodes.invariant;
  return failed.length > 0 ? exitCodes.failed : exitCodes.ok;
}
