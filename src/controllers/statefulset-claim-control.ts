/** Makes the claims of a StatefulSet's pods, gives them their owners, and says how that went (upstream stateful_pod_control.go). */
import { aggregate } from '../apiserver/outcome.ts';
import { isSuccess } from '../apiserver/requests.ts';
import type { StatefulSet } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import type { PersistentVolumeClaim } from '../api/persistent-volumes.ts';
import type { ControllerContext, Step } from './controller.ts';
import { send } from './controller.ts';
import { tell } from './pod-control.ts';
import type { ClaimTies } from './statefulset-claim-owners.ts';
import { areOwnersUpToDate, hasUnexpectedController, isOfForerunner, ownersFor } from './statefulset-claim-owners.ts';
import { claimNames, claimRequest, claimsFor, ownRequest } from './statefulset-claims.ts';

/** How the owners of a pod's claims were seen to. */
export interface Retention {
  /** Some claim had other owners. */
  readonly isChanged: boolean;
  /** Why a claim keeps its owners; undefined = none does. */
  readonly problem: string | undefined;
  /** Whether that is because the cache was older than the claim. */
  readonly isConflict: boolean;
}

/** The claims of all StatefulSets. */
export class ClaimControl {
  private readonly context: ControllerContext;

  constructor(context: ControllerContext) {
    this.context = context;
  }

  /** Makes the claims of a pod that are missing. Returns what stands in the way of the pod. */
  *create(set: StatefulSet, podName: string): Step<string | undefined> {
    if (set.spec.volumeClaimTemplates.length === 0) return undefined;
    const problems: string[] = [];
    for (const claim of claimsFor(set, podName)) {
      const { name } = claim.metadata;
      const known = this.known(set, name);
      if (known === undefined) {
        const refusal = yield* this.createOne(set, podName, claim);
        if (refusal !== undefined) problems.push(`failed to create PVC ${name}: ${refusal}`);
      } else if (known.metadata.deletionTimestamp !== undefined) problems.push(`pvc ${name} is being deleted`);
    }
    return problems.length === 0 ? undefined : aggregate(problems);
  }

  private *createOne(set: StatefulSet, podName: string, claim: PersistentVolumeClaim): Step<string | undefined> {
    const response = yield* send(claimRequest(claim));
    const where = `Pod ${podName} in StatefulSet ${set.metadata.name}`;
    const what = `Create Claim ${claim.metadata.name}`;
    const { code, message } = response;
    if (isSuccess(response)) {
      tell(this.context, set, 'Normal', 'SuccessfulCreate', `${what} ${where} success`);
      return undefined;
    }
    if (code !== 'AlreadyExists')
      tell(this.context, set, 'Warning', 'FailedCreate', `${what} for ${where} failed error: ${message}`);
    return message;
  }

  /** Whether a claim goes with a forerunner of the pod, and the pod has to wait until it is gone (upstream PodClaimIsStale). */
  isStale(set: StatefulSet, pod: Pod): boolean {
    if (set.spec.persistentVolumeClaimRetentionPolicy.whenScaled === 'Retain') return false;
    return this.claimsOf(set, pod).some((claim) => isOfForerunner(claim, pod));
  }

  /** Whether all claims have the owners that the policy wants. */
  areOwned(set: StatefulSet, pod: Pod, isCondemned: boolean): boolean {
    return this.claimsOf(set, pod).every((claim) => areOwnersUpToDate({ claim, set, pod, isCondemned }));
  }

  /** Claims go with their pod, with the set, or stay, as the policy says; up to the first that cannot be changed. */
  *retain(set: StatefulSet, pod: Pod, isCondemned: boolean): Step<Retention> {
    let isChanged = false;
    for (const claim of this.claimsOf(set, pod)) {
      const ties = { claim, set, pod, isCondemned };
      this.tellOfConflict(ties);
      if (areOwnersUpToDate(ties)) continue;
      isChanged = true;
      const response = yield* send(ownRequest(claim, ownersFor(ties)));
      if (isSuccess(response)) continue;
      const problem = `could not update claim ${claim.metadata.name} for delete policy ownerRefs: ${response.message}`;
      return { isChanged, problem, isConflict: response.code === 'Conflict' };
    }
    return { isChanged, problem: undefined, isConflict: false };
  }

  private tellOfConflict(ties: ClaimTies): void {
    if (!hasUnexpectedController(ties)) return;
    const { claim, set } = ties;
    // "manging" is upstream's.
    const message = `PersistentVolumeClaim ${claim.metadata.name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`;
    tell(this.context, set, 'Warning', 'ConflictingController', message);
  }

  /** Those that the cache shows. */
  private claimsOf(set: StatefulSet, { metadata }: Pod): readonly PersistentVolumeClaim[] {
    return claimNames(set, metadata.name).flatMap((name) => this.known(set, name) ?? []);
  }

  private known({ metadata }: StatefulSet, name: string): PersistentVolumeClaim | undefined {
    return this.context.informer('PersistentVolumeClaim').get(metadata.namespace, name);
  }
}
