import type { ArgumentsOf, FaultTargets, FaultWorld, Occurrence } from './fault.ts';
import { defineFault } from './fault.ts';
import { once, renewal } from './occurrences.ts';

const parameters = {
  zone: { type: 'string', description: 'the zone that is lost', required: true },
  at: { type: 'duration', description: 'when it happens, once' },
  interval: { type: 'distribution', description: 'time from recovery to the next outage' },
  duration: { type: 'duration', description: 'how long it lasts; absent = until the end of the run' },
  repair: { type: 'distribution', description: 'how long it lasts, drawn per outage' },
  partition: {
    type: 'boolean',
    description: 'true: the zone is cut off from the control plane instead of losing power',
  },
} as const;

type ZoneOutageArguments = ArgumentsOf<typeof parameters>;

/** All nodes of a zone at one instant: power, or only the way to the control plane. */
export const zoneOutage = defineFault<typeof parameters>({
  name: 'zoneOutage',
  description: 'all nodes of a zone lose power (or contact) together',
  parameters,
  problem(args, { zones }) {
    if ((args.at === undefined) === (args.interval === undefined)) return 'needs exactly one of "at" and "interval"';
    if (args.duration !== undefined && args.repair !== undefined) return 'takes "duration" or "repair", not both';
    return zones.has(args.zone) ? undefined : `there is no zone "${args.zone}"`;
  },
  plan: (args, world) => [outages(args, world)],
  begin: (occurrence, args, targets) =>
    forNodes(occurrence, args.partition === true ? targets.partitionNode : targets.crashNode, targets),
  end: (occurrence, args, targets) =>
    forNodes(occurrence, args.partition === true ? targets.healNode : targets.restoreNode, targets),
});

function outages(args: ZoneOutageArguments, world: FaultWorld): Iterable<Occurrence> {
  const nodes = world.nodes.filter((node) => node.zone === args.zone).map((node) => node.name);
  const random = world.random(args.zone);
  if (args.interval !== undefined) return renewal(args.zone, nodes, args.interval, args.repair, random, world.horizon);
  const duration = args.repair === undefined ? args.duration : Math.max(1, Math.round(args.repair.sample(random)));
  return once(args.zone, nodes, args.at!, duration);
}

function forNodes(
  occurrence: Occurrence,
  effect: (this: FaultTargets, name: string) => void,
  targets: FaultTargets,
): void {
  for (const name of occurrence.nodes) effect.call(targets, name);
}
