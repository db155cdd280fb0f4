/** What a run came to, in words: the same for the summary on the terminal and for the report. */
import type { Table } from '../record/table.ts';
import { counted, formatDuration, formatNumber, formatPercent } from './format.ts';
import { placementAnswer } from './placement-story.ts';
import { readTable } from './read-table.ts';
import type { ReportFigure, StoryItem } from './report-input.ts';
import { runFigures, servedWorkloads, unplacedPods } from './run-figures.ts';
import { actionItems } from './story-actions.ts';
import type { ToldAction } from './story-actions.ts';
import { crashLoopItems } from './story-crash-loops.ts';
import { toldFaults } from './recovery-steps.ts';
import type { ToldFault } from './recovery-steps.ts';
import { faultItems } from './story-faults.ts';

export type { ToldAction } from './story-actions.ts';

/** What the story is made of. */
export interface RunStoryInput {
  readonly tables: ReadonlyMap<string, Table>;
  /** End of the run, microseconds of virtual time. */
  readonly horizonUs: number;
  readonly actions: readonly ToldAction[];
  /** The scenario has faults: where none of them struck, that is said. */
  readonly hasFaults?: boolean;
}

/** The story of a run. */
export interface RunStory {
  /** Everything that happened, in order of time. */
  readonly story: readonly StoryItem[];
  /** The three figures that matter; fewer where the run has none. */
  readonly figures: readonly ReportFigure[];
  /** The answer in a sentence. */
  readonly answer: string;
  /** Why pods were never placed, in the words of kube-scheduler; empty where all were. */
  readonly unplacedReason: string;
}

/** Tells a run from its tables and the actions of its users. */
export function runStory({ tables, horizonUs, actions, hasFaults = false }: RunStoryInput): RunStory {
  const faults = toldFaults(tables, horizonUs);
  const story = [...faultItems(faults), ...actionItems(actions), ...crashLoopItems(tables)];
  return {
    story: story.sort((a, b) => a.t - b.t),
    figures: runFigures(tables),
    answer: answerOf(tables, faults, hasFaults),
    unplacedReason: unplacedPods(tables).message,
  };
}

function answerOf(tables: ReadonlyMap<string, Table>, faults: readonly ToldFault[], hasFaults: boolean): string {
  if (tables.has('placements')) return placementAnswer(tables);
  const unplaced = unplacedPods(tables).count;
  const sentences = [
    faults.length === 0 && hasFaults ? 'None of the faults of the scenario struck.' : '',
    faults.length === 0 ? undisturbed(tables) : faultSentence(faults),
    availabilitySentence(tables),
    unplaced === 0 ? '' : `${counted(unplaced, 'pod')} never found a node.`,
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

function undisturbed(tables: ReadonlyMap<string, Table>): string {
  const pods = readTable(tables, 'pods', ['started_t_s', 'ready_t_s']);
  const arrived = pods.filter((pod) => pod.ready_t_s !== undefined || pod.started_t_s !== undefined).length;
  if (pods.length === 0) return 'No pod was ever created.';
  if (pods.length === 1 && arrived === 1) return 'The pod got running.';
  if (arrived === pods.length) return `All ${counted(pods.length, 'pod')} got running.`;
  return `${formatNumber(arrived)} of ${counted(pods.length, 'pod')} got running.`;
}

function faultSentence(faults: readonly ToldFault[]): string {
  const lost = faults.reduce((sum, fault) => sum + fault.podsLost, 0);
  const cost = `${counted(faults.length, 'fault')} cost ${lost === 0 ? 'no pod' : counted(lost, 'pod')}`;
  const open = faults.filter((fault) => fault.hitsAnything && fault.recoveredAt === undefined).length;
  if (open > 0) return `${cost}, and recovery${openOnes(open, faults.length)} was not complete by the end.`;
  if (lost === 0) return `${cost}.`;
  const costly = faults.filter(({ podsLost }) => podsLost > 0);
  const longest = costly.reduce((most, fault) => Math.max(most, (fault.recoveredAt ?? 0) - fault.startsAt), 0);
  const bare = faults.reduce((sum, fault) => sum + fault.barePodsLost, 0);
  if (bare === lost) return `${cost}, which no controller replaces.`;
  if (lost === 1) return `${cost}, which was replaced and ready again ${formatDuration(longest)} after the fault.`;
  const stay = `${formatNumber(bare)} without a controller ${bare === 1 ? 'stays' : 'stay'} lost`;
  if (lost - bare === 1)
    return `${cost}; ${stay}, the other was replaced and ready again ${formatDuration(longest)} after the fault.`;
  const which = bare === 0 ? 'all' : `${stay}, the others`;
  return `${cost}; ${which} were replaced and ready again, at the latest ${formatDuration(longest)} after the fault.`;
}

/** From how many of the faults; nothing where that is from all. */
function openOnes(open: number, all: number): string {
  return open === all ? '' : ` from ${formatNumber(open)} of them`;
}

function availabilitySentence(tables: ReadonlyMap<string, Table>): string {
  const served = servedWorkloads(tables);
  const [lowest] = served;
  if (lowest === undefined) return '';
  if (lowest.availability >= 1) return 'No workload was ever below its wish.';
  const most = served.length === 1 ? '' : ' suffered most: it';
  const short = `short of them for ${formatDuration(lowest.unavailableUs)}`;
  return `${lowest.name}${most} had all its pods ready ${formatPercent(lowest.availability)} of the time, ${short}.`;
}
