import { defineNodeFault } from './node-fault.ts';

/** A gray failure: the lease is renewed, and everything that the node does for its pods takes longer. */
export const nodeSlow = defineNodeFault({
  name: 'nodeSlow',
  description: 'sandboxes, starts, pulls and reactions of the kubelet of a node take longer by a factor',
  addsUp: true,
  extra: { factor: { type: 'number', description: 'how many times as long', required: true } } as const,
  problem: ({ factor }) => (factor >= 1 && factor <= 10_000 ? undefined : '"factor" must be from 1 to 10000'),
  begin: (targets, nodeName, { factor }) => targets.beginNodeSlowdown(nodeName, factor),
  end: (targets, nodeName, { factor }) => targets.endNodeSlowdown(nodeName, factor),
});
