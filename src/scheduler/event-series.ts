/**
 * Repeated Events of one version of a pod (client-go tools/events). The first is written, the second begins a series and is
 * written too, later ones are only counted until the series is swept up.
 */
import type { Pod } from '../api/core-v1.ts';
import { MINUTE } from '../engine/time.ts';

/** finishTime: how often series are swept, and for how long one must have been silent to be forgotten. */
const sweepUs = 6 * MINUTE;

interface Series {
  count: number;
  lastAt: number;
}

/** Series of Events of one reason. Their key contains the version of the pod, so any change of the pod begins a new one. */
export class EventSeries {
  private readonly byVersion = new WeakMap<Pod, Series>();

  /**
   * Notes an Event about a pod.
   *
   * @param now microseconds.
   * @returns its place in the series, 1 = the first.
   */
  note(pod: Pod, now: number): number {
    const known = this.byVersion.get(pod);
    const lastSweep = now - (now % sweepUs);
    if (known === undefined || lastSweep >= known.lastAt + sweepUs) {
      this.byVersion.set(pod, { count: 1, lastAt: now });
      return 1;
    }
    known.lastAt = now;
    return ++known.count;
  }
}
