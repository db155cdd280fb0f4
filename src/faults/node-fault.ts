/** What all faults of single nodes share: which nodes, when, and for how long. */
import { compileSelector } from '../api/labels.ts';
import type {
  ArgumentsOf,
  FaultDefinition,
  FaultNode,
  FaultTargets,
  FaultWorld,
  KnownWorld,
  Occurrence,
  Parameters,
} from './fault.ts';
import { defineFault } from './fault.ts';
import { withEach } from './occurrences.ts';
import { drawSome, modeCount, modeOf, modeParameters, modeProblem } from './target-mode.ts';
import { spanParameters, spansOf, timingOf, timingProblem } from './timing.ts';

const nodeParameters = {
  ...spanParameters,
  interval: {
    type: 'distribution',
    description: 'time from recovery to the next occurrence, of each node by itself; with a mode, of all together',
  },
  node: { type: 'string', description: 'name of one node' },
  zone: { type: 'string', description: 'only nodes of this zone' },
  selector: { type: 'selector', description: 'only nodes with these labels' },
  ...modeParameters,
  count: { type: 'integer', description: 'this many of the chosen nodes, drawn from the seed once' },
} as const;

type NodeFaultArguments = ArgumentsOf<typeof nodeParameters>;

interface NodeFault<P extends Parameters> extends Pick<
  FaultDefinition,
  'name' | 'description' | 'usualLength' | 'addsUp'
> {
  readonly extra?: P;
  problem?(args: ArgumentsOf<P>): string | undefined;
  begin(targets: FaultTargets, nodeName: string, args: ArgumentsOf<P>): void;
  end(targets: FaultTargets, nodeName: string, args: ArgumentsOf<P>): void;
}

/** Defines a fault that hits nodes one by one, by script, by distribution or by trace. */
export function defineNodeFault<P extends Parameters>(fault: NodeFault<P>): FaultDefinition {
  const { name, description, usualLength, addsUp } = fault;
  const own = (args: unknown): ArgumentsOf<P> => args as ArgumentsOf<P>;
  return defineFault<typeof nodeParameters>({
    name,
    description,
    ...(usualLength !== undefined && { usualLength }),
    ...(addsUp !== undefined && { addsUp }),
    parameters: { ...nodeParameters, ...fault.extra },
    problem: (args, world) => nodeProblem(args, world) ?? fault.problem?.(own(args)),
    traceTargets: (_args, { nodes }) => nodes,
    plan: (args, world) => plan(args, world, usualLength),
    begin: (occurrence, args, targets) => occurrence.nodes.forEach((node) => fault.begin(targets, node, own(args))),
    end: (occurrence, args, targets) => occurrence.nodes.forEach((node) => fault.end(targets, node, own(args))),
  });
}

function nodeProblem(args: NodeFaultArguments, { nodes, zones }: KnownWorld): string | undefined {
  const { node, zone, selector, mode, count, trace } = args;
  if (trace !== undefined && [node, zone, selector, mode, count].some((each) => each !== undefined))
    return 'the trace names the nodes; leave out "node", "zone", "selector", "mode" and "count"';
  if (node !== undefined && !nodes.has(node)) return `there is no node "${node}"`;
  if (zone !== undefined && !zones.has(zone)) return `there is no zone "${zone}"`;
  return timingProblem(args) ?? modeProblem(args);
}

function plan(
  args: NodeFaultArguments,
  world: FaultWorld,
  usualLength: FaultDefinition['usualLength'],
): readonly Iterable<Occurrence>[] {
  const { horizon } = world;
  const candidates = candidatesOf(args, world);
  const isShared = args.at === undefined && args.mode !== undefined && args.mode !== 'all';
  if (isShared) return [changing(args, world, candidates, usualLength)];
  return chosen(args, candidates, world).map(({ name }) =>
    spansOf(timingOf(args as never), { target: name, nodes: [name], random: world.random(name), horizon, usualLength }),
  );
}

function candidatesOf({ node, zone, selector }: NodeFaultArguments, { nodes }: FaultWorld): readonly FaultNode[] {
  const matches = selector === undefined ? undefined : compileSelector(selector);
  return nodes.filter(
    (each) =>
      (node === undefined || each.name === node) &&
      (zone === undefined || each.zone === zone) &&
      (matches === undefined || matches(each.labels)),
  );
}

/** The nodes that are meant, drawn without replacement where not all are. */
function chosen(args: NodeFaultArguments, candidates: readonly FaultNode[], world: FaultWorld): readonly FaultNode[] {
  const random = (): ReturnType<FaultWorld['random']> => world.random('choice');
  const count = modeCount(modeOf(args, { mode: 'all', value: 0 }), candidates.length, random);
  return count >= candidates.length ? candidates : drawSome(candidates, count, random());
}

/** One clock for all: each occurrence draws its nodes anew, as a Schedule of Chaos Mesh does. */
function changing(
  args: NodeFaultArguments,
  world: FaultWorld,
  candidates: readonly FaultNode[],
  usualLength: FaultDefinition['usualLength'],
): Iterable<Occurrence> {
  const { horizon } = world;
  const spans = spansOf(timingOf(args as never), {
    target: '',
    nodes: [],
    random: world.random('clock'),
    horizon,
    usualLength,
  });
  return withEach(spans, (occurrence) => {
    const nodes = chosen(args, candidates, world).map(({ name }) => name);
    return { ...occurrence, target: nodes.join(' '), nodes };
  });
}
