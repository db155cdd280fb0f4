import { metadataWith } from '../../api/meta-v1.ts';
import { claimProtectionFinalizer, volumeProtectionFinalizer } from '../../api/persistent-volumes.ts';
import { withMetadata } from '../pod-object.ts';
import type { AdmissionPlugin } from './admission.ts';

const finalizerByKind: ReadonlyMap<string, string> = new Map([
  ['PersistentVolumeClaim', claimProtectionFinalizer],
  ['PersistentVolume', volumeProtectionFinalizer],
]);

/**
 * Upstream: plugin/pkg/admission/storage/storageobjectinuseprotection. A claim that is deleted stays until no pod uses it, a volume
 * until it is not bound.
 */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  mutate(kind, object, operation) {
    const finalizer = operation === 'create' ? finalizerByKind.get(kind) : undefined;
    const { finalizers } = object.metadata;
    if (finalizer === undefined || finalizers.includes(finalizer)) return object;
    return withMetadata(object, metadataWith(object.metadata, { finalizers: [...finalizers, finalizer] }));
  },
};
