/** What all faults of single nodes share: which nodes, when, and for how long. */
import { chooseNodes, once, renewal } from './occurrences.ts';
import type { ArgumentsOf, FaultDefinition, FaultTargets, FaultWorld, Occurrence } from './fault.ts';
import { defineFault } from './fault.ts';

const parameters = {
  at: { type: 'duration', description: 'when it happens, once' },
  interval: { type: 'distribution', description: 'time from recovery to the next occurrence, drawn per node' },
  duration: { type: 'duration', description: 'how long it lasts, with `at`; absent = until the end of the run' },
  repair: {
    type: 'distribution',
    description: 'how long it lasts, drawn per occurrence; absent = until the end of the run',
  },
  node: { type: 'string', description: 'name of one node' },
  zone: { type: 'string', description: 'only nodes of this zone' },
  selector: { type: 'selector', description: 'only nodes with these labels' },
  count: { type: 'integer', description: 'this many of the chosen nodes, drawn from the seed' },
} as const;

type NodeFaultArguments = ArgumentsOf<typeof parameters>;

interface NodeFault {
  readonly name: string;
  readonly description: string;
  begin(targets: FaultTargets, nodeName: string): void;
  end(targets: FaultTargets, nodeName: string): void;
}

/** Defines a fault that hits nodes one by one, by script or by distribution. */
export function defineNodeFault(fault: NodeFault): FaultDefinition {
  return defineFault<typeof parameters>({
    name: fault.name,
    description: fault.description,
    parameters,
    problem(args, { nodes, zones }) {
      if ((args.at === undefined) === (args.interval === undefined)) return 'needs exactly one of "at" and "interval"';
      if (args.at === undefined && args.duration !== undefined)
        return '"duration" goes with "at"; use "repair" with "interval"';
      if (args.duration !== undefined && args.repair !== undefined) return 'takes "duration" or "repair", not both';
      if (args.node !== undefined && !nodes.has(args.node)) return `there is no node "${args.node}"`;
      if (args.zone !== undefined && !zones.has(args.zone)) return `there is no zone "${args.zone}"`;
      if (args.count !== undefined && args.count < 1) return '"count" must be at least 1';
      return undefined;
    },
    plan: (args, world) => chooseNodes(args, world).map((node) => spans(node.name, args, world)),
    begin: (occurrence, _args, targets) => occurrence.nodes.forEach((name) => fault.begin(targets, name)),
    end: (occurrence, _args, targets) => occurrence.nodes.forEach((name) => fault.end(targets, name)),
  });
}

function spans(nodeName: string, args: NodeFaultArguments, world: FaultWorld): Iterable<Occurrence> {
  const random = world.random(nodeName);
  if (args.interval !== undefined)
    return renewal(nodeName, [nodeName], args.interval, args.repair, random, world.horizon);
  const duration = args.repair === undefined ? args.duration : Math.max(1, Math.round(args.repair.sample(random)));
  return once(nodeName, [nodeName], args.at!, duration);
}
