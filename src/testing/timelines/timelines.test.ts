import { describe, expect, it } from 'vitest';
import { compareTimeline } from './compare.ts';
import { replayTimeline } from './replay-timeline.ts';
import { readTimelines } from './timeline-case.ts';

/**
 * Cases that do not agree; one that begins to agree has to leave the list. The real control plane 1.37.2 was played again with the same
 * operations, each case once or twice, the short ones alone in a cluster: no play agrees with its recording, and each misses at least as many
 * sequences and counts as the simulation.
 */
const open: ReadonlySet<string> = new Set([
  // One run that met pauses of the whole machine, or a controller that other cases slowed down throughout.
  'burst-deployments-40x5',
  'burst-job-200',
  'deploy-scale-during-rollout-x3',
  // One run, and several races of the EndpointSlice controller that it settles in one way: a slice from a stale cache, put right a
  // second later.
  'deploy-broken-image-default-deadline',
  'deploy-roll-minready',
  'node-silent-four-of-eight',
  'zone-all-down',
  // Attempts that pods of other cases in the same cluster have caused: alone the real one makes 22 instead of 23 to 26, as the simulation
  // does, and 4 or 5 instead of 7 to 10.
  'sched-backoff-growth',
  'sched-preempt-contended',
  // One recording of 81 nodes, of which 48 fail, in the order of a map of Go: the sizes of 25 batches are its own.
  'zone-outage',
]);

const cases = readTimelines();
const kinds = [...new Set(cases.map(({ kind }) => kind))];

describe('timelines of the real control plane 1.37', () => {
  it('agree, run by run, with what was derived from them', () => {
    let exact = 0;
    const misses: string[] = [];
    for (const recorded of cases) {
      for (const run of recorded.runs) {
        if (run.observed === undefined || run.throttled !== undefined) continue;
        const result = compareTimeline(recorded, run, run.observed);
        exact += result.exact;
        misses.push(...result.exactMisses);
      }
    }
    expect(misses).toEqual([]);
    expect(exact).toBeGreaterThan(23_000);
  }, 120_000);

  it.each(kinds)(
    'of kind %s happen in the simulation as they were recorded, but for those that are listed',
    (kind) => {
      const played = cases.filter((recorded) => recorded.kind === kind);
      const results = played.map((recorded) => replayTimeline(recorded));
      const disagreeing = results.filter(({ agrees }) => !agrees);
      const unexpected = disagreeing.filter(({ id }) => !open.has(id));
      expect(unexpected.map(({ id, exactMisses, timeMisses }) => ({ id, exactMisses, timeMisses }))).toEqual([]);
      expect(disagreeing.map(({ id }) => id)).toEqual(played.map(({ id }) => id).filter((id) => open.has(id)));
    },
    120_000,
  );
});
