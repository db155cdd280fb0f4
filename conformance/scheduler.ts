/** Decisions of the real kube-scheduler and steps of its queue: `conformance/scheduler/README.md`. */
import { replayQueue } from '../src/testing/queue-replay.ts';
import type { RecordedCase, RecordedQueueCase } from '../src/testing/scheduler-recordings.ts';
import type { Difference } from '../src/testing/scheduler-replay.ts';
import { newTally, replay } from '../src/testing/scheduler-replay.ts';
import { CommandError } from '../src/testing/command-error.ts';
import { FamilyTally } from './family-tally.ts';
import { familiesIn, familyFile, readCases } from './recording-folder.ts';
import type { ConformanceSuite, SuiteOptions, FamilyReport } from './suite.ts';

/** Columns of the table, each with the kinds of comparisons of the replay that it adds up. */
const columns: ReadonlyMap<string, readonly string[]> = new Map([
  ['pods', []],
  ['node verdicts', ['verdicts']],
  ['scores', ['normalized scores']],
  ['preemptions', ['preemptions']],
  ['queue steps', []],
]);

/** Replays each case by its own format, whatever its file is called. */
export const scheduler: ConformanceSuite = {
  name: 'scheduler',
  description: 'decisions of kube-scheduler: verdicts, scores, best nodes, messages, preemption, queue',
  columns: [...columns.keys()],
  run: runScheduler,
};

function runScheduler({ dir, family, caseId }: SuiteOptions, onFamily: (report: FamilyReport) => void): void {
  let found = 0;
  for (const name of familiesIn(dir, family)) {
    const tally = new FamilyTally(name, familyFile(dir, name));
    for (const { line, value } of readCases(tally.file)) {
      const recorded = value as Partial<RecordedCase & RecordedQueueCase>;
      if (caseId !== undefined && recorded.id !== caseId) continue;
      found++;
      replayCase(recorded, line, tally);
    }
    if (tally.cases > 0) onFamily(tally.report());
  }
  if (caseId !== undefined && found === 0) throw new CommandError(`no case "${caseId}" in ${dir}`);
}

function replayCase(recorded: Partial<RecordedCase & RecordedQueueCase>, line: number, family: FamilyTally): void {
  try {
    if (recorded.steps !== undefined) replaySteps(recorded as RecordedQueueCase, line, family);
    else if (recorded.expect !== undefined) replayDecisions(recorded as RecordedCase, line, family);
    else family.addCase(line, [], new Map([['neither "expect" nor "steps": unknown format', 1]]));
  } catch (error) {
    const got = error instanceof Error ? (error.stack ?? error.message) : String(error);
    family.addCase(line, [{ case: String(recorded.id), where: '', what: 'replay', expected: 'an end', got }]);
  }
}

function replayDecisions(recorded: RecordedCase, line: number, family: FamilyTally): void {
  const tally = newTally();
  replay(recorded, tally);
  family.count('pods', recorded.expect.length);
  for (const [column, kinds] of columns) for (const kind of kinds) family.count(column, tally.compared.get(kind) ?? 0);
  family.addCase(line, [...lengthDifferences(recorded), ...tally.differences]);
}

/** A case whose pods and expectations do not belong together would be compared in part only. */
function lengthDifferences({ id, pods, expect }: RecordedCase): readonly Difference[] {
  if (pods.length === expect.length) return [];
  const [expected, got] = [String(pods.length), String(expect.length)];
  return [{ case: id, where: 'expect', what: 'number of entries', expected, got }];
}

function replaySteps(recorded: RecordedQueueCase, line: number, family: FamilyTally): void {
  const { steps, difference } = replayQueue(recorded);
  family.count('queue steps', steps);
  family.addCase(line, difference === undefined ? [] : [difference]);
}
