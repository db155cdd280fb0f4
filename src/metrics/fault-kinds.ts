/** What kinds of faults do, as far as metrics and stories tell them apart. */

/** Faults that press on a node, and the condition by which its kubelet tells of it. */
export const pressureConditions: ReadonlyMap<string, string> = new Map([
  ['memoryPressure', 'MemoryPressure'],
  ['diskFull', 'DiskPressure'],
  ['pidPressure', 'PIDPressure'],
]);

/** Faults under which a kubelet goes on to renew its lease: there is no silence to notice. */
export const keepingLease: ReadonlySet<string> = new Set(['nodeSlow', 'clockSkew', ...pressureConditions.keys()]);

/** Faults that kill containers and are over in the same instant. */
export const killing: ReadonlySet<string> = new Set(['containerCrash', 'oomKill']);

/** Faults of containers: they may find none. */
export const hittingContainers: ReadonlySet<string> = new Set([...killing, 'containerHang']);
