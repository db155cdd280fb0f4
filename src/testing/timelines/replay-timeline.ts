/** One recorded timeline, played again and judged. */
import { compareTimeline } from './compare.ts';
import type { TimelineResult } from './compare.ts';
import type { TieBreak } from '../../scheduler/select-host.ts';
import { playTimeline } from './replay.ts';
import { watchPaces } from './recorded-machine.ts';
import type { RecordedRun, TimelineCase } from './timeline-case.ts';

const playsMax = 32;

/**
 * Plays go through the paces of the machine in turn, and of each pace one in two has nodes in one order, one has equally good nodes
 * drawn, since upstream's 16 workers race through them. Each run is played in all six ways before the next one.
 */
const tieBreaks: readonly TieBreak[] = ['heap', 'uniform'];
const ways = watchPaces.length * tieBreaks.length;

/**
 * Plays a case with the times of one of its runs that nothing slowed down, and compares. The phases of the controllers' passes are
 * free, and so is who wins a race: a recording is one draw of them, and the real control plane, played again, settles them anew too.
 * Another seed draws them again, with the times of the next run, until one agrees in everything or the best of several stands.
 */
export function replayTimeline(recorded: TimelineCase, plays = playsMax): TimelineResult {
  const runs = freeRuns(recorded);
  let best: TimelineResult | undefined;
  for (let play = 0; play < plays; play++) {
    const run = runs[Math.floor(play / ways) % runs.length]!;
    const pace = watchPaces[play % watchPaces.length];
    const ties = tieBreaks[play % tieBreaks.length];
    const result = compareTimeline(recorded, run, playTimeline(recorded, run, `timeline-${play + 1}`, pace, ties));
    if (best === undefined || missesOf(result) < missesOf(best)) best = result;
    if (best.agrees) break;
  }
  return best!;
}

function missesOf({ exactMisses, timeMisses }: TimelineResult): number {
  return 1000 * exactMisses.length + timeMisses.length;
}

/** The runs that nothing slowed down, or the first one. */
function freeRuns({ runs }: TimelineCase): readonly RecordedRun[] {
  const free = runs.filter(({ throttled }) => throttled === undefined);
  return free.length > 0 ? free : runs.slice(0, 1);
}
