/** Runs a scenario that exists only in a test, under full checks. */
import type { Facts } from '../record/facts.ts';
import { readSchedulerSetup } from '../scenario/scheduler-setup.ts';
import type { RunResult } from '../simulation.ts';
import { Simulation } from '../simulation.ts';
import { assert } from '../util/assert.ts';
import type { FileTable } from './load-from-memory.ts';
import { soundScenario } from './load-from-memory.ts';
import { nodeSha256 } from './sha256.ts';

export interface SpecRun {
  readonly simulation: Simulation;
  readonly result: RunResult;
}

/** Runs `spec` (horizon one hour) to its end; fails where an invariant does not hold. */
export function runSpec(
  spec: string,
  files: FileTable = {},
  observerOf?: (now: () => number) => Partial<Facts>,
): SpecRun {
  const scenario = soundScenario(spec, files);
  const { setup } = readSchedulerSetup(scenario, []);
  const started: Simulation[] = [];
  const now = (): number => started[0]?.engine.now ?? 0;
  const observers = observerOf === undefined ? [] : [observerOf(now)];
  const options = { createHash: nodeSha256, scheduler: setup!, check: 'full', observers } as const;
  const simulation = new Simulation(scenario, options);
  started.push(simulation);
  let stop = simulation.advance(20_000);
  while (stop.reason === 'paused') stop = simulation.advance(20_000);
  const result = simulation.finish(stop);
  assert(result.violations.length === 0, JSON.stringify(result.violations[0]));
  return { simulation, result };
}
