/** StatefulSet controller (upstream pkg/controller/statefulset): pods with names of their own, one after the other or all at once. */
import { getRequest, isSuccess, updateStatusRequest } from '../apiserver/requests.ts';
import type { StatefulSet, StatefulSetStatus } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';
import { isPodReady, podKey } from '../api/pod-conditions.ts';
import { SECOND } from '../engine/time.ts';
import { semanticEqual } from '../util/semantic-equal.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, synced } from './controller.ts';
import { PodOwners } from './pod-owners.ts';
import { nextAvailability } from './replicaset-status.ts';
import { StatefulSetControl } from './statefulset-control.ts';
import { arrange, completed, countSet, ordinalOf, revisionOfPod } from './statefulset-plan.ts';
import type { Pass } from './statefulset-pod-control.ts';
import { StatefulPodControl } from './statefulset-pod-control.ts';
import { TemplateRevisions } from './template-revisions.ts';

export const statefulSet: ControllerDefinition = {
  name: 'statefulset-controller',
  description: 'keeps the pods of each StatefulSet, every one under its own name',
  workers: 5,
  create: (context) => new StatefulSetController(context),
};

class StatefulSetController implements Controller {
  private readonly context: ControllerContext;
  private readonly sets: PodOwners<'StatefulSet'>;
  private readonly revisions: TemplateRevisions;
  private readonly control: StatefulSetControl;

  constructor(context: ControllerContext) {
    this.context = context;
    this.sets = new PodOwners(context, 'StatefulSet');
    this.revisions = new TemplateRevisions(context);
    this.control = new StatefulSetControl(new StatefulPodControl(context, this.sets, this.revisions));
  }

  watch(): void {
    this.context.informer('PersistentVolumeClaim');
    this.context.informer('StatefulSet').onChange((before, after) => this.onSet(before, after));
    this.context.informer('Pod').onChange((before, after) => this.onPod(before, after), concernsSets);
  }

  *reconcile(key: string): Step<SyncResult> {
    const set = this.sets.get(key);
    if (set === undefined) return synced;
    const behind = this.sets.awaitWrites(key);
    if (behind !== undefined) return behind;
    const claimed = yield* this.sets.claim(set, (pod) => ordinalOf(set, pod) >= 0);
    if (typeof claimed === 'string') return { failed: claimed };
    const refusal = yield* this.revisions.ensure(key, set);
    if (refusal !== undefined) return { failed: refusal };
    const pass = this.begin(key, set, claimed);
    const replaced = set.metadata.deletionTimestamp === undefined ? yield* this.control.act(pass) : 0;
    const status = completed(set, {
      ...pass.status,
      currentReplicas: pass.status.currentReplicas - replaced,
    });
    const problem = yield* this.writeStatus(key, set, status);
    yield* this.revisions.trim(key, set, new Set([...claimed.map(revisionOfPod), ...revisionsOf(pass)]));
    const failed = pass.failed ?? problem;
    if (failed !== undefined) return { failed };
    return this.untilAvailable(set, claimed);
  }

  /** Asks for another look when the next ready pod turns available. */
  private untilAvailable({ spec: { minReadySeconds } }: StatefulSet, pods: readonly Pod[]): SyncResult {
    if (minReadySeconds === 0) return synced;
    const at = nextAvailability(pods, minReadySeconds, this.context.nowSeconds);
    return at === undefined ? synced : { requeueAfterUs: at * SECOND - this.context.now };
  }

  private onSet(before: StatefulSet | undefined, after: StatefulSet | undefined): void {
    const key = podKey((after ?? before)!);
    if (after === undefined) {
      this.sets.removed(before!);
      this.revisions.forget(key, before!.metadata.uid);
    } else if (before === undefined) this.sets.added(after);
    this.context.enqueue(key);
  }

  private onPod(before: Pod | undefined, after: Pod | undefined): void {
    const key = this.sets.keyOf(after);
    const oldKey = this.sets.keyOf(before);
    if (oldKey !== undefined && oldKey !== key) this.context.enqueue(oldKey);
    if (key === undefined) return;
    this.context.enqueue(key);
    const { minReadySeconds } = this.sets.get(key)!.spec;
    const turnedReady = before !== undefined && after !== undefined && !isPodReady(before) && isPodReady(after);
    if (turnedReady && minReadySeconds > 0) this.context.enqueueAfter(key, minReadySeconds * SECOND);
  }

  private begin(key: string, set: StatefulSet, claimed: readonly Pod[]): Pass {
    const pods = arrange(set, claimed, this.context.nowSeconds);
    const updateRevision = this.revisions.nameOf(set);
    const { currentRevision: known } = set.status;
    const currentRevision = known === '' ? updateRevision : known;
    const status = countSet(pods, currentRevision, updateRevision);
    return { pods, key, updateRevision, currentRevision, status, failed: undefined };
  }

  private *writeStatus(key: string, set: StatefulSet, status: StatefulSetStatus): Step<string | undefined> {
    if (semanticEqual(status, set.status)) return undefined;
    let response = yield* send(updateStatusRequest('StatefulSet', { ...set, status }));
    for (let attempt = 1; attempt < 5 && response.code === 'Conflict'; attempt++) {
      const { namespace, name } = set.metadata;
      const { object, message } = yield* send(getRequest('StatefulSet', namespace, name));
      if (object === undefined) return message;
      response = yield* send(updateStatusRequest('StatefulSet', { ...object, status }));
    }
    this.sets.wrote(key, response);
    return isSuccess(response) || response.code === 'NotFound' ? undefined : response.message;
  }
}

function revisionsOf({ currentRevision, updateRevision }: Pass): readonly string[] {
  return [currentRevision, updateRevision];
}

function concernsSets(before: Pod | undefined, after: Pod | undefined): boolean {
  const isOfSet = (pod: Pod | undefined): boolean => pod !== undefined && controllerOf(pod)?.kind === 'StatefulSet';
  if (!isOfSet(before) && !isOfSet(after)) return false;
  if (before === undefined || after === undefined) return true;
  return (
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    before.metadata.labels !== after.metadata.labels ||
    before.metadata.ownerReferences !== after.metadata.ownerReferences ||
    before.status.phase !== after.status.phase ||
    isPodReady(before) !== isPodReady(after)
  );
}
