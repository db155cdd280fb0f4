import { defineNodeFault } from './node-fault.ts';

/** The node runs on but cannot reach the control plane: pods that are evicted meanwhile run twice. */
export const nodePartition = defineNodeFault({
  name: 'nodePartition',
  description: 'a node cannot reach the API server; its containers run on',
  begin: (targets, nodeName) => targets.partitionNode(nodeName),
  end: (targets, nodeName) => targets.healNode(nodeName),
});
