/** What the real control plane did, second by second: `conformance/timelines/README.md`. */
import { pathToFileURL } from 'node:url';
import { replayTimeline } from '../src/testing/timelines/replay-timeline.ts';
import { readTimelines } from '../src/testing/timelines/timeline-case.ts';
import { CommandError } from '../src/testing/command-error.ts';
import { FamilyTally, missOf } from './family-tally.ts';
import { familyFile } from './recording-folder.ts';
import type { ConformanceSuite, FamilyReport, SuiteOptions } from './suite.ts';

export const timelines: ConformanceSuite = {
  name: 'timelines',
  description: 'controllers, scheduler and API server together: sequences, counts, events, victims, and their times',
  columns: ['exact items', 'missed', 'times', 'times missed'],
  timeColumns: ['times', 'times missed'],
  run: runTimelines,
};

/** A family is a kind of case. */
function runTimelines({ dir, family, caseId }: SuiteOptions, onFamily: (report: FamilyReport) => void): void {
  const cases = readTimelines(pathToFileURL(`${dir}/`)).filter(
    ({ id, kind }) => (caseId === undefined || id === caseId) && (family === undefined || kind === family),
  );
  if (cases.length === 0) throw new CommandError(`no such case in ${dir}`);
  for (const kind of new Set(cases.map((recorded) => recorded.kind))) {
    const tally = new FamilyTally(kind, dir);
    for (const recorded of cases) {
      if (recorded.kind !== kind) continue;
      const { id, exact, exactMisses, times, timeMisses, largestDifferenceS, agrees } = replayTimeline(recorded);
      tally.timeDifference(largestDifferenceS);
      const counts = { 'exact items': exact, missed: exactMisses.length, times, 'times missed': timeMisses.length };
      for (const [what, count] of Object.entries(counts)) tally.count(what, count);
      const misses = [
        ...exactMisses.map((text) => missOf(id, 'exact item', text)),
        ...timeMisses.map((text) => missOf(id, 'time', text)),
      ].map((miss) => ({ ...miss, file: familyFile(dir, id, '.json.gz') }));
      tally.addJudged(1, agrees, misses);
    }
    onFamily(tally.report());
  }
}
