/** What comes of simulating a run, and how it is asked for. */
import type { HistoryDump } from '../engine/event-history.ts';
import type { ToldAction } from '../report/run-story.ts';
import type { RunResult, SimulationOptions } from '../simulation.ts';
import { CliError } from './cli-error.ts';
import type { StopSignal } from './cli-io.ts';
import type { PreparedRun } from './prepare.ts';

/** How much is checked on the way. */
export type CheckLevel = NonNullable<SimulationOptions['check']>;

/** A run that came to its end, or to a limit. */
export interface SimulatedRun {
  readonly result: RunResult;
  readonly actions: readonly ToldAction[];
  readonly zoneCount: number;
  /** What happened last, where a limit ended the run. */
  readonly dump: HistoryDump | undefined;
  /** Milliseconds of real time. */
  readonly realMs: number;
}

/** Stopped by a signal. */
export interface StoppedRun {
  readonly signal: StopSignal;
}

/** How a run is simulated. */
export interface SimulateOptions {
  readonly check: CheckLevel;
  readonly isQuiet: boolean;
  /** What node-local plugins have said is asked anew each time and compared. */
  readonly isVerified: boolean;
}

/** @throws CliError where the profile of the scheduler must not be run. */
export function refuseProblems({ file }: PreparedRun, problems: readonly string[]): void {
  if (problems.length > 0) throw new CliError(`${file}: ${problems.join('\n')}\nnothing was run.`);
}
