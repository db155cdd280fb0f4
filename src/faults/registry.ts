import { apiServerLatency } from './api-server-latency.ts';
import { apiServerOutage } from './api-server-outage.ts';
import { containerCrash } from './container-crash.ts';
import type { FaultDefinition } from './fault.ts';
import { kubeletStop } from './kubelet-stop.ts';
import { nodeCrash } from './node-crash.ts';
import { nodePartition } from './node-partition.ts';
import { registryOutage } from './registry-outage.ts';
import { zoneOutage } from './zone-outage.ts';

/** All faults that a scenario can name. */
export const faults: readonly FaultDefinition[] = [
  apiServerLatency,
  apiServerOutage,
  containerCrash,
  kubeletStop,
  nodeCrash,
  nodePartition,
  registryOutage,
  zoneOutage,
];

/** A fault by its name. */
export function faultNamed(name: string): FaultDefinition | undefined {
  return faults.find((fault) => fault.name === name);
}
