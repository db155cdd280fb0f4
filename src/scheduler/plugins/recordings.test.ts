import { describe, expect, it } from 'vitest';
import { readRecordings, recordedFamilies } from '../../testing/scheduler-recordings.ts';
import { newTally, replay } from '../../testing/scheduler-replay.ts';

/** Decisions, verdicts on nodes and scores of each family that are compared; the rest belongs to plugins of later versions. */
const comparedOf = {
  resources: { decisions: 1517, verdicts: 16956, 'normalized scores': 27445 },
  'node-selection': { decisions: 1096, verdicts: 12738, 'normalized scores': 31663 },
  taints: { decisions: 907, verdicts: 10747, 'normalized scores': 21932 },
  ports: { decisions: 1083, verdicts: 9090, 'normalized scores': 26452 },
  images: { decisions: 669, verdicts: 8066, 'normalized scores': 28270 },
  spread: { decisions: 1956, verdicts: 23267, 'normalized scores': 74681 },
  'spread-default': { decisions: 986, verdicts: 12053, 'normalized scores': 47941 },
  'inter-pod-affinity': { decisions: 1951, verdicts: 23457, 'normalized scores': 58541 },
  volumes: { decisions: 1343, verdicts: 13381, 'normalized scores': 29208 },
  misc: { decisions: 634, verdicts: 2161, 'normalized scores': 5952, preemptions: 41 },
  preemption: { decisions: 600, verdicts: 3419, 'normalized scores': 1305, preemptions: 99 },
};

const isOfOthers = (what: string): boolean => ['raw scores', 'normalized scores'].includes(what);

describe('decisions of the real kube-scheduler 1.37', () => {
  it.each(recordedFamilies)(
    'are repeated in every case of the family %s',
    (family) => {
      const tally = newTally();
      for (const recorded of readRecordings(family)) replay(recorded, tally);
      expect(tally.differences.slice(0, 10)).toEqual([]);
      expect(tally.differences).toHaveLength(0);
      // So that a case which is not compared any more cannot pass for one that agrees.
      expect(Object.fromEntries(tally.compared)).toMatchObject(comparedOf[family]);
      // What is left out belongs to plugins that are not here: in preemption to InterPodAffinity and PodTopologySpread.
      expect([...tally.skipped.keys()].filter((what) => !isOfOthers(what)).sort()).toEqual(
        family === 'preemption' ? ['decisions', 'preemptions', 'verdicts'] : [],
      );
    },
    120_000,
  );
});
