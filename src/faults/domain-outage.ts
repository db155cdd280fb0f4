import { labelValue } from '../api/meta-v1.ts';
import { beginOutage, domainParameters, endOutage, outageProblem, outagesOf } from './domain-fault.ts';
import type { FaultNode, FaultWorld } from './fault.ts';
import { defineFault } from './fault.ts';
import { timingProblem } from './timing.ts';

const parameters = {
  key: {
    type: 'string',
    description: 'label key of the domains, for example topology.kubernetes.io/rack',
    required: true,
  },
  value: { type: 'string', description: 'the domain that is lost; absent: each domain has a clock of its own' },
  ...domainParameters,
} as const;

/** A rack, a power unit, a region: whatever a label of nodes tells apart. */
export const domainOutage = defineFault<typeof parameters>({
  name: 'domainOutage',
  description:
    'all nodes of a failure domain (one value of a label: a rack, a power unit) lose power or contact together',
  parameters,
  problem(args, world) {
    const values = world.labelValues(args.key);
    if (values.size === 0) return `no node has a label "${args.key}"`;
    if (args.value !== undefined && !values.has(args.value))
      return `no node has the label "${args.key}=${args.value}"; values: ${[...values].join(', ')}`;
    if (args.trace !== undefined && args.value !== undefined) return 'the trace names the domains; leave out "value"';
    return timingProblem(args) ?? outageProblem(args);
  },
  traceTargets: ({ key }, world) => world.labelValues(key),
  plan: (args, world) =>
    domainsOf(args.key, world)
      .filter(([domain]) => args.value === undefined || domain === args.value)
      .map(([domain, members]) => outagesOf(domain, members, args, world, false)),
  begin: beginOutage,
  end: endOutage,
});

/** Values of the label with their nodes, in the order of the first node of each. */
function domainsOf(key: string, { nodes }: FaultWorld): readonly (readonly [string, readonly FaultNode[]])[] {
  const domains = new Map<string, FaultNode[]>();
  for (const node of nodes) {
    const value = labelValue(node.labels, key);
    if (value === undefined) continue;
    const members = domains.get(value);
    if (members === undefined) domains.set(value, [node]);
    else members.push(node);
  }
  return [...domains];
}
