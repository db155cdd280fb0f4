/** Ways to lay out occurrences in time. */
import type { Distribution } from '../engine/distributions.ts';
import type { RandomStream } from '../engine/random.ts';
import type { Occurrence } from './fault.ts';

/** Exactly one span. `duration` undefined = for ever. */
export function once(
  target: string,
  nodes: readonly string[],
  at: number,
  duration: number | undefined,
): readonly Occurrence[] {
  return [{ target, nodes, startsAt: at, endsAt: duration === undefined ? undefined : at + duration }];
}

/** Drawn spans in turn with drawn gaps: an alternating renewal process. Without `repair` the first span never ends. */
export function* renewal(
  target: string,
  nodes: readonly string[],
  interval: Distribution,
  repair: Distribution | undefined,
  random: RandomStream,
  horizon: number,
): Generator<Occurrence> {
  let at = 0;
  for (;;) {
    at += Math.max(1, Math.round(interval.sample(random)));
    if (at > horizon) return;
    if (repair === undefined) {
      yield { target, nodes, startsAt: at, endsAt: undefined };
      return;
    }
    const endsAt = at + Math.max(1, Math.round(repair.sample(random)));
    yield { target, nodes, startsAt: at, endsAt };
    at = endsAt;
  }
}

/** The same times with what `change` makes of each occurrence. */
export function* withEach(
  occurrences: Iterable<Occurrence>,
  change: (occurrence: Occurrence) => Occurrence,
): Generator<Occurrence> {
  for (const occurrence of occurrences) yield change(occurrence);
}
