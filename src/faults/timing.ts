/** When a fault strikes and how long it lasts: by script, by distribution, by the laws of a study, or by a trace. */
import { constant } from '../engine/distributions.ts';
import type { Distribution } from '../engine/distributions.ts';
import type { RandomStream } from '../engine/random.ts';
import type { ArgumentsOf, FaultDefinition, Occurrence, Parameters, TraceSpan } from './fault.ts';
import { once, renewal } from './occurrences.ts';

/** Parameters of every fault. */
export const timingParameters = {
  at: { type: 'duration', description: 'when it begins, once' },
  interval: { type: 'distribution', description: 'time from recovery to the next occurrence' },
  preset: { type: 'preset', description: 'laws of a study for interval and repair: `orrery list presets`' },
  trace: { type: 'trace', description: 'CSV file with the columns start, end, target' },
} as const;

/** Parameters of every fault that lasts. */
export const spanParameters = {
  ...timingParameters,
  duration: { type: 'duration', minimum: 1, description: 'how long it lasts; absent = until the end of the run' },
  repair: { type: 'distribution', description: 'how long it lasts, drawn per occurrence' },
} as const;

/** Arguments that say when. */
export type TimingArguments = ArgumentsOf<typeof timingParameters> &
  Partial<Pick<ArgumentsOf<typeof spanParameters>, 'duration' | 'repair'>>;

const ways = ['at', 'interval', 'preset', 'trace'] as const;

/** A contradiction in what the arguments say of times, or undefined. */
export function timingProblem(args: TimingArguments): string | undefined {
  if (ways.filter((way) => args[way] !== undefined).length !== 1)
    return 'needs exactly one of "at", "interval", "preset" and "trace"';
  const { duration, repair } = args;
  if (duration !== undefined && repair !== undefined) return 'takes "duration" or "repair", not both';
  if (args.trace !== undefined && (duration !== undefined || repair !== undefined))
    return 'the trace says how long it lasts; leave out "duration" and "repair"';
  return undefined;
}

/** The law of the gaps, where there is one. */
export function intervalOf({ interval, preset }: TimingArguments): Distribution | undefined {
  return interval ?? preset?.interval;
}

/** The law of the lengths; undefined = until the end of the run. */
export function lengthOf(
  { duration, repair, preset }: TimingArguments,
  usual?: Distribution,
): Distribution | undefined {
  if (repair !== undefined) return repair;
  return duration === undefined ? (preset?.repair ?? usual) : constant(duration);
}

/** Whether an occurrence lasts until the end of the run, by the arguments alone. */
export function isEndless(definition: Pick<FaultDefinition, 'usualLength'>, args: TimingArguments): boolean {
  if (args.trace !== undefined) return args.trace.some(({ endsAt }) => endsAt === undefined);
  return lengthOf(args, definition.usualLength) === undefined;
}

/** What is hit together, and by which clock. */
export interface SpanTarget {
  readonly target: string;
  readonly nodes: readonly string[];
  readonly random: RandomStream;
  /** Microseconds. */
  readonly horizon: number;
  readonly usualLength?: Distribution | undefined;
}

/** The occurrences at one target. Of a trace, those that name it, or all where `isOnlyTarget`. */
export function spansOf(args: TimingArguments, what: SpanTarget, isOnlyTarget = false): Iterable<Occurrence> {
  const { target, nodes, random, horizon } = what;
  const { at, trace } = args;
  if (trace !== undefined) {
    return traced(isOnlyTarget ? trace : trace.filter((span) => span.target === target), target, nodes, horizon);
  }
  const length = lengthOf(args, what.usualLength);
  if (at === undefined) return renewal(target, nodes, intervalOf(args)!, length, random, horizon);
  // A duration is not drawn, so that it moves no stream.
  const duration = args.duration ?? (length === undefined ? undefined : Math.max(1, Math.round(length.sample(random))));
  return once(target, nodes, at, duration);
}

function traced(
  spans: readonly TraceSpan[],
  target: string,
  nodes: readonly string[],
  horizon: number,
): readonly Occurrence[] {
  return spans
    .filter(({ startsAt }) => startsAt <= horizon)
    .map(({ startsAt, endsAt }) => ({ target, nodes, startsAt, endsAt }));
}

/** The parameters of a fault that say when it strikes. */
export function timingOf(args: ArgumentsOf<Parameters>): TimingArguments {
  return args as unknown as TimingArguments;
}
