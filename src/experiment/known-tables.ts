import { collect, startMetrics } from '../metrics/registry.ts';
import { Recorder } from '../record/recorder.ts';

/** Names of the tables of a run, in their order: those that a run without anything in it has. */
export function knownTables(): readonly string[] {
  const run = { engineNow: () => 0, horizon: 1, step: 1, zoneOf: () => '', poolOf: () => '' };
  return [...collect(startMetrics(run, new Recorder()), 0).tables.keys()];
}
