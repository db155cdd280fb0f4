/** What a pod uses as a function of time, by arithmetic: the mean over any span is known without events. Pure. */

/** So much of a resource: in its unit (cpu: milli), or as a share of what the pod requests. */
export interface UsageAmount {
  readonly value: number;
  /** `value` is a fraction of the request. */
  readonly isShare: boolean;
}

/** An amount from a time on, microseconds since the beginning of the run or of a period. */
export interface UsageStep {
  readonly from: number;
  readonly amount: UsageAmount;
}

/** How an amount changes; times in microseconds. */
export type UsageCurve =
  | {
      readonly type: 'steps';
      /** Ascending, the first one from 0. */
      readonly steps: readonly UsageStep[];
      /** Begins again after so long; undefined = never. */
      readonly period: number | undefined;
    }
  | {
      readonly type: 'sine';
      readonly low: UsageAmount;
      readonly high: UsageAmount;
      readonly period: number;
      /** When it is highest for the first time. */
      readonly peak: number;
    };

/** The mean over [from, to) in the unit of the resource, given what the pod requests. */
export function meanUsage(curve: UsageCurve, request: number, from: number, to: number): number {
  const amountOf = ({ value, isShare }: UsageAmount): number => (isShare ? value * request : value);
  if (curve.type === 'steps')
    return (stepsUntil(curve, amountOf, to) - stepsUntil(curve, amountOf, from)) / (to - from);
  const low = amountOf(curve.low);
  const swing = (amountOf(curve.high) - low) / 2;
  const turn = (time: number): number => sineOfTurns((time - curve.peak) / curve.period);
  const meanOfCosine = ((turn(to) - turn(from)) * curve.period) / (2 * Math.PI * (to - from));
  return low + swing * (1 + meanOfCosine);
}

/** The value at a time, in the unit of the resource. */
export function usageAt(curve: UsageCurve, request: number, time: number): number {
  const amountOf = ({ value, isShare }: UsageAmount): number => (isShare ? value * request : value);
  if (curve.type === 'steps') return amountOf(stepAt(curve, time).amount);
  const low = amountOf(curve.low);
  // A cosine is a sine a quarter turn later.
  const wave = sineOfTurns((time - curve.peak) / curve.period + 0.25);
  return low + ((amountOf(curve.high) - low) / 2) * (1 + wave);
}

/** The most that a curve ever comes to. */
export function highest(curve: UsageCurve, request: number): number {
  const amountOf = ({ value, isShare }: UsageAmount): number => (isShare ? value * request : value);
  if (curve.type === 'sine') return Math.max(amountOf(curve.low), amountOf(curve.high));
  return Math.max(...curve.steps.map(({ amount }) => amountOf(amount)));
}

/** When steps change next, later than `time`; Infinity = never. A sine has no such time. */
export function nextChange(curve: UsageCurve, time: number): number {
  if (curve.type === 'sine') return Infinity;
  const { steps, period } = curve;
  if (steps.length === 1) return Infinity;
  const begin = period === undefined ? 0 : Math.floor(time / period) * period;
  const next = steps.find(({ from }) => begin + from > time);
  if (next !== undefined) return begin + next.from;
  return period === undefined ? Infinity : begin + period;
}

function stepAt({ steps, period }: Extract<UsageCurve, { type: 'steps' }>, time: number): UsageStep {
  const since = period === undefined ? time : time - Math.floor(time / period) * period;
  return steps.findLast(({ from }) => from <= since) ?? steps[0]!;
}

/** The integral from 0 to a time. */
function stepsUntil(
  { steps, period }: Extract<UsageCurve, { type: 'steps' }>,
  amountOf: (amount: UsageAmount) => number,
  time: number,
): number {
  const upTo = (end: number): number => {
    let sum = 0;
    for (const [at, { from, amount }] of steps.entries()) {
      const until = Math.min(end, steps[at + 1]?.from ?? end);
      if (until > from) sum += amountOf(amount) * (until - from);
    }
    return sum;
  };
  if (period === undefined) return upTo(time);
  const whole = Math.floor(time / period);
  return (whole === 0 ? 0 : whole * upTo(period)) + upTo(time - whole * period);
}

/**
 * sin(2 pi x), within 1e-15. Engines differ in the last bits of their own sine, and a run is to be the same on all of them.
 */
export function sineOfTurns(x: number): number {
  const turns = x - Math.floor(x);
  // sin(pi - a) = sin(a) and sin(-a) = -sin(a): an angle of a quarter turn at most is left.
  const half = turns < 0.5 ? turns : 1 - turns;
  const sine = seriesOfSine(2 * Math.PI * Math.min(half, 0.5 - half));
  return turns < 0.5 ? sine : -sine;
}

/** The Taylor series, from its smallest term; the angle is at most pi / 2. */
function seriesOfSine(angle: number): number {
  const square = angle * angle;
  let sum = 1;
  for (let n = seriesLength; n > 0; n--) sum = 1 - (square / (2 * n * (2 * n + 1))) * sum;
  return angle * sum;
}

const seriesLength = 12;

/**
 * What falls to one pod of a load that all ready pods of a workload share equally: the mean over [from, to).
 *
 * @param readySince when each ready pod became ready, ascending; `since` is one of them.
 */
export function meanShare(
  curve: UsageCurve,
  since: number,
  readySince: readonly number[],
  from: number,
  to: number,
): number {
  let used = 0;
  let count = 0;
  for (let at = Math.max(from, since); at < to;) {
    while (count < readySince.length && readySince[count]! <= at) count++;
    const until = Math.min(to, readySince[count] ?? to);
    used += (meanUsage(curve, 0, at, until) * (until - at)) / count;
    at = until;
  }
  return used / (to - from);
}
