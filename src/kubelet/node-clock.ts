/** The clocks of a kubelet as arithmetic: the list of its containers, and its look at the queue of pods. */
import { MILLISECOND, SECOND } from '../engine/time.ts';

/**
 * A list begins one second after the end of the one before, and takes a few milliseconds; what it has found leads to syncs a
 * little later. Both are seen in recordings: containers that run for one or two seconds from a sync on are found to have ended by
 * the second list after, those that run for four seconds by the first.
 */
const relistPeriodUs = SECOND + 6 * MILLISECOND;
const relistReactionUs = 15 * MILLISECOND;

/** The first of phase + k seconds, k an integer, that is later than `time`; microseconds, as all below. */
export function nextQueueLook(phaseUs: number, time: number): number {
  return time + SECOND - modulo(time - phaseUs, SECOND);
}

/** When the syncs follow that the first list later than `time` leads to; on a slow node they follow later. */
export function reactionToNextList(phaseUs: number, time: number, slowdown = 1): number {
  return time + relistPeriodUs - modulo(time - phaseUs, relistPeriodUs) + Math.round(relistReactionUs * slowdown);
}

/** The reaction to the list after the one that `reactionAt` is the reaction to. */
export function oneListLater(reactionAt: number): number {
  return reactionAt + relistPeriodUs;
}

/** The last list whose findings are known at `time`. */
export function lastListKnown(phaseUs: number, time: number, slowdown = 1): number {
  return lastList(phaseUs, time - Math.round(relistReactionUs * slowdown));
}

/** The last list that was made by `time`. */
export function lastList(phaseUs: number, time: number): number {
  return time - modulo(time - phaseUs, relistPeriodUs);
}

function modulo(value: number, period: number): number {
  return ((value % period) + period) % period;
}
