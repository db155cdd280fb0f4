import type { AdmissionPlugin } from './admission.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { createDefaultTolerationSeconds } from './default-toleration-seconds.ts';
import { createLimitRanger } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize.ts';
import { createPriority } from './priority.ts';
import { createRuntimeClass } from './runtime-class.ts';
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';

/** The admission chain in upstream's order (pkg/kubeapiserver/options/plugins.go), without the steps not modelled. */
export function admissionPlugins(): readonly AdmissionPlugin[] {
  return [
    namespaceLifecycle,
    createLimitRanger(),
    taintNodesByCondition,
    createPriority(),
    createDefaultTolerationSeconds(),
    defaultStorageClass,
    storageObjectInUseProtection,
    persistentVolumeClaimResize,
    createRuntimeClass(),
  ];
}
