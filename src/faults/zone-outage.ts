import { beginOutage, domainParameters, endOutage, outageProblem, outagesOf } from './domain-fault.ts';
import { defineFault } from './fault.ts';
import { timingProblem } from './timing.ts';

const parameters = {
  zone: { type: 'string', description: 'the zone that is lost', required: true },
  ...domainParameters,
} as const;

/** All nodes of a zone at one instant: power, or only the way to the control plane. */
export const zoneOutage = defineFault<typeof parameters>({
  name: 'zoneOutage',
  description: 'all nodes of a zone lose power (or contact) together',
  parameters,
  problem(args, { zones }) {
    if (!zones.has(args.zone)) return `there is no zone "${args.zone}"`;
    return timingProblem(args) ?? outageProblem(args);
  },
  traceTargets: ({ zone }) => new Set([zone]),
  plan(args, world) {
    const members = world.nodes.filter((node) => node.zone === args.zone);
    return [outagesOf(args.zone, members, args, world, false)];
  },
  begin: beginOutage,
  end: endOutage,
});
