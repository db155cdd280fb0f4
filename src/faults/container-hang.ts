import { containerParameters, containerProblem, containerTarget, containersOf } from './container-fault.ts';
import { defineFault } from './fault.ts';
import { spanParameters, spansOf, timingOf, timingProblem } from './timing.ts';

const parameters = { ...spanParameters, ...containerParameters } as const;

/**
 * The processes of a container stand still: probes time out, SIGTERM is not heard, and the container does not end by itself. A
 * restart by the liveness probe cures it; else it goes on where it stood when the fault is over.
 */
export const containerHang = defineFault<typeof parameters>({
  name: 'containerHang',
  description: 'a container of matching pods stops answering: probes time out, SIGTERM is not heard',
  parameters,
  problem: (args) => timingProblem(args) ?? containerProblem(args),
  plan: (args, { random, horizon }) => [
    spansOf(
      timingOf(args as never),
      { target: containerTarget(args), nodes: [], random: random('hang'), horizon },
      true,
    ),
  ],
  begin: (_occurrence, args, targets, id) => void targets.hangContainers(id, containersOf(args)),
  end: (_occurrence, _args, targets, id) => targets.releaseContainers(id),
});
