/** PersistentVolumeClaim protection (upstream pkg/controller/volume/pvcprotection): a claim stays while a scheduled pod names it. */
import { isSuccess, patchRequest, patchStatusRequest } from '../apiserver/requests.ts';
import { withMetadata } from '../apiserver/pod-object.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Condition } from '../api/meta-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import type { PersistentVolumeClaim } from '../api/persistent-volumes.ts';
import { claimProtectionFinalizer } from '../api/persistent-volumes.ts';
import { isPodTerminal, podKey } from '../api/pod-conditions.ts';
import { ClaimUsers } from './claim-users.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, synced } from './controller.ts';
import { isUnprotected } from './volume-protection.ts';

export const claimProtection: ControllerDefinition = {
  name: 'persistentvolumeclaim-protection-controller',
  description: 'keeps claims that pods use, and says which ones nobody uses',
  workers: 1,
  create: (context) => new ClaimProtection(context),
};

class ClaimProtection implements Controller {
  private readonly context: ControllerContext;
  private readonly users: ClaimUsers;

  constructor(context: ControllerContext) {
    this.context = context;
    this.users = new ClaimUsers(context.informer('Pod'));
  }

  watch(): void {
    this.context.informer('PersistentVolumeClaim').onChange(
      (_before, after) => this.context.enqueue(podKey(after!)),
      (_before, after) => after !== undefined,
    );
    this.context.informer('Pod').onChange(
      (before, after) => this.onPod((after ?? before)!),
      (before, after) => {
        const isUser = (after ?? before)!.spec.volumes.some(({ claimName }) => claimName !== undefined);
        if (!isUser || before === undefined || after === undefined) return isUser;
        return before.spec.nodeName !== after.spec.nodeName || isPodTerminal(before) !== isPodTerminal(after);
      },
    );
  }

  *reconcile(key: string): Step<SyncResult> {
    const slash = key.indexOf('/');
    const claim = this.context.informer('PersistentVolumeClaim').get(key.slice(0, slash), key.slice(slash + 1));
    if (claim === undefined) return synced;
    const pods = this.users.of(claim);
    if (claim.metadata.deletionTimestamp !== undefined)
      return pods.some(({ spec }) => spec.nodeName !== '') ? synced : yield* this.release(claim);
    if (isUnprotected(claim, claimProtectionFinalizer)) return yield* this.protect(claim);
    return claim.status.phase === 'Bound' ? yield* this.noteUse(claim, pods.length > 0) : synced;
  }

  private *protect({ metadata }: PersistentVolumeClaim): Step<SyncResult> {
    const patch = (current: PersistentVolumeClaim): PersistentVolumeClaim => {
      const finalizers = [...current.metadata.finalizers, claimProtectionFinalizer];
      return withMetadata(current, metadataWith(current.metadata, { finalizers }));
    };
    const { namespace, name, uid } = metadata;
    const response = yield* send(patchRequest('PersistentVolumeClaim', namespace, name, patch, undefined, uid));
    return isSuccess(response) || response.code === 'NotFound' ? synced : { failed: response.message };
  }

  private onPod({ metadata, spec }: Pod): void {
    for (const { claimName } of spec.volumes)
      if (claimName !== undefined) this.context.enqueue(`${metadata.namespace}/${claimName}`);
  }

  private *release({ metadata }: PersistentVolumeClaim): Step<SyncResult> {
    if (!metadata.finalizers.includes(claimProtectionFinalizer)) return synced;
    const patch = (current: PersistentVolumeClaim): PersistentVolumeClaim => {
      const finalizers = current.metadata.finalizers.filter((name) => name !== claimProtectionFinalizer);
      return withMetadata(current, metadataWith(current.metadata, { finalizers }));
    };
    const { namespace, name, uid } = metadata;
    const response = yield* send(patchRequest('PersistentVolumeClaim', namespace, name, patch, undefined, uid));
    return isSuccess(response) || response.code === 'NotFound' ? synced : { failed: response.message };
  }

  /** Condition Unused (gate PersistentVolumeClaimUnusedSinceTime, on). */
  private *noteUse(claim: PersistentVolumeClaim, isUsed: boolean): Step<SyncResult> {
    const conditions = claim.status.conditions ?? [];
    const present = conditions.find(({ type }) => type === 'Unused');
    const status = isUsed ? 'False' : 'True';
    if (present?.status === status) return synced;
    const reason = isUsed ? 'PodUsingPVC' : 'NoPodsUsingPVC';
    const condition: Condition = {
      type: 'Unused',
      status,
      reason,
      message: '',
      lastTransitionTime: this.context.nowSeconds,
    };
    const patch = (current: PersistentVolumeClaim): PersistentVolumeClaim => {
      const others = (current.status.conditions ?? []).filter(({ type }) => type !== 'Unused');
      return { ...current, status: { ...current.status, conditions: [...others, condition] } };
    };
    const { namespace, name, uid } = claim.metadata;
    const response = yield* send(patchStatusRequest('PersistentVolumeClaim', namespace, name, patch, undefined, uid));
    return isSuccess(response) || response.code === 'NotFound' ? synced : { failed: response.message };
  }
}
