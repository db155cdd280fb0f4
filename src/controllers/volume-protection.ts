/** PersistentVolume protection (upstream pkg/controller/volume/pvprotection): a volume stays while it is bound. */
import { withMetadata } from '../apiserver/pod-object.ts';
import { isSuccess, patchRequest } from '../apiserver/requests.ts';
import type { ApiObject } from '../api/meta-v1.ts';
import { metadataWith } from '../api/meta-v1.ts';
import type { PersistentVolume } from '../api/persistent-volumes.ts';
import { volumeProtectionFinalizer } from '../api/persistent-volumes.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, synced } from './controller.ts';

export const volumeProtection: ControllerDefinition = {
  name: 'persistentvolume-protection-controller',
  description: 'keeps volumes that are bound',
  workers: 1,
  create: (context) => new VolumeProtection(context),
};

class VolumeProtection implements Controller {
  private readonly context: ControllerContext;

  constructor(context: ControllerContext) {
    this.context = context;
  }

  watch(): void {
    this.context.informer('PersistentVolume').onChange(
      (_before, after) => this.context.enqueue(after!.metadata.name),
      (_before, after) => after !== undefined && (mayGo(after) || isUnprotected(after, volumeProtectionFinalizer)),
    );
  }

  *reconcile(key: string): Step<SyncResult> {
    const volume = this.context.informer('PersistentVolume').get('', key);
    if (volume === undefined) return synced;
    const isBare = isUnprotected(volume, volumeProtectionFinalizer);
    if (!isBare && !mayGo(volume)) return synced;
    const { name, uid } = volume.metadata;
    const change = isBare ? withProtection : withoutProtection;
    const response = yield* send(patchRequest('PersistentVolume', '', name, change, undefined, uid));
    return isSuccess(response) || response.code === 'NotFound' ? synced : { failed: response.message };
  }
}

/** Whether somebody has taken the finalizer off an object that stays: it gets it again. */
export function isUnprotected({ metadata }: ApiObject, finalizer: string): boolean {
  return metadata.deletionTimestamp === undefined && !metadata.finalizers.includes(finalizer);
}

function mayGo({ metadata, status }: PersistentVolume): boolean {
  const isHeld = metadata.finalizers.includes(volumeProtectionFinalizer);
  return metadata.deletionTimestamp !== undefined && isHeld && status.phase !== 'Bound';
}

function withProtection(current: PersistentVolume): PersistentVolume {
  const finalizers = [...current.metadata.finalizers, volumeProtectionFinalizer];
  return withMetadata(current, metadataWith(current.metadata, { finalizers }));
}

function withoutProtection(current: PersistentVolume): PersistentVolume {
  const finalizers = current.metadata.finalizers.filter((name) => name !== volumeProtectionFinalizer);
  return withMetadata(current, metadataWith(current.metadata, { finalizers }));
}
