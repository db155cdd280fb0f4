/**
 * What is lost together: the nodes below one value of a label. The labels of nodes make a tree of failure domains (region, zone,
 * rack, node); an outage of a domain takes its parts with it, all of them or each with a chance.
 */
import { labelValue } from '../api/meta-v1.ts';
import type { RandomStream } from '../engine/random.ts';
import type { FaultNode, FaultTargets, FaultWorld, Occurrence } from './fault.ts';
import { withEach } from './occurrences.ts';
import type { TimingArguments } from './timing.ts';
import { spanParameters, spansOf } from './timing.ts';

/** Parameters of every such fault. */
export const domainParameters = {
  ...spanParameters,
  partition: {
    type: 'boolean',
    description: 'true: the domain is cut off from the control plane instead of losing power',
  },
  probability: {
    type: 'number',
    description: 'chance of each part to be hit by an outage of the whole; default 1',
  },
  parts: {
    type: 'string',
    description:
      'label key of the parts that share their fate, for example that of racks; default: each node by itself',
  },
} as const;

/** Arguments of an outage. */
export interface OutageArguments extends TimingArguments {
  readonly partition: boolean | undefined;
  readonly probability: number | undefined;
  readonly parts: string | undefined;
}

/** A contradiction in them, or undefined. */
export function outageProblem({ probability = 1 }: OutageArguments): string | undefined {
  return probability > 0 && probability <= 1 ? undefined : '"probability" must be more than 0 and at most 1';
}

/** The outages of one domain: one draw for each part at each of them, hit or not. */
export function outagesOf(
  domain: string,
  members: readonly FaultNode[],
  args: OutageArguments,
  world: FaultWorld,
  isOnlyTarget: boolean,
): Iterable<Occurrence> {
  const nodes = members.map(({ name }) => name);
  const { horizon } = world;
  const what = { target: domain, nodes, random: world.random(domain), horizon };
  const spans = spansOf(args, what, isOnlyTarget);
  const { probability = 1, parts } = args;
  if (probability === 1) return spans;
  const random = world.random(`${domain}/parts`);
  return withEach(spans, (occurrence) => ({ ...occurrence, nodes: hitNodes(members, parts, probability, random) }));
}

function hitNodes(
  members: readonly FaultNode[],
  key: string | undefined,
  probability: number,
  random: RandomStream,
): readonly string[] {
  const isHit = new Map<string, boolean>();
  const hit: string[] = [];
  for (const { name, labels } of members) {
    const part = (key === undefined ? undefined : labelValue(labels, key)) ?? `node ${name}`;
    let fate = isHit.get(part);
    if (fate === undefined) isHit.set(part, (fate = random.double() < probability));
    if (fate) hit.push(name);
  }
  return hit;
}

/** The nodes of an outage lose power, or contact. */
export function beginOutage({ nodes }: Occurrence, { partition }: OutageArguments, targets: FaultTargets): void {
  for (const name of nodes) {
    if (partition === true) targets.partitionNode(name);
    else targets.crashNode(name);
  }
}

/** And get it back. */
export function endOutage({ nodes }: Occurrence, { partition }: OutageArguments, targets: FaultTargets): void {
  for (const name of nodes) {
    if (partition === true) targets.healNode(name);
    else targets.restoreNode(name);
  }
}
