/** Runs a scenario of a benchmark as `orrery run` does, without writing anything. */
import { join } from 'node:path';
import { cwd } from 'node:process';
import { loadScenario } from '../src/scenario/load-scenario.ts';
import { nodeFileReader } from '../src/scenario/read-files.ts';
import type { Scenario } from '../src/scenario/scenario.ts';
import { readSchedulerSetup } from '../src/scenario/scheduler-setup.ts';
import type { RunResult, SimulationOptions } from '../src/simulation.ts';
import { Simulation } from '../src/simulation.ts';
import { nodeSha256 } from '../src/testing/sha256.ts';

/** Events between two looks at the limits. */
export const sliceEvents = 65_536;

/** A simulation with the default profile; metrics and cheap checks are on unless `options` say otherwise. */
export function simulationOf(
  scenario: Scenario,
  options: Pick<SimulationOptions, 'metrics' | 'check' | 'observers'> = {},
): Simulation {
  return new Simulation(scenario, { ...options, createHash: nodeSha256, scheduler: setupOf(scenario) });
}

/** A scenario without mistakes; `path` is seen from the project's folder. */
export function scenarioOf(path: string, overrides: readonly string[] = []): Scenario {
  const { scenario, errors } = loadScenario(join(cwd(), path), {
    reader: nodeFileReader,
    overrides,
    allowOutside: true,
  });
  if (scenario === undefined) throw new Error(errors.map(({ message }) => message).join('; '));
  return scenario;
}

/** What a scenario says of its scheduler. */
export function setupOf(scenario: Scenario): SimulationOptions['scheduler'] {
  const { setup, errors } = readSchedulerSetup(scenario, []);
  if (setup === undefined) throw new Error(errors.map(({ message }) => message).join('; '));
  return setup;
}

/** Runs to the end; a broken invariant is an error. */
export function finished(simulation: Simulation): RunResult {
  let stop = simulation.advance(sliceEvents);
  while (stop.reason === 'paused') stop = simulation.advance(sliceEvents);
  const result = simulation.finish(stop);
  if (result.violations.length > 0) throw new Error(`${result.violations.length} invariants do not hold`);
  return result;
}
