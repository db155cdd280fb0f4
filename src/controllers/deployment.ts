/** Deployment controller (upstream pkg/controller/deployment): rolls from one template to the next, through ReplicaSets. */
import { byController } from '../apiserver/cluster-state.ts';
import { deleteRequest, isSuccess, updateStatusRequest } from '../apiserver/requests.ts';
import type { Deployment, ReplicaSet } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import type { ApiObject } from '../api/meta-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';
import { podKey } from '../api/pod-conditions.ts';
import { semanticEqual } from '../util/semantic-equal.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, synced } from './controller.ts';
import { surplusHistory } from './deployment-revisions.ts';
import type { ScaleOutcome } from './deployment-scaling.ts';
import {
  areOldPodsRunning,
  followReplicas,
  isScalingEvent,
  rollOneStep,
  startNew,
  stopOlds,
} from './deployment-scaling.ts';
import { DeploymentSets } from './deployment-sets.ts';
import type { Rollout } from './deployment-status.ts';
import { countedStatus, deadlineCheckInUs, isComplete, rolloutStatus } from './deployment-status.ts';
import { Orphans, claimObjects, controllerReference, ownerKey } from './ownership.ts';
import { saysTerminating } from './pod-control.ts';
import { Selectors } from './selectors.ts';

export const deployment: ControllerDefinition = {
  name: 'deployment-controller',
  description: 'rolls Deployments from one template to the next, through ReplicaSets',
  workers: 5,
  maxRetries: 15,
  create: (context) => new DeploymentController(context),
};

class DeploymentController implements Controller {
  private readonly context: ControllerContext;
  private readonly selectors = new Selectors();
  private readonly sets: DeploymentSets;
  private readonly orphans: Orphans<'ReplicaSet'>;
  private readonly keysByNamespace = new Map<string, Set<string>>();
  /** Deployments that wait for the last old pod before they start the first new one. */
  private readonly recreating = new Set<string>();

  constructor(context: ControllerContext) {
    this.context = context;
    this.sets = new DeploymentSets(context);
    this.orphans = new Orphans(context.informer('ReplicaSet'), (set) => this.onOrphan(set));
  }

  watch(): void {
    this.context.informer('Deployment').onChange((before, after) => this.onDeployment(before, after));
    this.context.informer('ReplicaSet').onChange((before, after) => this.onReplicaSet(before, after));
    this.context.informer('Pod').onChange(
      (before) => this.onPodGone(before!),
      (before, after) =>
        after === undefined && this.recreating.size > 0 && controllerOf(before!)?.kind === 'ReplicaSet',
    );
  }

  /** What a namespace refuses because it goes is not tried again (upstream handleErr). */
  *reconcile(key: string): Step<SyncResult> {
    const result = yield* this.sync(key);
    return result.failed !== undefined && saysTerminating(result.failed) ? synced : result;
  }

  /** One step: create the new set, scale in one direction, or only tell the status. */
  private *sync(key: string): Step<SyncResult> {
    const stored = this.deploymentOf(key);
    if (stored === undefined) return synced;
    const sets = yield* this.claim(stored);
    if (typeof sets === 'string') return { failed: sets };
    if (stored.metadata.deletionTimestamp !== undefined) return yield* this.report(stored, sets);
    const paused = yield* this.sets.notePause(stored);
    if (typeof paused === 'string') return { failed: paused };
    if (paused.spec.paused) return yield* this.follow(paused, sets);
    const known = yield* this.sets.find(paused, sets, false);
    if (typeof known === 'string') return { failed: known };
    if (isScalingEvent(known)) return yield* this.follow(known.deployment, sets);
    return paused.spec.strategy.type === 'Recreate'
      ? yield* this.recreate(known.deployment, sets)
      : yield* this.roll(known, sets);
  }

  private onDeployment(before: Deployment | undefined, after: Deployment | undefined): void {
    const key = podKey((after ?? before)!);
    const { namespace } = (after ?? before)!.metadata;
    if (after?.spec.strategy.type === 'Recreate') this.recreating.add(key);
    else this.recreating.delete(key);
    if (after === undefined) this.keysByNamespace.get(namespace)?.delete(key);
    if (before === undefined) {
      const keys = this.keysByNamespace.get(namespace);
      if (keys === undefined) this.keysByNamespace.set(namespace, new Set([key]));
      else keys.add(key);
      this.orphans.watch();
    }
    this.context.enqueue(key);
  }

  private onReplicaSet(before: ReplicaSet | undefined, after: ReplicaSet | undefined): void {
    const key = this.ownerOf(after);
    const oldKey = this.ownerOf(before);
    if (oldKey !== undefined && oldKey !== key) this.context.enqueue(oldKey);
    if (key !== undefined) this.context.enqueue(key);
  }

  private onOrphan(set: ReplicaSet): void {
    for (const key of this.keysByNamespace.get(set.metadata.namespace) ?? []) {
      const owner = this.deploymentOf(key);
      if (owner !== undefined && this.selectors.of(owner.spec.selector)(set.metadata.labels)) this.context.enqueue(key);
    }
  }

  private onPodGone(pod: Pod): void {
    const { name, uid } = controllerOf(pod)!;
    const set = this.context.informer('ReplicaSet').get(pod.metadata.namespace, name);
    const key = set?.metadata.uid === uid ? this.ownerOf(set) : undefined;
    if (key !== undefined && this.recreating.has(key)) this.context.enqueue(key);
  }

  private ownerOf(object: ApiObject | undefined): string | undefined {
    const key = ownerKey(object, 'Deployment');
    if (key === undefined) return undefined;
    return this.deploymentOf(key)?.metadata.uid === controllerOf(object!)!.uid ? key : undefined;
  }

  private deploymentOf(key: string): Deployment | undefined {
    const slash = key.indexOf('/');
    return this.context.informer('Deployment').get(key.slice(0, slash), key.slice(slash + 1));
  }

  private *claim(owner: Deployment): Step<readonly ReplicaSet[] | string> {
    const { namespace, uid } = owner.metadata;
    const matches = this.selectors.of(owner.spec.selector);
    const sets = this.context.informer('ReplicaSet').by(byController, uid);
    sets.push(...this.orphans.matching(namespace, matches, this.context.now));
    const claim = { kind: 'ReplicaSet', owner, ownerReferences: [controllerReference(owner)], matches } as const;
    const { objects, failed } = yield* claimObjects(claim, sets);
    return failed ?? objects;
  }

  private *roll(known: Rollout, sets: readonly ReplicaSet[]): Step<SyncResult> {
    // Where the new set is as the cache has it, a second look would find and write nothing else.
    const isCurrent = known.newer !== undefined && sets.includes(known.newer);
    const rollout = isCurrent ? known : yield* this.sets.find(known.deployment, sets, true);
    if (typeof rollout === 'string') return { failed: rollout };
    const outcome = yield* rollOneStep(this.context, rollout);
    return yield* this.conclude(rollout, outcome);
  }

  private *recreate(owner: Deployment, sets: readonly ReplicaSet[]): Step<SyncResult> {
    const known = yield* this.sets.find(owner, sets, false);
    if (typeof known === 'string') return { failed: known };
    const stopped = yield* stopOlds(this.context, known);
    if ('failed' in stopped || stopped.scaled) return yield* this.conclude(known, stopped);
    if (areOldPodsRunning(this.context, known)) return yield* this.reportProgress(known);
    const rollout = known.newer === undefined ? yield* this.sets.create(known.deployment, known.olds) : known;
    if (typeof rollout === 'string') return { failed: rollout };
    return yield* this.conclude(rollout, yield* startNew(this.context, rollout));
  }

  private *conclude(rollout: Rollout, outcome: ScaleOutcome): Step<SyncResult> {
    if ('failed' in outcome) return outcome;
    const { deployment } = rollout;
    if (!outcome.scaled && isComplete(deployment, deployment.status)) {
      const failed = yield* this.trimHistory(rollout);
      if (failed !== undefined) return { failed };
    }
    return yield* this.reportProgress(rollout);
  }

  /** The user has changed the number of replicas, or the rollout is paused: sizes follow, templates do not. */
  private *follow(owner: Deployment, sets: readonly ReplicaSet[]): Step<SyncResult> {
    const rollout = yield* this.sets.find(owner, sets, false);
    if (typeof rollout === 'string') return { failed: rollout };
    const outcome = yield* followReplicas(this.context, rollout);
    if ('failed' in outcome) return outcome;
    if (owner.spec.paused) {
      const failed = yield* this.trimHistory(rollout);
      if (failed !== undefined) return { failed };
    }
    return yield* this.writeStatus(rollout.deployment, countedStatus(rollout, this.context.nowSeconds));
  }

  /** Status of a Deployment that is being deleted. */
  private *report(owner: Deployment, sets: readonly ReplicaSet[]): Step<SyncResult> {
    const rollout = yield* this.sets.find(owner, sets, false);
    if (typeof rollout === 'string') return { failed: rollout };
    return yield* this.writeStatus(rollout.deployment, countedStatus(rollout, this.context.nowSeconds));
  }

  private *trimHistory({ deployment: { spec }, olds }: Rollout): Step<string | undefined> {
    for (const { metadata } of surplusHistory(olds, spec.revisionHistoryLimit)) {
      const response = yield* send(deleteRequest('ReplicaSet', metadata.namespace, metadata.name));
      if (!isSuccess(response) && response.code !== 'NotFound') return response.message;
    }
    return undefined;
  }

  private *reportProgress(rollout: Rollout): Step<SyncResult> {
    const { now } = this.context;
    const status = rolloutStatus(rollout, now);
    const owner = rollout.deployment;
    if (!semanticEqual(status, owner.status)) return yield* this.writeStatus(owner, status);
    const requeueAfterUs = deadlineCheckInUs(owner, status, now);
    return requeueAfterUs === undefined ? synced : { requeueAfterUs };
  }

  private *writeStatus(owner: Deployment, status: Deployment['status']): Step<SyncResult> {
    if (semanticEqual(status, owner.status)) return synced;
    const response = yield* send(updateStatusRequest('Deployment', { ...owner, status }));
    return isSuccess(response) ? synced : { failed: response.message };
  }
}
