/** The clocks of a kubelet as arithmetic: the relist of its containers, and its look at the queue of pods. */
import { SECOND } from '../engine/time.ts';

/** The first of phase + k seconds, k an integer, that is later than `time`; 0 <= phase < 1 s; microseconds. */
export function nextAfter(phaseUs: number, time: number): number {
  const past = (((time - phaseUs) % SECOND) + SECOND) % SECOND;
  return time + SECOND - past;
}

/** The last of phase + k seconds at or before `time`. */
export function lastAtOrBefore(phaseUs: number, time: number): number {
  return time - ((((time - phaseUs) % SECOND) + SECOND) % SECOND);
}
