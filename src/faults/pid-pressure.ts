import { definePressureFault } from './pressure-fault.ts';

/** Without a threshold for pid.available in spec.kubelet.evictionHard the kubelet does not look at processes. */
export const pidPressure = definePressureFault(
  'pidPressure',
  'processes beside the pods of a node use up its process ids: PIDPressure, evictions, where pid.available has a threshold',
  'processes',
  (targets, nodeName, used, sign) => targets.addOtherProcesses(nodeName, used, sign),
);
