/**
 * A kubelet's heartbeat as arithmetic: it renews its lease and looks at its node's status once in a period, at times that
 * are a function of the node, and nothing is simulated for it.
 */

/** Times in microseconds. */
export interface Heartbeat {
  /** The first renewal of the present spell of contact. */
  readonly firstAt: number;
  readonly periodUs: number;
  /** Contact ends just before this moment; Infinity while it lasts. */
  readonly silentAt: number;
}

/** The newest renewal at or before `now`; -1 where there was none since time began. */
export function lastRenewal({ firstAt, periodUs, silentAt }: Heartbeat, now: number): number {
  const last = lastAtOrBefore(firstAt, periodUs, silentAt <= now ? silentAt - 1 : now);
  return last < 0 ? -1 : last;
}

/** The newest of firstAt, firstAt + period, ... that is at or before `time`; -1 where even the first is later. */
function lastAtOrBefore(firstAt: number, periodUs: number, time: number): number {
  if (time < firstAt) return -1;
  return time - ((time - firstAt) % periodUs);
}

/** The first of phase + k * period, k an integer, at or after `time`; 0 <= phase < period. */
export function nextAtOrAfter(phaseUs: number, periodUs: number, time: number): number {
  const past = (((time - phaseUs) % periodUs) + periodUs) % periodUs;
  return past === 0 ? time : time + periodUs - past;
}
