/**
 * Volume expander (upstream pkg/controller/volume/expand): of a bound claim that grows it says that somebody else has to grow the volume,
 * as it does of every volume for which it has no plugin of its own.
 */
import type { PersistentVolumeClaim } from '../api/persistent-volumes.ts';
import { classOfClaim } from '../api/persistent-volumes.ts';
import { podKey } from '../api/pod-conditions.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { synced } from './controller.ts';
import { tell } from './pod-control.ts';

export const volumeExpander: ControllerDefinition = {
  name: 'persistentvolume-expander-controller',
  description: 'says of claims that grow who has to grow their volumes',
  eventSource: 'volume_expand',
  workers: 10,
  create: (context) => new VolumeExpander(context),
};

class VolumeExpander implements Controller {
  private readonly context: ControllerContext;

  constructor(context: ControllerContext) {
    this.context = context;
  }

  watch(): void {
    this.context.informer('StorageClass');
    this.context.informer('PersistentVolumeClaim').onChange(
      (_before, after) => this.context.enqueue(podKey(after!)),
      (before, after) => before !== undefined && after !== undefined && sizeOf(after) > sizeOf(before) && grows(after),
    );
  }

  *reconcile(key: string): Step<SyncResult> {
    const slash = key.indexOf('/');
    const claim = this.context.informer('PersistentVolumeClaim').get(key.slice(0, slash), key.slice(slash + 1));
    if (claim === undefined || !grows(claim)) return synced;
    const className = classOfClaim(claim);
    if (this.context.informer('StorageClass').get('', className) === undefined) return synced;
    tell(this.context, claim, 'Normal', 'ExternalExpanding', 'waiting for an external controller to expand this PVC');
    return synced;
  }
}

/** Whether a bound claim asks for more than it has. */
function grows(claim: PersistentVolumeClaim): boolean {
  return claim.status.phase === 'Bound' && sizeOf(claim) > (claim.status.capacity.get('storage') ?? 0);
}

function sizeOf({ spec }: PersistentVolumeClaim): number {
  return spec.requests.get('storage') ?? 0;
}
