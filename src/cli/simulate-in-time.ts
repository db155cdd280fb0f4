/** Lets one simulation run to its end, slice by slice: progress is shown and signals are heard in between. */
import type { Facts } from '../record/facts.ts';
import type { ToldAction } from '../report/run-story.ts';
import { isPlacementReplay } from '../placement-replay.ts';
import { Simulation } from '../simulation.ts';
import type { RunResult, SimulationOptions } from '../simulation.ts';
import { CliError } from './cli-error.ts';
import { breathe } from './cli-io.ts';
import type { CliIo } from './cli-io.ts';
import { letHeapGrow } from './heap-growth.ts';
import { sha256 } from './node-hash.ts';
import type { PreparedRun } from './prepare.ts';
import { startProgress } from './progress.ts';
import { refuseProblems } from './simulated-run.ts';
import type { SimulateOptions, SimulatedRun, StoppedRun } from './simulated-run.ts';

/** Events between two looks at signals and progress: some tenths of a second. */
const SLICE_EVENTS = 65_536;

/** Runs a prepared scenario that has a clock. */
export async function simulateInTime(
  run: PreparedRun,
  io: CliIo,
  options: SimulateOptions,
): Promise<SimulatedRun | StoppedRun> {
  const { scenario } = run;
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
  letHeapGrow();
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
