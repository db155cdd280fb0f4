/** What faults of one shared service have in common: when, and for how long. */
import type { ArgumentsOf, FaultDefinition, FaultTargets, Parameters } from './fault.ts';
import { defineFault } from './fault.ts';
import { spanParameters, spansOf, timingOf, timingProblem } from './timing.ts';

interface ServiceFault<P extends Parameters> extends Pick<
  FaultDefinition,
  'name' | 'description' | 'usualLength' | 'addsUp'
> {
  /** What is hit, as shown in tables, for example `image registry`. */
  readonly target: string | ((args: ArgumentsOf<P>) => string);
  /** Name of its random numbers, where that is not the target. */
  readonly stream?: string;
  readonly extra: P;
  problem?(args: ArgumentsOf<P>): string | undefined;
  begin(targets: FaultTargets, args: ArgumentsOf<P>): void;
  end(targets: FaultTargets, args: ArgumentsOf<P>): void;
}

/** Defines a fault of something that exists once: a registry, the API server. */
export function defineServiceFault<P extends Parameters>(fault: ServiceFault<P>): FaultDefinition {
  const { name, description, usualLength, addsUp } = fault;
  return defineFault<P>({
    name,
    description,
    isShared: true,
    ...(usualLength !== undefined && { usualLength }),
    ...(addsUp !== undefined && { addsUp }),
    parameters: { ...spanParameters, ...fault.extra },
    problem: (args) => timingProblem(timingOf(args)) ?? fault.problem?.(args),
    plan(args, { random, horizon }) {
      const target = typeof fault.target === 'string' ? fault.target : fault.target(args);
      return [
        spansOf(
          timingOf(args),
          { target, nodes: [], random: random(fault.stream ?? target), horizon, usualLength },
          true,
        ),
      ];
    },
    begin: (_occurrence, args, targets) => fault.begin(targets, args),
    end: (_occurrence, args, targets) => fault.end(targets, args),
  });
}
