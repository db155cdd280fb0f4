/** Arrival processes: times in ascending order, read one ahead. */
import { exponential } from '../engine/distributions.ts';
import type { Distribution } from '../engine/distributions.ts';
import type { RandomStream } from '../engine/random.ts';
import { HOUR } from '../engine/time.ts';
import type { Arrivals, GeneratorSpec } from './generator-spec.ts';

/** Gives arrival times, microseconds, ascending; undefined when there are no more. */
export interface ArrivalSource {
  next(): number | undefined;
}

/** The arrivals of a generator within its span [start, until); `times` before `start` are passed over. */
export function arrivalsOf({ arrivals, start, until }: GeneratorSpec, random: RandomStream): ArrivalSource {
  const times = timesOf(arrivals, start, random);
  const end = Math.min(until ?? Infinity, Number.MAX_SAFE_INTEGER);
  return {
    next: () => {
      let time = times.next().value;
      while (time !== undefined && time < start) time = times.next().value;
      return time !== undefined && time < end ? time : undefined;
    },
  };
}

type Times = Iterator<number, undefined>;

function timesOf(arrivals: Arrivals, start: number, random: RandomStream): Times {
  switch (arrivals.type) {
    case 'poisson':
      return renewals(exponential({ mean: HOUR / arrivals.ratePerHour }), start, random);
    case 'interval':
      return renewals(arrivals.interval, start, random);
    case 'every':
      return everyFrom(start, arrivals.periodUs);
    case 'times':
      return given(arrivals.times);
    case 'count':
      return together(start, arrivals.count);
  }
}

/** Drawn gaps, each rounded to a microsecond; of a Poisson process the gaps are exponential. */
function* renewals(gap: Distribution, start: number, random: RandomStream): Generator<number, undefined> {
  for (let time = start; ;) {
    time += Math.max(0, Math.round(gap.sample(random)));
    yield time;
  }
}

function* everyFrom(start: number, periodUs: number): Generator<number, undefined> {
  for (let time = start; ; time += periodUs) yield time;
}

function* given(times: readonly number[]): Generator<number, undefined> {
  yield* times;
}

function* together(start: number, count: number): Generator<number, undefined> {
  for (let made = 0; made < count; made++) yield start;
}
