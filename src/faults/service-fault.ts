/** What faults of one shared service have in common: when, and for how long. */
import type { ArgumentsOf, FaultDefinition, FaultTargets, FaultWorld, Occurrence, Parameters } from './fault.ts';
import { defineFault } from './fault.ts';
import { once, renewal } from './occurrences.ts';

/** Parameters of every such fault. */
export const spanParameters = {
  at: { type: 'duration', description: 'when it begins, once' },
  interval: { type: 'distribution', description: 'time from recovery to the next occurrence' },
  duration: { type: 'duration', description: 'how long it lasts; absent = until the end of the run' },
  repair: { type: 'distribution', description: 'how long it lasts, drawn per occurrence' },
} as const;

type SpanArguments = ArgumentsOf<typeof spanParameters>;

interface ServiceFault<P extends Parameters> {
  readonly name: string;
  readonly description: string;
  /** What is hit, as shown in tables, for example `image registry`. */
  readonly target: string;
  readonly extra: P;
  problem?(args: ArgumentsOf<P>): string | undefined;
  begin(targets: FaultTargets, args: ArgumentsOf<P>): void;
  end(targets: FaultTargets, args: ArgumentsOf<P>): void;
}

/** Defines a fault of something that exists once: a registry, the API server. */
export function defineServiceFault<P extends Parameters>(fault: ServiceFault<P>): FaultDefinition {
  return defineFault({
    name: fault.name,
    description: fault.description,
    parameters: { ...spanParameters, ...fault.extra },
    problem: (args) => spanProblem(args as SpanArguments) ?? fault.problem?.(args as unknown as ArgumentsOf<P>),
    plan: (args, world) => [spans(fault.target, args as SpanArguments, world)],
    begin: (_occurrence, args, targets) => fault.begin(targets, args as unknown as ArgumentsOf<P>),
    end: (_occurrence, args, targets) => fault.end(targets, args as unknown as ArgumentsOf<P>),
  });
}

function spanProblem(args: SpanArguments): string | undefined {
  if ((args.at === undefined) === (args.interval === undefined)) return 'needs exactly one of "at" and "interval"';
  return args.duration !== undefined && args.repair !== undefined
    ? 'takes "duration" or "repair", not both'
    : undefined;
}

function spans(target: string, args: SpanArguments, world: FaultWorld): Iterable<Occurrence> {
  const random = world.random(target);
  if (args.interval !== undefined) return renewal(target, [], args.interval, args.repair, random, world.horizon);
  const duration = args.repair === undefined ? args.duration : Math.max(1, Math.round(args.repair.sample(random)));
  return once(target, [], args.at!, duration);
}
