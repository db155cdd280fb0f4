import { TraceMemory } from '../../scenario/resolve/trace-memory.ts';
import { breathe } from '../cli-io.ts';
import type { Interruption } from '../cli-io.ts';
import type { CellOutcome, CellTask } from './run-cell.ts';
import { runCell } from './run-cell.ts';

/** Something that runs cells: worker threads, this thread, a queue. The bytes of a cell do not depend on it. */
export interface Executor {
  /** Cells that can run at one time, at least 1; no more are given to it. */
  readonly width: number;
  /** Runs one cell; never rejects. */
  execute(task: CellTask): Promise<CellOutcome>;
  /** Asks running cells to end as `stopped`, soon. */
  interrupt(): void;
  /** Frees threads and connections; cells that still run are cut off, and their `execute` resolves. */
  close(): Promise<void>;
}

/** Runs cells in this thread, one after the other: nothing to start, nothing to be seen in parallel. */
export class InlineExecutor implements Executor {
  readonly width = 1;
  private readonly interruption: Interruption = { signal: undefined };
  private readonly traces = new TraceMemory();

  /** A short cell never gives way by itself: signals come in before it. */
  async execute(task: CellTask): Promise<CellOutcome> {
    await breathe();
    return runCell(task, this.interruption, this.traces);
  }

  interrupt(): void {
    this.interruption.signal = 'SIGINT';
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
