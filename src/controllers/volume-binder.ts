/** PersistentVolume controller (upstream pkg/controller/volume/persistentvolume): brings claims and volumes together. */
import type { ApiResponse } from '../apiserver/requests.ts';
import { deleteRequest, isSuccess, patchRequest, patchStatusRequest } from '../apiserver/requests.ts';
import { withMetadata } from '../apiserver/pod-object.ts';
import { compileSelector } from '../api/labels.ts';
import { labelValue, metadataWith } from '../api/meta-v1.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../api/persistent-volumes.ts';
import {
  bindCompletedAnnotation,
  boundByControllerAnnotation,
  classOfClaim,
  classOfVolume,
  isFullyBound,
  isVolumeBoundToClaim,
  noProvisioner,
  selectedNodeAnnotation,
  withAnnotation,
} from '../api/persistent-volumes.ts';
import { isPodTerminal, podKey } from '../api/pod-conditions.ts';
import type { RandomStream } from '../engine/random.ts';
import { SECOND } from '../engine/time.ts';
import { ClaimUsers } from './claim-users.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult, Timer } from './controller.ts';
import { send, synced } from './controller.ts';
import { tell } from './pod-control.ts';

/** --pvclaimbinder-sync-period: everything is looked at again. */
const resyncPeriodUs = 15 * SECOND;
/** Before the name of a volume in the queue. */
const volumePrefix = 'pv:';

export const volumeBinder: ControllerDefinition = {
  name: 'persistentvolume-binder-controller',
  description: 'binds claims to volumes, and takes volumes back',
  eventSource: 'persistentvolume-controller',
  workers: 2,
  create: (context) => new VolumeBinder(context),
};

class VolumeBinder implements Controller {
  private readonly context: ControllerContext;
  private readonly users: ClaimUsers;
  private readonly resync: Timer;
  private readonly choice: RandomStream;
  private readonly phaseUs: number;
  private isResyncPosted = false;

  constructor(context: ControllerContext) {
    this.context = context;
    this.users = new ClaimUsers(context.informer('Pod'));
    this.choice = context.random('choice');
    this.phaseUs = Math.round(context.random('phase').double() * resyncPeriodUs);
    this.resync = context.timer('resync', () => this.onResync());
  }

  watch(): void {
    this.context.informer('StorageClass');
    this.context.informer('PersistentVolumeClaim').onChange((before, after) => this.onClaim(before, after));
    this.context.informer('PersistentVolume').onChange((_before, after) => {
      if (after !== undefined) this.context.enqueue(volumePrefix + after.metadata.name);
    });
  }

  *reconcile(key: string): Step<SyncResult> {
    if (key.startsWith(volumePrefix)) {
      const volume = this.context.informer('PersistentVolume').get('', key.slice(volumePrefix.length));
      return volume === undefined ? synced : yield* this.syncVolume(volume);
    }
    const slash = key.indexOf('/');
    const claim = this.context.informer('PersistentVolumeClaim').get(key.slice(0, slash), key.slice(slash + 1));
    if (claim === undefined) return synced;
    this.arm();
    return isFullyBound(claim) ? yield* this.syncBoundClaim(claim) : yield* this.syncUnboundClaim(claim);
  }

  private onClaim(before: PersistentVolumeClaim | undefined, after: PersistentVolumeClaim | undefined): void {
    if (after !== undefined) this.context.enqueue(podKey(after));
    // The claim is gone: its volume is to be taken back.
    else if (before!.spec.volumeName !== '') this.context.enqueue(volumePrefix + before!.spec.volumeName);
  }

  /** Everything is looked at again while a claim waits. */
  private arm(): void {
    if (this.isResyncPosted) return;
    const claims = this.context.informer('PersistentVolumeClaim').list();
    if (!claims.some((claim) => claim.status.phase === 'Pending')) return;
    this.isResyncPosted = true;
    const periods = Math.floor((this.context.now - this.phaseUs) / resyncPeriodUs) + 1;
    this.resync.at(this.phaseUs + periods * resyncPeriodUs);
  }

  private onResync(): void {
    this.isResyncPosted = false;
    for (const { metadata } of this.context.informer('PersistentVolume').list())
      this.context.enqueue(volumePrefix + metadata.name);
    for (const claim of this.context.informer('PersistentVolumeClaim').list()) this.context.enqueue(podKey(claim));
    this.arm();
  }

  private *syncVolume(volume: PersistentVolume): Step<SyncResult> {
    const { claimRef, persistentVolumeReclaimPolicy } = volume.spec;
    if (claimRef === undefined || claimRef.uid === 0) return yield* this.setVolumePhase(volume, 'Available');
    const claim = this.context.informer('PersistentVolumeClaim').get(claimRef.namespace, claimRef.name);
    if (claim?.metadata.uid === claimRef.uid) {
      if (claim.spec.volumeName === volume.metadata.name) return yield* this.setVolumePhase(volume, 'Bound');
      if (claim.spec.volumeName === '') this.context.enqueue(podKey(claim));
      return synced;
    }
    const isNew = volume.status.phase !== 'Released' && volume.status.phase !== 'Failed';
    const released = isNew ? yield* this.setVolumePhase(volume, 'Released') : synced;
    if (persistentVolumeReclaimPolicy !== 'Delete' || volume.status.phase === 'Failed') return released;
    const text = deletionProblem(volume);
    if (text === undefined) return outcomeOf(yield* send(deleteRequest('PersistentVolume', '', volume.metadata.name)));
    const failed = yield* this.setVolumePhase(volume, 'Failed');
    tell(this.context, volume, 'Warning', 'VolumeFailedDelete', text);
    return failed;
  }

  private *setVolumePhase(volume: PersistentVolume, phase: PersistentVolume['status']['phase']): Step<SyncResult> {
    if (volume.status.phase === phase) return synced;
    const patch = (current: PersistentVolume): PersistentVolume =>
      current.status.phase === phase ? current : { ...current, status: { ...current.status, phase } };
    return outcomeOf(yield* send(patchStatusRequest('PersistentVolume', '', volume.metadata.name, patch)));
  }

  private *syncBoundClaim(claim: PersistentVolumeClaim): Step<SyncResult> {
    const volume = this.context.informer('PersistentVolume').get('', claim.spec.volumeName);
    if (volume === undefined) {
      if (claim.status.phase === 'Lost') return synced;
      tell(
        this.context,
        claim,
        'Warning',
        'ClaimLost',
        'Bound claim has lost its PersistentVolume. Any data on the volume is lost!',
      );
      return yield* this.setClaimStatus(claim, { phase: 'Lost' });
    }
    return volume.spec.claimRef?.uid === claim.metadata.uid ? yield* this.bind(volume, claim) : synced;
  }

  private *syncUnboundClaim(claim: PersistentVolumeClaim): Step<SyncResult> {
    if (claim.spec.volumeName !== '') return yield* this.syncNamedVolume(claim);
    const isDelayed = this.isDelayed(claim);
    const volume = this.findVolume(claim, isDelayed);
    if (volume !== undefined) return yield* this.bind(volume, claim);
    this.tellWaiting(claim, isDelayed);
    return synced;
  }

  /** The user has chosen the volume: it has to be free, or promised to the claim, and to satisfy it. */
  private *syncNamedVolume(claim: PersistentVolumeClaim): Step<SyncResult> {
    const volume = this.context.informer('PersistentVolume').get('', claim.spec.volumeName);
    if (volume === undefined) return synced;
    const { name } = volume.metadata;
    if (volume.spec.claimRef === undefined) {
      const mismatch = mismatchOf(volume, claim);
      if (mismatch === undefined) return yield* this.bind(volume, claim);
      tell(this.context, claim, 'Warning', 'VolumeMismatch', `Cannot bind to requested volume "${name}": ${mismatch}`);
      return synced;
    }
    if (isVolumeBoundToClaim(volume, claim)) return yield* this.bind(volume, claim);
    tell(this.context, claim, 'Warning', 'FailedBinding', `volume "${name}" already bound to a different claim.`);
    return synced;
  }

  private isDelayed(claim: PersistentVolumeClaim): boolean {
    const storageClass = this.context.informer('StorageClass').get('', classOfClaim(claim));
    if (storageClass?.volumeBindingMode !== 'WaitForFirstConsumer') return false;
    return labelValue(claim.metadata.annotations, selectedNodeAnnotation) === undefined;
  }

  private tellWaiting(claim: PersistentVolumeClaim, isDelayed: boolean): void {
    if (isDelayed) {
      const pods = this.users.of(claim).filter((pod) => pod.spec.nodeName === '' && !isPodTerminal(pod));
      if (pods.length === 0) {
        const text = 'waiting for first consumer to be created before binding';
        return tell(this.context, claim, 'Normal', 'WaitForFirstConsumer', text);
      }
      const names = pods.map(({ metadata }) => metadata.name).join(',');
      const text = `waiting for ${pods.length > 1 ? 'pods' : 'pod'} ${names} to be scheduled`;
      return tell(this.context, claim, 'Normal', 'WaitForPodScheduled', text);
    }
    const name = classOfClaim(claim);
    if (name === '') {
      const text = 'no persistent volumes available for this claim and no storage class is set';
      return tell(this.context, claim, 'Normal', 'FailedBinding', text);
    }
    const provisioner = this.context.informer('StorageClass').get('', name)?.provisioner;
    if (provisioner === undefined || provisioner === noProvisioner) {
      const missing = `storageclass.storage.k8s.io "${name}" not found`;
      const text = provisioner === undefined ? missing : `no volume plugin matched name: ${provisioner}`;
      tell(this.context, claim, 'Warning', 'ProvisioningFailed', text);
    } else if (!provisioner.startsWith('kubernetes.io/')) {
      const text =
        `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system ` +
        'administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.';
      tell(this.context, claim, 'Normal', 'ExternalProvisioning', text);
    }
  }

  /**
   * A volume that is promised to the claim, else the smallest free one that fits, any of equal ones (upstream walks a map); a
   * delayed claim takes only what is promised.
   */
  private findVolume(claim: PersistentVolumeClaim, isDelayed: boolean): PersistentVolume | undefined {
    let best: PersistentVolume | undefined;
    let equals = 0;
    for (const volume of this.context.informer('PersistentVolume').list()) {
      if (isVolumeBoundToClaim(volume, claim)) return volume;
      if (isDelayed || volume.spec.claimRef !== undefined || volume.status.phase !== 'Available') continue;
      if (!fits(volume, claim)) continue;
      if (best === undefined || storageOf(volume) < storageOf(best)) {
        best = volume;
        equals = 1;
      } else if (storageOf(volume) === storageOf(best) && this.choice.double() * ++equals < 1) best = volume;
    }
    return best;
  }

  /** Four writes: the claim into the volume, its phase, the volume into the claim, its phase. Each is left out where it stands. */
  private *bind(volume: PersistentVolume, claim: PersistentVolumeClaim): Step<SyncResult> {
    const { namespace, name, uid } = claim.metadata;
    const toClaim = (current: PersistentVolume): PersistentVolume => {
      if (current.spec.claimRef?.uid === uid) return current;
      const spec = { ...current.spec, claimRef: { namespace, name, uid } };
      const annotations = withAnnotation(current.metadata.annotations, boundByControllerAnnotation, 'yes');
      return withMetadata({ ...current, spec }, metadataWith(current.metadata, { annotations }));
    };
    const promised = yield* send(patchRequest('PersistentVolume', '', volume.metadata.name, toClaim));
    if (!isSuccess(promised)) return outcomeOf(promised);
    const bound = yield* this.setVolumePhase(promised.object!, 'Bound');
    if (bound.failed !== undefined) return bound;
    const toVolume = (current: PersistentVolumeClaim): PersistentVolumeClaim => {
      if (isFullyBound(current)) return current;
      const spec = { ...current.spec, volumeName: volume.metadata.name };
      const annotations = withAnnotation(current.metadata.annotations, bindCompletedAnnotation, 'yes');
      return withMetadata({ ...current, spec }, metadataWith(current.metadata, { annotations }));
    };
    const taken = yield* send(patchRequest('PersistentVolumeClaim', namespace, name, toVolume, undefined, uid));
    if (!isSuccess(taken)) return outcomeOf(taken);
    const { accessModes, capacity } = volume.spec;
    return yield* this.setClaimStatus(taken.object!, { phase: 'Bound', accessModes, capacity });
  }

  private *setClaimStatus(
    claim: PersistentVolumeClaim,
    status: Partial<PersistentVolumeClaim['status']>,
  ): Step<SyncResult> {
    if (claim.status.phase === status.phase) return synced;
    const { namespace, name, uid } = claim.metadata;
    const patch = (current: PersistentVolumeClaim): PersistentVolumeClaim => ({
      ...current,
      status: { ...current.status, ...status },
    });
    return outcomeOf(yield* send(patchStatusRequest('PersistentVolumeClaim', namespace, name, patch, undefined, uid)));
  }
}

function outcomeOf(response: ApiResponse): SyncResult {
  return isSuccess(response) || response.code === 'NotFound' ? synced : { failed: response.message };
}

function storageOf({ spec }: PersistentVolume): number {
  return spec.capacity.get('storage') ?? 0;
}

function fits(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { selector } = claim.spec;
  return (
    mismatchOf(volume, claim) === undefined &&
    (selector === undefined || compileSelector(selector)(volume.metadata.labels))
  );
}

/** Why a volume is not what a claim asks for, whatever its labels (upstream `checkVolumeSatisfyClaim`). */
function mismatchOf(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  const { spec } = claim;
  if (volume.metadata.deletionTimestamp !== undefined)
    return `the volume is marked for deletion "${volume.metadata.name}"`;
  if (storageOf(volume) < (spec.requests.get('storage') ?? 0)) return 'requested PV is too small';
  if (classOfVolume(volume) !== classOfClaim(claim)) return 'storageClassName does not match';
  if (volume.spec.volumeMode !== spec.volumeMode) return 'incompatible volumeMode';
  if (!spec.accessModes.every((mode) => volume.spec.accessModes.includes(mode))) return 'incompatible accessMode';
  return undefined;
}

/** Of the sources that the controller itself knows only directories of the machine can be deleted, and only below /tmp. */
function deletionProblem({ metadata, spec }: PersistentVolume): string | undefined {
  if (spec.source !== 'hostPath')
    return `error getting deleter volume plugin for volume "${metadata.name}": no deletable volume plugin matched`;
  const { path } = spec.raw as { readonly path: string };
  return /\/tmp\/./.test(path) ? undefined : `host_path deleter only supports /tmp/.+ but received provided ${path}`;
}
