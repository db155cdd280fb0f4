/** Makes the claims of a StatefulSet's pods, gives them their owners, and says how that went (upstream stateful_pod_control.go). */
import { aggregate } from '../apiserver/outcome.ts';
import { isSuccess } from '../apiserver/requests.ts';
import type { StatefulSet } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import type { PersistentVolumeClaim } from '../api/persistent-volumes.ts';
import type { ControllerContext, Step } from './controller.ts';
import { send } from './controller.ts';
import { tell } from './pod-control.ts';
import { claimNames, claimOwners, claimRequest, claimsFor, hasOwners, ownRequest } from './statefulset-claims.ts';

/** How the owners of a pod's claims were seen to. */
export interface Retention {
  /** Some claim had other owners. */
  readonly isChanged: boolean;
  /** Why a claim keeps its owners; undefined = none does. */
  readonly problem: string | undefined;
  /** Whether that is because the cache was older than the claim. */
  readonly isConflict: boolean;
}

const asItShouldBe: Retention = { isChanged: false, problem: undefined, isConflict: false };

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

  /** Claims go with their pod, with the set, or stay, as the policy says; up to the first that cannot be changed. */
  *retain(set: StatefulSet, pod: Pod, isCondemned: boolean): Step<Retention> {
    if (set.spec.volumeClaimTemplates.length === 0) return asItShouldBe;
    const owners = claimOwners(set, pod, isCondemned);
    let isChanged = false;
    for (const name of claimNames(set, pod.metadata.name)) {
      const claim = this.known(set, name);
      if (claim === undefined || hasOwners(claim, owners)) continue;
      isChanged = true;
      const response = yield* send(ownRequest(claim, owners));
      if (isSuccess(response)) continue;
      const problem = `could not update claim ${name} for delete policy ownerRefs: ${response.message}`;
      return { isChanged, problem, isConflict: response.code === 'Conflict' };
    }
    return { isChanged, problem: undefined, isConflict: false };
  }

  private known({ metadata }: StatefulSet, name: string): PersistentVolumeClaim | undefined {
    return this.context.informer('PersistentVolumeClaim').get(metadata.namespace, name);
  }
}
