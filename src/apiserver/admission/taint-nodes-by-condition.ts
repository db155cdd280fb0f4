import type { Node } from '../../api/core-v1.ts';
import type { AdmissionPlugin } from './admission.ts';

const key = 'node.kubernetes.io/not-ready';

/** Upstream: plugin/pkg/admission/nodetaint. A new node is unschedulable until its first Ready=True has been seen. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  mutate(kind, object, operation) {
    if (kind !== 'Node' || operation !== 'create') return object;
    const node = object as Node;
    if (node.spec.taints.some((taint) => taint.key === key && taint.effect === 'NoSchedule')) return object;
    const taint = { key, value: '', effect: 'NoSchedule', timeAdded: undefined } as const;
    return { ...node, spec: { ...node.spec, taints: [...node.spec.taints, taint] } } as unknown as typeof object;
  },
};
