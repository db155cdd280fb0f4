import { resourceAndName } from '../outcome.ts';
import type { PersistentVolumeClaim } from '../../api/persistent-volumes.ts';
import { classOfClaim } from '../../api/persistent-volumes.ts';
import type { AdmissionPlugin, AdmissionReader } from './admission.ts';
import { refuse } from './admission.ts';

const onlyBound = 'Only bound persistent volume claims can be expanded';
const onlyWhereAllowed =
  'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';

/** Upstream: plugin/pkg/admission/storage/persistentvolume/resize. A bound claim may grow where its class allows that. */
export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  validate(kind, object, operation, reader) {
    if (kind !== 'PersistentVolumeClaim' || operation !== 'update') return undefined;
    const claim = object as PersistentVolumeClaim;
    const { namespace, name } = claim.metadata;
    const stored = reader.get('PersistentVolumeClaim', namespace, name);
    const problem = stored === undefined ? undefined : growthProblem(stored, claim, reader);
    if (problem === undefined) return undefined;
    return refuse('Forbidden', `${resourceAndName(kind, name)} is forbidden: ${problem}`);
  },
};

function growthProblem(
  stored: PersistentVolumeClaim,
  claim: PersistentVolumeClaim,
  reader: AdmissionReader,
): string | undefined {
  if (sizeOf(claim) <= sizeOf(stored)) return undefined;
  if (stored.status.phase !== 'Bound') return onlyBound;
  const className = classOfClaim(stored);
  const isSameClass = className !== '' && classOfClaim(claim) === className;
  const isAllowed = isSameClass && reader.get('StorageClass', '', className)?.allowVolumeExpansion === true;
  return isAllowed ? undefined : onlyWhereAllowed;
}

function sizeOf({ spec }: PersistentVolumeClaim): number {
  return spec.requests.get('storage') ?? 0;
}
