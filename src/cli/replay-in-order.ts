/** Replays a trace in order from beginning to end; needs none of the components, which take some tenths of a second to be loaded. */
import { PlacementReplay } from '../placement-replay.ts';
import type { AnswerMemory } from '../scheduler/framework/framework-services.ts';
import { breathe } from './cli-io.ts';
import type { CliIo } from './cli-io.ts';
import { sha256 } from './node-hash.ts';
import type { PreparedRun } from './prepare.ts';
import { refuseProblems } from './simulated-run.ts';
import type { SimulateOptions, SimulatedRun, StoppedRun } from './simulated-run.ts';

/** Offers between two looks at signals: some tenths of a second. */
const SLICE_OFFERS = 1024;

/** Runs a prepared scenario that has no clock. */
export async function replayInOrder(
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
  const { scenario, scheduler } = run;
  const replay = new PlacementReplay(scenario, { createHash: sha256, scheduler, memory });
  refuseProblems(run, replay.problems);
  return replay;
}
