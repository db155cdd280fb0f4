/** One cell from beginning to end: prepared, checked against its key, run, written. Used in a worker and in the main thread alike. */
import type { ExperimentOutputs } from '../../experiment/experiment.ts';
import { isPlacementReplay } from '../../placement-replay.ts';
import { runStory } from '../../report/run-story.ts';
import { evaluateAsserts } from '../../scenario/asserts.ts';
import { formatDiagnostic } from '../../scenario/diagnostics.ts';
import type { TraceMemory } from '../../scenario/resolve/trace-memory.ts';
import { AssertionError } from '../../util/assert.ts';
import { CliError, ioMessage } from '../cli-error.ts';
import type { CliIo, Interruption } from '../cli-io.ts';
import { exitCodes } from '../exit-codes.ts';
import { fileReaderAt } from '../file-reader-at.ts';
import { manifestText } from '../manifest.ts';
import { orreryVersion } from '../orrery-version.ts';
import type { PreparedRun } from '../prepare.ts';
import { prepareRun } from '../prepare.ts';
import { ResultFolder } from '../result-folder.ts';
import { pluginError } from '../run-scenario.ts';
import { replayInOrder } from '../replay-in-order.ts';
import { simulateInTime } from '../simulate-in-time.ts';
import type { CheckLevel, SimulatedRun } from '../simulated-run.ts';
import { writeResults } from '../write-results.ts';
import { cellKey, combinationDigest } from './cell-key.ts';
import { cellMarkName, cellMarkText, storeInput } from './cell-store.ts';
import type { PlannedCell } from './plan-cells.ts';

/** What an executor is given: plain values only. */
export interface CellTask {
  readonly cell: PlannedCell;
  /** Working folder of the command. */
  readonly cwd: string;
  /** Where the result goes, absolute. */
  readonly folder: string;
  readonly inputsFolder: string;
  readonly outputs: ExperimentOutputs;
  readonly check: CheckLevel;
}

/** How a cell ended. */
export type CellOutcome =
  | { readonly status: 'finished' }
  /** A signal came in between. */
  | { readonly status: 'stopped' }
  | { readonly status: 'failed'; readonly problem: string; readonly isOurMistake: boolean }
  /** The disk is full or not writable: other cells would fare no better. */
  | { readonly status: 'io'; readonly problem: string };

/** Runs a cell; never throws. @param traces what is known of traces from the cells before. */
export async function runCell(task: CellTask, interruption: Interruption, traces: TraceMemory): Promise<CellOutcome> {
  const { cell, cwd } = task;
  let run: PreparedRun | undefined;
  try {
    const prepared = await prepareRun(cell.file, cell.settings, fileReaderAt(cwd), { traces });
    run = prepared.run;
    if (run === undefined) return failed(formatDiagnostic(prepared.diagnostics[0]!));
    if (cellKey(combinationDigest(run, orreryVersion()), cell) !== cell.key)
      return failed('its files were changed after the sweep had begun');
    return await runInto(run, task, silentIo(cwd, interruption));
  } catch (error) {
    return outcomeOfError(error, run);
  }
}

async function runInto(
  run: PreparedRun,
  { folder: path, inputsFolder, outputs, check, cell }: CellTask,
  io: CliIo,
): Promise<CellOutcome> {
  const folder = new ResultFolder(path);
  try {
    const simulate = isPlacementReplay(run.scenario) ? replayInOrder : simulateInTime;
    const simulated = await simulate(run, io, { check, isQuiet: true, isVerified: false });
    if ('signal' in simulated) return { status: 'stopped' };
    const { stop } = simulated.result;
    if (stop.reason === 'limit') return failed(`limit reached: ${stop.message}`);
    const manifest = await writeResults(resultsOf(run, simulated), folder, io, {
      hasCharts: outputs.charts,
      hasReport: outputs.report,
      tables: outputs.cells === 'full' ? undefined : new Set(outputs.tables),
      keepInput: (input) => storeInput(inputsFolder, input),
    });
    if (manifest === undefined) return { status: 'stopped' };
    folder.write(cellMarkName, cellMarkText(cell.key, manifestText(manifest), outputs));
    folder.complete();
    return { status: 'finished' };
  } finally {
    folder.discard();
  }
}

function resultsOf(run: PreparedRun, simulated: SimulatedRun): Parameters<typeof writeResults>[0] {
  const { result, actions } = simulated;
  return {
    run,
    simulated,
    story: runStory({
      tables: result.tables,
      horizonUs: result.endsAt,
      actions,
      hasFaults: run.scenario.faults.length > 0,
    }),
    asserts: evaluateAsserts(run.scenario.asserts, result.figures),
    orreryVersion: orreryVersion(),
  };
}

function failed(problem: string): CellOutcome {
  return { status: 'failed', problem, isOurMistake: false };
}

function outcomeOfError(error: unknown, run: PreparedRun | undefined): CellOutcome {
  const ioProblem = ioMessage(error);
  if (ioProblem !== undefined) return { status: 'io', problem: ioProblem };
  const blame = run === undefined ? undefined : pluginError(error, run);
  const known = blame ?? (error instanceof CliError ? error : undefined);
  if (known?.exitCode === exitCodes.io) return { status: 'io', problem: known.message };
  if (known !== undefined) return failed(known.message.split('\n')[0]!);
  const what = error instanceof AssertionError ? 'a rule of the program is broken' : 'the program failed';
  const message = error instanceof Error ? error.message : String(error);
  return { status: 'failed', problem: `${what}: ${message}`, isOurMistake: true };
}

/** A cell prints nothing: what is to be told comes back as its outcome. */
function silentIo(cwd: string, interruption: Interruption): CliIo {
  const nowhere = { write: () => undefined };
  return { stdout: nowhere, stderr: nowhere, cwd, env: {}, interruption };
}
