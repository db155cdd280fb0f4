/** Who owns the claims of a StatefulSet's pods (upstream pkg/controller/statefulset/stateful_set_utils.go). Pure. */
import type { StatefulSet } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import type { ApiObject, OwnerReference } from '../api/meta-v1.ts';
import type { PersistentVolumeClaim } from '../api/persistent-volumes.ts';
import { controllerReference } from './ownership.ts';

/** A claim, its set and its pod. `isCondemned`: the set does not want the pod any more. */
export interface ClaimTies {
  readonly claim: PersistentVolumeClaim;
  readonly set: StatefulSet;
  readonly pod: Pod;
  readonly isCondemned: boolean;
}

function namesOwner({ apiVersion, kind, name }: OwnerReference, owner: ApiObject): boolean {
  return apiVersion === owner.apiVersion && kind === owner.kind && name === owner.metadata.name;
}

const ownedBy = ({ metadata }: PersistentVolumeClaim, owner: ApiObject): boolean =>
  metadata.ownerReferences.some(({ uid }) => uid === owner.metadata.uid);

/** Whether the claim is that of a forerunner, which had the name but is gone. */
export function isOfForerunner({ metadata }: PersistentVolumeClaim, owner: ApiObject): boolean {
  const reference = metadata.ownerReferences.find((each) => namesOwner(each, owner));
  return reference !== undefined && reference.uid !== owner.metadata.uid;
}

function isKept({ spec: { persistentVolumeClaimRetentionPolicy: policy } }: StatefulSet): boolean {
  return policy.whenScaled === 'Retain' && policy.whenDeleted === 'Retain';
}

/** Whether somebody else controls a claim whose end the set has to see to. */
export function hasUnexpectedController({ claim, set, pod }: ClaimTies): boolean {
  if (isKept(set)) return false;
  return claim.metadata.ownerReferences.some((reference) => {
    const owner = [set, pod].find((each) => namesOwner(reference, each));
    return owner === undefined ? reference.controller : reference.uid !== owner.metadata.uid;
  });
}

/** Whom the policy names: a pod that is not wanted takes its claims with it, a set those of the others. */
function wantedOwner({ set, pod, isCondemned }: ClaimTies): StatefulSet | Pod | undefined {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy;
  if (isCondemned && whenScaled === 'Delete') return pod;
  return whenDeleted === 'Delete' ? set : undefined;
}

/** Whether the references of a claim are as they should be, or nothing that the set may touch. */
export function areOwnersUpToDate(ties: ClaimTies): boolean {
  const { claim, set, pod } = ties;
  if (isOfForerunner(claim, set) || isOfForerunner(claim, pod)) return true;
  if (hasUnexpectedController(ties)) return !ownedBy(claim, set) && !ownedBy(claim, pod);
  const own = claim.metadata.ownerReferences.filter(({ uid }) =>
    [set, pod].some(({ metadata }) => metadata.uid === uid),
  );
  if (own.some(({ controller }) => !controller)) return false;
  const wanted = wantedOwner(ties);
  return [set, pod].every((owner) => ownedBy(claim, owner) === (owner === wanted));
}

/** The references that the claim is to have: those of others stay. */
export function ownersFor(ties: ClaimTies): readonly OwnerReference[] {
  const { claim, set, pod } = ties;
  const others = claim.metadata.ownerReferences.filter((each) => !namesOwner(each, set) && !namesOwner(each, pod));
  const wanted = wantedOwner(ties);
  return hasUnexpectedController(ties) || wanted === undefined ? others : [...others, controllerReference(wanted)];
}
