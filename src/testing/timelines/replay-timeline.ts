/** One recorded timeline, played again and judged. */
import { compareTimeline } from './compare.ts';
import type { TimelineResult } from './compare.ts';
import { playTimeline } from './replay.ts';
import type { RecordedRun, TimelineCase } from './timeline-case.ts';

/**
 * Plays of a case: half of them on a machine whose watches are prompt, half where they are late; and of each half one in two with
 * nodes in one order, one with equally good nodes drawn, since upstream's 16 workers race through them.
 */
const playsMax = 32;

/**
 * Plays a case with the times of one of its runs that nothing slowed down, and compares. The phases of the controllers' passes are
 * free, and so is who wins a race: a recording is one draw of them, and the real control plane, played again, settles them anew too.
 * Another seed draws them again, with the times of the next run, until one agrees in everything or the best of several stands.
 */
export function replayTimeline(recorded: TimelineCase, plays = playsMax): TimelineResult {
  const runs = freeRuns(recorded);
  let best: TimelineResult | undefined;
  for (let play = 1; play <= plays; play++) {
    const run = runs[(play - 1) % runs.length]!;
    const pace = play % 2 === 1 ? 'prompt' : 'late';
    const ties = play % 4 === 1 || play % 4 === 2 ? 'heap' : 'uniform';
    const result = compareTimeline(recorded, run, playTimeline(recorded, run, `timeline-${play}`, pace, ties));
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
