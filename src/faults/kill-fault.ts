/** Faults that end a container at once: they have no length, what follows is the kubelet's doing. */
import { constant } from '../engine/distributions.ts';
import { containerParameters, containerProblem, containerTarget, containersOf } from './container-fault.ts';
import type { ArgumentsOf, FaultDefinition, Parameters } from './fault.ts';
import { defineFault } from './fault.ts';
import { withEach } from './occurrences.ts';
import { spansOf, timingOf, timingParameters, timingProblem } from './timing.ts';

const parameters = {
  ...timingParameters,
  interval: { type: 'distribution', description: 'time between two kills' },
  ...containerParameters,
} as const;

interface KillFault<P extends Parameters> {
  readonly name: string;
  readonly description: string;
  readonly extra: P;
  /** Of the container's end; an empty reason is that of the exit code. */
  exit(args: ArgumentsOf<P>): { readonly code: number; readonly reason: string };
}

const instant = constant(1);

/** Defines a fault that ends containers. */
export function defineKillFault<P extends Parameters>({
  name,
  description,
  extra,
  exit,
}: KillFault<P>): FaultDefinition {
  return defineFault<typeof parameters>({
    name,
    description,
    usualLength: instant,
    addsUp: true,
    parameters: { ...parameters, ...extra },
    problem: (args) => timingProblem(args) ?? containerProblem(args),
    plan(args, { random, horizon }) {
      const target = containerTarget(args);
      const what = { target, nodes: [], random: random('crash'), horizon, usualLength: instant };
      return [
        withEach(spansOf(timingOf(args as never), what, true), (occurrence) => ({
          ...occurrence,
          endsAt: occurrence.startsAt,
        })),
      ];
    },
    begin(_occurrence, args, targets) {
      const { code, reason } = exit(args as unknown as ArgumentsOf<P>);
      targets.crashContainers(containersOf(args), code, reason);
    },
    end() {
      // A kill has no length.
    },
  });
}
