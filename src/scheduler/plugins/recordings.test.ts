import { describe, expect, it } from 'vitest';
import { readRecordings, recordedFamilies } from '../../testing/scheduler-recordings.ts';
import { newTally, replay } from '../../testing/scheduler-replay.ts';

/**
 * Verdicts on nodes and scores of each family, all that `conformance/scheduler/README.md` counts; without those of decisions
 * for a nominated node, of which the recording tells no more than that it was feasible. A case that is not compared any more
 * cannot pass for one that agrees.
 */
const comparedOf = {
  resources: [16956, 33335],
  'node-selection': [12909, 38648],
  taints: [10747, 27415],
  ports: [9090, 33065],
  images: [8100, 35201],
  spread: [23267, 90518],
  'spread-default': [12053, 58842],
  'inter-pod-affinity': [23457, 70860],
  volumes: [13381, 36510],
  misc: [2161, 7312],
  profiles: [15064, 27520],
  mixed: [22830, 41296],
  preemption: [3653, 1566],
};

describe('decisions of the real kube-scheduler 1.37', () => {
  it.each(recordedFamilies)(
    'are repeated in every case of the family %s',
    (family) => {
      const tally = newTally();
      for (const recorded of readRecordings(family)) replay(recorded, tally);
      expect(tally.differences.slice(0, 10)).toEqual([]);
      expect([tally.compared.get('verdicts'), tally.compared.get('normalized scores')]).toEqual(comparedOf[family]);
    },
    120_000,
  );
});
