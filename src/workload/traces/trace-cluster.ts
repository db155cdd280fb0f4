/** The machines of a trace as nodes of a cluster in time: ready from time 0, and with addresses for their pods. */
import type { Node } from '../../api/core-v1.ts';
import { healthyConditions, podRange, podRangeSize } from '../pool-nodes.ts';
import { nodeObject } from './trace-objects.ts';
import type { TraceNode } from './trace.ts';

/** First number of their pods' addresses, apart from those of node pools. */
const block = 100;

/** In the order of the trace, under their own names. */
export function nodesOfTrace(nodes: readonly TraceNode[]): readonly Node[] {
  const most = nodes.reduce((max, { allocatable }) => Math.max(max, allocatable.get('pods') ?? 0), 0);
  const size = podRangeSize(most);
  return nodes.map((source, at) => {
    const node = nodeObject(source, source.name);
    return {
      ...node,
      spec: { ...node.spec, podCIDR: podRange(at, size, block) },
      status: { ...node.status, conditions: healthyConditions },
    };
  });
}
