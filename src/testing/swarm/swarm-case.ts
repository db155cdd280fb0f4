/** One scenario of the swarm: from its value to files, through the loader and the simulation, to what is wrong with it. */
import { stringify } from 'yaml';
import type { ClusterState } from '../../apiserver/cluster-state.ts';
import { readSchedulerSetup } from '../../scenario/scheduler-setup.ts';
import { Simulation } from '../../simulation.ts';
import { SECOND, parseDuration } from '../../engine/time.ts';
import { EventPhase } from '../../record/event-phases.ts';
import { assert } from '../../util/assert.ts';
import { loadFiles, messagesOf } from '../load-from-memory.ts';
import { nodeSha256 } from '../sha256.ts';
import type { SwarmScenario } from './arbitrary-scenario.ts';
import { unsettled } from './settled.ts';
import { gpuConfiguration } from './with-gpus.ts';

/** The files of a scenario, by name. */
export function filesOf({ scenario, manifests }: SwarmScenario): Readonly<Record<string, string>> {
  const objects = manifests.map((manifest) => stringify(manifest, { version: '1.1' })).join('---\n');
  return {
    'scenario.yaml': stringify(scenario, { version: '1.1' }),
    ...(manifests.length > 0 && { 'objects.yaml': objects }),
  };
}

/** Runs it under full checks. Everything that must not be, one sentence each: violations, then what is not settled at the end. */
export function problemsOf(swarm: SwarmScenario): readonly string[] {
  try {
    return brokenRules(swarm);
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}

function brokenRules(swarm: SwarmScenario): readonly string[] {
  const simulation = simulationOf(swarm);
  if (!(simulation instanceof Simulation)) return simulation;
  const before = unsettledBefore(simulation, horizonOf(swarm));
  let stop = simulation.advance(eventsPerCheck);
  while (stop.reason === 'paused') stop = simulation.advance(eventsPerCheck);
  const { violations } = simulation.finish(stop);
  return [
    ...(stop.reason === 'limit' ? [stop.message] : []),
    ...violations.map(({ check, subject, message }) => `${check}: ${subject}: ${message}`),
    ...unsettled(simulation.server.state, simulation.engine.now).filter((problem) => before.has(problem)),
  ];
}

/** Microseconds. */
function horizonOf({ scenario }: SwarmScenario): number {
  return parseDuration((scenario['spec'] as { horizon: string }).horizon)!;
}

/** What is not settled shortly before the end: what has just changed is on its way to those who have to hear of it. */
function unsettledBefore({ engine, server }: Simulation, horizonUs: number): ReadonlySet<string> {
  const problems = new Set<string>();
  const look = engine.register({
    name: 'swarm/look',
    phase: EventPhase.observers,
    handle: () => {
      for (const problem of unsettled(server.state, engine.now)) problems.add(problem);
    },
  });
  engine.at(Math.max(0, horizonUs - lookBackUs), look, 0);
  return problems;
}

/** A write, its watch event and the answer to it take less, even through a slow API server. */
const lookBackUs = 10 * SECOND;

/** The cluster at the end of a scenario that has nothing wrong with it. */
export function stateAfter(swarm: SwarmScenario): ClusterState {
  const simulation = simulationOf(swarm);
  assert(simulation instanceof Simulation, String(simulation));
  while (simulation.advance(eventsPerCheck).reason === 'paused');
  return simulation.server.state;
}

/** Ready to run, or what its files have wrong. */
function simulationOf(swarm: SwarmScenario): Simulation | readonly string[] {
  const loaded = loadFiles({
    'main.yaml': JSON.stringify(swarm.scenario),
    'objects.yaml': swarm.manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n'),
    'kube-scheduler.yaml': JSON.stringify(gpuConfiguration),
  });
  if (loaded.scenario === undefined) return messagesOf(loaded);
  const { seed, scheduler } = loaded.scenario;
  return new Simulation(loaded.scenario, {
    createHash: nodeSha256,
    scheduler: scheduler.config === undefined ? defaultScheduler! : readSchedulerSetup(loaded.scenario, []).setup!,
    check: 'full',
    ...(!/[05]$/.test(seed) && { metrics: [] }),
  });
}

const plainScheduler = {
  scheduler: {
    config: undefined,
    profile: undefined,
    plugins: [],
    tieBreak: 'uniform',
    tieSalt: 0,
    cycleCost: undefined,
  },
} as const;
/** That of scenarios without a configuration. */
const { setup: defaultScheduler } = readSchedulerSetup(plainScheduler, []);

/** The whole state is compared after each so many events. */
const eventsPerCheck = 1000;
