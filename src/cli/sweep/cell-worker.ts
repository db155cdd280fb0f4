// The module that each worker thread of a sweep runs: one cell for each task.
import { workerData } from 'piscina';
import { TraceMemory } from '../../scenario/resolve/trace-memory.ts';
import type { Interruption, StopSignal } from '../cli-io.ts';
import type { CellOutcome, CellTask } from './run-cell.ts';
import { runCell } from './run-cell.ts';

const flag = new Int32Array((workerData as { readonly flag: SharedArrayBuffer }).flag);

/** The main thread hears the signals; here they arrive as a flag that both share. */
const interruption: Interruption = {
  get signal(): StopSignal | undefined {
    return Atomics.load(flag, 0) === 0 ? undefined : 'SIGINT';
  },
};

const traces = new TraceMemory();

/** Runs one cell. */
export function runTask(task: CellTask): Promise<CellOutcome> {
  return runCell(task, interruption, traces);
}
