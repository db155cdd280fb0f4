import { definePressureFault } from './pressure-fault.ts';

/** The kubelet evicts when less than its threshold is available (evictionHard, 100Mi). */
export const memoryPressure = definePressureFault(
  'memoryPressure',
  'what runs on a node beside its pods takes memory: MemoryPressure, evictions',
  'size',
  (targets, nodeName, used, sign) => targets.addOtherMemory(nodeName, used, sign),
);
