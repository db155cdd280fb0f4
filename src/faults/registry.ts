import { apiServerLatency } from './api-server-latency.ts';
import { apiServerOutage } from './api-server-outage.ts';
import { clockSkew } from './clock-skew.ts';
import { componentDown } from './component-down.ts';
import { containerCrash } from './container-crash.ts';
import { containerHang } from './container-hang.ts';
import { diskFull } from './disk-full.ts';
import { domainOutage } from './domain-outage.ts';
import { etcdLeaderLoss } from './etcd-leader-loss.ts';
import type { FaultDefinition } from './fault.ts';
import { kubeletStop } from './kubelet-stop.ts';
import { memoryPressure } from './memory-pressure.ts';
import { nodeCrash } from './node-crash.ts';
import { nodePartition } from './node-partition.ts';
import { nodeReboot } from './node-reboot.ts';
import { nodeSlow } from './node-slow.ts';
import { oomKill } from './oom-kill.ts';
import { pidPressure } from './pid-pressure.ts';
import { registryOutage } from './registry-outage.ts';
import { spotReclaim } from './spot-reclaim.ts';
import { zoneOutage } from './zone-outage.ts';
import { zonePartition } from './zone-partition.ts';

/** All faults that a scenario can name. */
export const faults: readonly FaultDefinition[] = [
  apiServerLatency,
  apiServerOutage,
  clockSkew,
  componentDown,
  containerCrash,
  containerHang,
  diskFull,
  domainOutage,
  etcdLeaderLoss,
  kubeletStop,
  memoryPressure,
  nodeCrash,
  nodePartition,
  nodeReboot,
  nodeSlow,
  oomKill,
  pidPressure,
  registryOutage,
  spotReclaim,
  zoneOutage,
  zonePartition,
];

/** A fault by its name. */
export function faultNamed(name: string): FaultDefinition | undefined {
  return faults.find((fault) => fault.name === name);
}
