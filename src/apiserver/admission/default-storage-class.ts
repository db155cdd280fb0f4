import { labelValue } from '../../api/meta-v1.ts';
import { hasClass } from '../../api/persistent-volumes.ts';
import type { PersistentVolumeClaim } from '../../api/persistent-volumes.ts';
import type { StorageClass } from '../../api/storage-v1.ts';
import type { AdmissionPlugin, AdmissionReader } from './admission.ts';

const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
] as const;

/**
 * Upstream: plugin/pkg/admission/storage/storageclass/setdefault. A new claim that names no class gets the default one. The
 * empty name is a name: such a claim wants no class.
 */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  mutate(kind, object, operation, reader) {
    if (kind !== 'PersistentVolumeClaim' || operation !== 'create') return object;
    const claim = object as PersistentVolumeClaim;
    const found = hasClass(claim) ? undefined : defaultClass(reader);
    if (found === undefined) return object;
    return { ...claim, spec: { ...claim.spec, storageClassName: found.metadata.name } } as typeof object;
  },
};

/** Of several defaults the newest, of those of one second the first by name. */
function defaultClass(reader: AdmissionReader): StorageClass | undefined {
  let best: StorageClass | undefined;
  for (const candidate of reader.list('StorageClass')) {
    const { annotations } = candidate.metadata;
    const isDefault = defaultAnnotations.some((key) => labelValue(annotations, key) === 'true');
    if (isDefault && (best === undefined || isBefore(candidate, best))) best = candidate;
  }
  return best;
}

function isBefore({ metadata: a }: StorageClass, { metadata: b }: StorageClass): boolean {
  if (a.creationTimestamp !== b.creationTimestamp) return a.creationTimestamp > b.creationTimestamp;
  return a.name < b.name;
}
