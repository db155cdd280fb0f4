/** TTL-after-finished controller (upstream pkg/controller/ttlafterfinished): deletes Jobs some time after their end. */
import { deleteRequest, getRequest, isSuccess } from '../apiserver/requests.ts';
import type { Job } from '../api/batch-v1.ts';
import { podKey } from '../api/pod-conditions.ts';
import { SECOND } from '../engine/time.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, synced } from './controller.ts';

export const ttlAfterFinished: ControllerDefinition = {
  name: 'ttl-after-finished-controller',
  description: 'deletes finished Jobs when their ttlSecondsAfterFinished has passed',
  workers: 5,
  create: (context) => new TtlAfterFinished(context),
};

class TtlAfterFinished implements Controller {
  private readonly context: ControllerContext;

  constructor(context: ControllerContext) {
    this.context = context;
  }

  watch(): void {
    this.context.informer('Job').onChange(
      (_before, after) => this.context.enqueue(podKey(after!)),
      (_before, after) => after !== undefined && this.remainingUs(after) !== undefined,
    );
  }

  *reconcile(key: string): Step<SyncResult> {
    const slash = key.indexOf('/');
    const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)];
    const seen = this.context.informer('Job').get(namespace, name);
    const leftUs = seen && this.remainingUs(seen);
    if (leftUs === undefined) return synced;
    if (leftUs > 0) return { requeueAfterUs: leftUs };
    const { object: stored } = yield* send(getRequest('Job', namespace, name));
    if (stored === undefined || this.remainingUs(stored) !== 0) return synced;
    const { uid } = stored.metadata;
    const response = yield* send(deleteRequest('Job', namespace, name, { propagation: 'Foreground', uid }));
    return isSuccess(response) || response.code === 'NotFound' ? synced : { failed: response.message };
  }

  /** Microseconds until a finished Job is to go, 0 when that has passed; undefined for Jobs that stay. */
  private remainingUs({ metadata, spec, status }: Job): number | undefined {
    const { ttlSecondsAfterFinished } = spec;
    if (ttlSecondsAfterFinished === undefined || metadata.deletionTimestamp !== undefined) return undefined;
    const end = status.conditions.find(
      ({ type, status: value }) => value === 'True' && (type === 'Complete' || type === 'Failed'),
    );
    if (end === undefined) return undefined;
    return Math.max(0, (end.lastTransitionTime + ttlSecondsAfterFinished) * SECOND - this.context.now);
  }
}
