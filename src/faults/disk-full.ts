import { definePressureFault } from './pressure-fault.ts';

/** One file system holds images and pods: imagefs.available below 15 %, nodefs.available below 10 %. */
export const diskFull = definePressureFault(
  'diskFull',
  'the disk of a node fills up: DiskPressure, unused images are deleted, then pods are evicted',
  'size',
  (targets, nodeName, used, sign) => targets.addOtherDisk(nodeName, used, sign),
);
