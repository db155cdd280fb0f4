/** What an update of volumes, claims and classes may not change; upstream's differences are not shown. */
import type { PersistentVolume, PersistentVolumeClaim } from '../api/persistent-volumes.ts';
import type { StorageClass } from '../api/storage-v1.ts';
import { semanticEqual } from '../util/semantic-equal.ts';
import { immutable, none } from './immutable-field.ts';

const storage = 'spec.resources.requests.storage';
const frozen =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

/**
 * A claim gets its volume once, and a class if it had none; a bound one may grow, and shrink as far as it has not grown yet
 * (upstream `ValidatePersistentVolumeClaimUpdate`).
 */
export function claimUpdateProblems(stored: PersistentVolumeClaim, next: PersistentVolumeClaim): readonly string[] {
  const { spec: before, status } = stored;
  const { spec: after } = next;
  const isBound = status.phase === 'Bound';
  const allowed = {
    ...before,
    volumeName: before.volumeName === '' ? after.volumeName : before.volumeName,
    storageClassName: before.storageClassName ?? after.storageClassName,
    requests: isBound ? new Map([...before.requests, ...storageOf(after.requests)]) : before.requests,
    volumeAttributesClassName: isBound ? after.volumeAttributesClassName : before.volumeAttributesClassName,
  };
  const size = after.requests.get('storage') ?? 0;
  const isSmaller = size < (before.requests.get('storage') ?? 0);
  const isTooSmall = isSmaller && size <= (status.capacity.get('storage') ?? 0);
  return [
    ...(semanticEqual(allowed, after) ? none : [`spec: Forbidden: ${frozen}`]),
    ...(isTooSmall ? [`${storage}: Forbidden: field can not be less than status.capacity`] : none),
    ...immutable('volumeMode', before.volumeMode, after.volumeMode, JSON.stringify(after.volumeMode)),
  ];
}

function storageOf(requests: PersistentVolumeClaim['spec']['requests']): readonly (readonly [string, number])[] {
  const amount = requests.get('storage');
  return amount === undefined ? [] : [['storage', amount]];
}

/** What a volume is never changes, who has it does; a node affinity may come late (upstream `ValidatePersistentVolumeUpdate`). */
export function volumeUpdateProblems(stored: PersistentVolume, next: PersistentVolume): readonly string[] {
  const { spec: before } = stored;
  const { spec: after } = next;
  const isSameSource = before.source === after.source && semanticEqual(before.raw, after.raw);
  const source = 'spec.persistentvolumesource';
  return [
    ...(isSameSource ? none : [`${source}: Forbidden: ${source} is immutable after creation`]),
    ...immutable('volumeMode', before.volumeMode, after.volumeMode, JSON.stringify(after.volumeMode)),
    ...(before.nodeAffinity === undefined
      ? none
      : immutable('nodeAffinity', before.nodeAffinity, after.nodeAffinity, 'an object').map(
          (problem) => `${problem}, except for updating from beta label to GA`,
        )),
  ];
}

/** Upstream `ValidateStorageClassUpdate`. */
export function classUpdateProblems(stored: StorageClass, next: StorageClass): readonly string[] {
  const { parameters, provisioner, reclaimPolicy, volumeBindingMode } = next;
  return [
    ...immutable('parameters', stored.parameters, parameters, JSON.stringify(parameters)),
    ...immutable('provisioner', stored.provisioner, provisioner, JSON.stringify(provisioner)),
    ...immutable('reclaimPolicy', stored.reclaimPolicy, reclaimPolicy, JSON.stringify(reclaimPolicy)),
    ...immutable('volumeBindingMode', stored.volumeBindingMode, volumeBindingMode, JSON.stringify(volumeBindingMode)),
  ];
}
