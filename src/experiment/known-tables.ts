import { collect, startMetrics } from '../metrics/registry.ts';
import { Recorder } from '../record/recorder.ts';

/** Tables of runs with devices, and of a trace that is replayed in order. */
const deviceTables = ['gpu_timeseries', 'fragmentation', 'typical_pods'];
const replayTables = ['arrived_load', 'failed_pods', 'placements', 'node_devices'];

/** Names of the tables that runs can have: those of a run without anything in it, in their order, and those of runs with devices and of replays. */
export function knownTables(): readonly string[] {
  const run = { engineNow: () => 0, horizon: 1, step: 1, zoneOf: () => '', poolOf: () => '' };
  return [
    ...new Set([...collect(startMetrics(run, new Recorder()), 0).tables.keys(), ...deviceTables, ...replayTables]),
  ];
}
