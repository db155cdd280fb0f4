/** Lets one simulation run to its end, slice by slice: progress is shown and signals are heard in between. */
import type { HistoryDump } from '../engine/event-history.ts';
import type { Facts } from '../record/facts.ts';
import type { ToldAction } from '../report/run-story.ts';
import { PlacementReplay, isPlacementReplay } from '../placement-replay.ts';
import type { AnswerMemory } from '../scheduler/framework/framework-services.ts';
import { Simulation } from '../simulation.ts';
import type { RunResult, SimulationOptions } from '../simulation.ts';
import { CliError } from './cli-error.ts';
import { breathe } from './cli-io.ts';
import type { CliIo, StopSignal } from './cli-io.ts';
import { sha256 } from './node-hash.ts';
import type { PreparedRun } from './prepare.ts';
import { startProgress } from './progress.ts';

/** Events between two looks at signals and progress: some tenths of a second. */
const SLICE_EVENTS = 65_536;

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

/** Runs a prepared scenario from beginning to end. */
export async function simulate(
  run: PreparedRun,
  io: CliIo,
  options: SimulateOptions,
): Promise<SimulatedRun | StoppedRun> {
  const { scenario } = run;
  if (isPlacementReplay(scenario)) return replayInOrder(run, io, options);
  const startedAt = performance.now();
  const actions: ToldAction[] = [];
  const simulation = newSimulation(run, {
    check: options.check,
    ...(options.isVerified && { memory: 'verified' }),
    observers: [actionObserver(() => simulation.engine.now, actions)],
  });
  const progress = await startProgress(io, scenario.name, scenario.horizon, options.isQuiet);
  try {
    for (;;) {
      const stop = simulation.advance(SLICE_EVENTS);
      if (stop.reason !== 'paused') {
        const dump = stop.reason === 'limit' ? simulation.engine.dump() : undefined;
        const result = simulation.finish(stop);
        const realMs = performance.now() - startedAt;
        return { result, actions, zoneCount: zoneCountOf(result), dump, realMs };
      }
      progress.update(simulation.engine.now, simulation.engine.eventCount);
      await breathe();
      if (io.interruption.signal !== undefined) return { signal: io.interruption.signal };
    }
  } finally {
    progress.stop();
  }
}

/** Offers between two looks at signals: some tenths of a second. */
const SLICE_OFFERS = 1024;

/** The same for a trace that is replayed in order. */
async function replayInOrder(
  run: PreparedRun,
  io: CliIo,
  { isVerified }: SimulateOptions,
): Promise<SimulatedRun | StoppedRun> {
  const startedAt = performance.now();
  const replay = newPlacementReplay(run, isVerified ? 'verified' : 'on');
  for (;;) {
    const stop = replay.advance(SLICE_OFFERS);
    if (stop.reason !== 'paused') {
      const result = replay.finish(stop);
      return { result, actions: [], zoneCount: 0, dump: undefined, realMs: performance.now() - startedAt };
    }
    await breathe();
    if (io.interruption.signal !== undefined) return { signal: io.interruption.signal };
  }
}

/** A replay in order of a prepared run that has not begun. */
export function newPlacementReplay(run: PreparedRun, memory: AnswerMemory): PlacementReplay {
  const replay = new PlacementReplay(run.scenario, { createHash: sha256, scheduler: run.scheduler, memory });
  refuseProblems(run, replay.problems);
  return replay;
}

function refuseProblems({ file }: PreparedRun, problems: readonly string[]): void {
  if (problems.length > 0) throw new CliError(`${file}: ${problems.join('\n')}\nnothing was run.`);
}

/** A simulation of a prepared run that has not begun. */
export function newSimulation(
  run: PreparedRun,
  options: Pick<SimulationOptions, 'check' | 'observers' | 'onEvent' | 'metrics' | 'memory'>,
): Simulation {
  if (isPlacementReplay(run.scenario)) {
    throw new CliError(
      `${run.file}: a trace that is replayed in order has no events; its decisions are in placements.csv`,
    );
  }
  const simulation = new Simulation(run.scenario, { ...options, createHash: sha256, scheduler: run.scheduler });
  refuseProblems(run, simulation.scheduler.problems);
  return simulation;
}

function actionObserver(now: () => number, actions: ToldAction[]): Partial<Facts> {
  return {
    userAction: ({ verb, target, ...rest }) => {
      const told: { readonly startedAt?: number; readonly message?: string } = rest;
      actions.push({ t: told.startedAt ?? now(), verb, target, message: told.message ?? '' });
    },
  };
}

function zoneCountOf({ tables }: RunResult): number {
  const nodes = tables.get('nodes');
  if (nodes === undefined) return 0;
  const column = nodes.columns.findIndex(({ name }) => name === 'zone');
  const zones = new Set<unknown>();
  for (const row of nodes.rows) if (row[column] !== undefined) zones.add(row[column]);
  return zones.size;
}
