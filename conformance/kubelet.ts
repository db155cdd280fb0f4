/** What the real kubelet did with scripted containers: `conformance/kubelet/README.md`. */
import { agrees } from '../src/testing/kubelet-replay/compare.ts';
import { readKubeletCases } from '../src/testing/kubelet-replay/recording.ts';
import { replayKubeletCase } from '../src/testing/kubelet-replay/replay.ts';
import { CommandError } from '../src/testing/command-error.ts';
import { FamilyTally, missOf } from './family-tally.ts';
import { familiesIn, familyFile } from './recording-folder.ts';
import type { ConformanceSuite, FamilyReport, SuiteOptions } from './suite.ts';

const ending = '.json.gz';

export const kubelet: ConformanceSuite = {
  name: 'kubelet',
  description:
    'pods on the real kubelet: sequences of states, calls of the runtime, probes and events, and their times',
  columns: ['sequences', 'missed', 'times', 'times missed'],
  timeColumns: ['times', 'times missed'],
  run: runKubelet,
};

function runKubelet({ dir, family, caseId }: SuiteOptions, onFamily: (report: FamilyReport) => void): void {
  let found = 0;
  for (const name of familiesIn(dir, family, ending)) {
    const tally = new FamilyTally(name, familyFile(dir, name, ending));
    for (const [at, recorded] of readKubeletCases(dir, name).entries()) {
      if (caseId !== undefined && recorded.id !== caseId) continue;
      found++;
      const result = replayKubeletCase(recorded);
      const { id, tracks, times, trackMisses, timeMisses, largestDifferenceS } = result;
      tally.timeDifference(largestDifferenceS);
      const counts = { sequences: tracks, missed: trackMisses.length, times, 'times missed': timeMisses.length };
      for (const [what, count] of Object.entries(counts)) tally.count(what, count);
      const misses = [
        ...trackMisses.map((text) => missOf(id, 'sequence', text)),
        ...timeMisses.map((text) => missOf(id, 'time', text)),
      ];
      tally.addJudged(at + 1, agrees(result), misses);
    }
    if (tally.cases > 0) onFamily(tally.report());
  }
  if (caseId !== undefined && found === 0) throw new CommandError(`no case "${caseId}" in ${dir}`);
}
