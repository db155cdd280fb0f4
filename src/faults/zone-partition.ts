import type { ArgumentsOf } from './fault.ts';
import { defineFault } from './fault.ts';
import { spanParameters, spansOf, timingOf, timingProblem } from './timing.ts';

const parameters = {
  zone: { type: 'string', description: 'one side', required: true },
  from: { type: 'string', description: 'the other side', required: true },
  controlPlane: {
    type: 'string',
    description: 'zone in which the control plane runs; absent: it is reachable from both',
  },
  ...spanParameters,
} as const;

/**
 * Two zones do not reach each other. Traffic between pods is not modelled: what shows is that the nodes of one zone lose a control
 * plane that runs in the other.
 */
export const zonePartition = defineFault<typeof parameters>({
  name: 'zonePartition',
  description: 'two zones do not reach each other; nodes lose a control plane that runs in the other zone',
  parameters,
  problem(args, { zones }) {
    for (const zone of [args.zone, args.from, args.controlPlane ?? args.zone])
      if (!zones.has(zone)) return `there is no zone "${zone}"`;
    return args.zone === args.from ? '"zone" and "from" are the same zone' : timingProblem(args);
  },
  withoutEffect: (args) =>
    cutOff(args) === undefined
      ? 'traffic between pods is not modelled, and the control plane is in neither zone: nothing changes; say where it runs in "controlPlane"'
      : undefined,
  plan(args, { nodes, random, horizon }) {
    const zone = cutOff(args);
    const cut = nodes.filter((node) => node.zone === zone);
    const target = `${args.zone} - ${args.from}`;
    const what = { target, nodes: cut.map(({ name }) => name), random: random(target), horizon };
    return [spansOf(timingOf(args as never), what, true)];
  },
  begin: ({ nodes }, _args, targets) => nodes.forEach((name) => targets.partitionNode(name)),
  end: ({ nodes }, _args, targets) => nodes.forEach((name) => targets.healNode(name)),
});

/** The zone that loses the control plane. */
function cutOff({ zone, from, controlPlane }: ArgumentsOf<typeof parameters>): string | undefined {
  if (controlPlane === zone) return from;
  return controlPlane === from ? zone : undefined;
}
