import { metadataWith } from '../../api/meta-v1.ts';
import { claimProtectionFinalizer } from '../../api/persistent-volumes.ts';
import { withMetadata } from '../pod-object.ts';
import type { AdmissionPlugin } from './admission.ts';

/** Upstream: plugin/pkg/admission/storage/storageobjectinuseprotection. A claim that is deleted stays until no pod uses it. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  mutate(kind, object, operation) {
    if (kind !== 'PersistentVolumeClaim' || operation !== 'create') return object;
    const { finalizers } = object.metadata;
    if (finalizers.includes(claimProtectionFinalizer)) return object;
    return withMetadata(
      object,
      metadataWith(object.metadata, { finalizers: [...finalizers, claimProtectionFinalizer] }),
    );
  },
};
