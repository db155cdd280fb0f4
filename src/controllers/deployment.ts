/** Deployment controller (upstream pkg/controller/deployment): rolls from one template to the next, through ReplicaSets. */
import { byController } from '../apiserver/cluster-state.ts';
import { createRequest, deleteRequest, isSuccess, updateRequest, updateStatusRequest } from '../apiserver/requests.ts';
import type { Deployment, DeploymentCondition, ReplicaSet, ReplicaSetSpec } from '../api/apps-v1.ts';
import { newReplicaSetStatus } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import { labelsOf, sortedLabels } from '../api/labels.ts';
import type { ApiObject, Labels } from '../api/meta-v1.ts';
import { controllerOf, newObjectMeta } from '../api/meta-v1.ts';
import { podKey } from '../api/pod-conditions.ts';
import { hashTemplate } from '../api/template-hash.ts';
import { semanticEqual } from '../util/semantic-equal.ts';
import type { Controller, ControllerContext, ControllerDefinition, Step, SyncResult } from './controller.ts';
import { send, synced } from './controller.ts';
import {
  findNewReplicaSet,
  hashLabel,
  isSameTemplate,
  nextRevision,
  revisionOf,
  surplusHistory,
  withReplicaCounts,
  withRevision,
  withRevisionAnnotations,
} from './deployment-revisions.ts';
import type { ScaleOutcome } from './deployment-scaling.ts';
import {
  areOldPodsRunning,
  followReplicas,
  isScalingEvent,
  rollOneStep,
  startNew,
  stopOlds,
} from './deployment-scaling.ts';
import type { Rollout } from './deployment-status.ts';
import {
  conditionOf,
  countedStatus,
  deadlineCheckInUs,
  hasDeadline,
  isComplete,
  newCondition,
  rolloutStatus,
  withCondition,
} from './deployment-status.ts';
import { Orphans, claimObjects, controllerReference, ownerKey } from './ownership.ts';
import { isNamespaceTerminating, saysTerminating, tell } from './pod-control.ts';
import { maxSurge, newReplicaSetSize } from './replica-arithmetic.ts';
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
  private readonly orphans: Orphans<'ReplicaSet'>;
  private readonly keysByNamespace = new Map<string, Set<string>>();
  /** Deployments that wait for the last old pod before they start the first new one. */
  private readonly recreating = new Set<string>();

  constructor(context: ControllerContext) {
    this.context = context;
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
    const paused = yield* this.notePause(stored);
    if (typeof paused === 'string') return { failed: paused };
    if (paused.spec.paused) return yield* this.follow(paused, sets);
    const known = yield* this.findSets(paused, sets, false);
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

  /** Says that a rollout is paused or goes on: both stop and restart the clock of the deadline. */
  private *notePause(stored: Deployment): Step<Deployment | string> {
    const present = conditionOf(stored.status, 'Progressing');
    if (!hasDeadline(stored) || present?.reason === 'ProgressDeadlineExceeded') return stored;
    const isNoted = present?.reason === 'DeploymentPaused';
    if (stored.spec.paused === isNoted) return stored;
    const [reason, message] = stored.spec.paused
      ? (['DeploymentPaused', 'Deployment is paused'] as const)
      : (['DeploymentResumed', 'Deployment is resumed'] as const);
    return yield* this.writeProgress(stored, this.progressing('Unknown', reason, message));
  }

  /** The sets of a Deployment, the new one up to date with it, or created; a string says what went wrong. */
  private *findSets(owner: Deployment, sets: readonly ReplicaSet[], mayCreate: boolean): Step<Rollout | string> {
    const found = findNewReplicaSet(owner, sets);
    const olds = sets.filter((set) => set !== found);
    if (found !== undefined) return yield* this.refresh(owner, found, olds);
    return mayCreate ? yield* this.createSet(owner, olds) : { deployment: owner, newer: undefined, olds };
  }

  private *refresh(owner: Deployment, found: ReplicaSet, olds: readonly ReplicaSet[]): Step<Rollout | string> {
    const annotated = withRevisionAnnotations(found, owner, nextRevision(olds));
    const { minReadySeconds } = owner.spec;
    if (annotated !== found || found.spec.minReadySeconds !== minReadySeconds) {
      const updated = { ...annotated, spec: { ...found.spec, minReadySeconds } };
      const { object, message } = yield* send(updateRequest('ReplicaSet', updated));
      return object === undefined ? message : { deployment: owner, newer: object, olds };
    }
    const revised = withRevision(owner, revisionOf(found));
    const isUnknown = hasDeadline(owner) && conditionOf(owner.status, 'Progressing') === undefined;
    if (revised === owner && !isUnknown) return { deployment: owner, newer: found, olds };
    const message = `Found new replica set "${found.metadata.name}"`;
    const condition = isUnknown ? this.progressing('True', 'FoundNewReplicaSet', message) : undefined;
    const written = yield* this.writeProgress(revised, condition);
    return typeof written === 'string' ? written : { deployment: written, newer: found, olds };
  }

  private *createSet(owner: Deployment, olds: readonly ReplicaSet[]): Step<Rollout | string> {
    const revision = nextRevision(olds);
    const wanted = newSetOf(owner, olds, revision);
    const { name } = wanted.metadata;
    const response = yield* send(createRequest('ReplicaSet', wanted));
    if (response.code === 'AlreadyExists') return yield* this.takeExisting(owner, olds, revision, wanted);
    if (isNamespaceTerminating(response)) return response.message;
    if (!isSuccess(response)) return yield* this.creationFailed(owner, name, response.message);
    const { replicas } = wanted.spec;
    if (replicas > 0)
      tell(this.context, owner, 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${replicas}`);
    const condition = hasDeadline(owner)
      ? this.progressing('True', 'NewReplicaSetCreated', `Created new replica set "${name}"`)
      : undefined;
    return yield* this.adoptSet(owner, olds, revision, response.object!, condition);
  }

  /** The name is taken: by our own set that the cache has not shown yet, or by somebody else's, which calls for another hash. */
  private *takeExisting(
    owner: Deployment,
    olds: readonly ReplicaSet[],
    revision: number,
    wanted: ReplicaSet,
  ): Step<Rollout | string> {
    const { namespace, name } = wanted.metadata;
    const existing = this.context.informer('ReplicaSet').get(namespace, name);
    if (existing === undefined) return `replicasets.apps "${name}" not found`;
    const isOurs = controllerOf(existing)?.uid === owner.metadata.uid;
    if (isOurs && isSameTemplate(existing.spec.template, owner.spec.template))
      return yield* this.adoptSet(owner, olds, revision, existing, undefined);
    const status = { ...owner.status, collisionCount: owner.status.collisionCount + 1 };
    yield* send(updateStatusRequest('Deployment', { ...owner, status }));
    return `replicasets.apps "${name}" already exists`;
  }

  private *creationFailed(owner: Deployment, name: string, refusal: string): Step<string> {
    const message = `Failed to create new replica set "${name}": ${refusal}`;
    yield* this.writeProgress(owner, this.progressing('False', 'ReplicaSetCreateError', message));
    tell(this.context, owner, 'Warning', 'ReplicaSetCreateError', message);
    return refusal;
  }

  private *adoptSet(
    owner: Deployment,
    olds: readonly ReplicaSet[],
    revision: number,
    newer: ReplicaSet,
    condition: DeploymentCondition | undefined,
  ): Step<Rollout | string> {
    const revised = withRevision(owner, revision);
    if (revised === owner && condition === undefined) return { deployment: owner, newer, olds };
    const written = yield* this.writeProgress(revised, condition);
    return typeof written === 'string' ? written : { deployment: written, newer, olds };
  }

  private progressing(status: DeploymentCondition['status'], reason: string, message: string): DeploymentCondition {
    return newCondition('Progressing', status, reason, message, this.context.nowSeconds);
  }

  /**
   * Writes a condition in the middle of a sync. As upstream, the sync goes on with the version it has read: a later write of the
   * same sync meets a conflict and the key comes again some milliseconds later.
   */
  private *writeProgress(owner: Deployment, condition: DeploymentCondition | undefined): Step<Deployment | string> {
    const { status } = owner;
    const conditions = condition === undefined ? status.conditions : withCondition(status.conditions, condition);
    // The same words again are no news: the server writes nothing, and nobody is woken.
    const changed = conditions === status.conditions ? owner : { ...owner, status: { ...status, conditions } };
    const response = yield* send(updateStatusRequest('Deployment', changed));
    return isSuccess(response) ? changed : response.message;
  }

  private *roll(known: Rollout, sets: readonly ReplicaSet[]): Step<SyncResult> {
    // Where the new set is as the cache has it, a second look would find and write nothing else.
    const isCurrent = known.newer !== undefined && sets.includes(known.newer);
    const rollout = isCurrent ? known : yield* this.findSets(known.deployment, sets, true);
    if (typeof rollout === 'string') return { failed: rollout };
    const outcome = yield* rollOneStep(this.context, rollout);
    return yield* this.conclude(rollout, outcome);
  }

  private *recreate(owner: Deployment, sets: readonly ReplicaSet[]): Step<SyncResult> {
    const known = yield* this.findSets(owner, sets, false);
    if (typeof known === 'string') return { failed: known };
    const stopped = yield* stopOlds(this.context, known);
    if ('failed' in stopped || stopped.scaled) return yield* this.conclude(known, stopped);
    if (areOldPodsRunning(this.context, known)) return yield* this.reportProgress(known);
    const rollout = known.newer === undefined ? yield* this.createSet(known.deployment, known.olds) : known;
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
    const rollout = yield* this.findSets(owner, sets, false);
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
    const rollout = yield* this.findSets(owner, sets, false);
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

/** The set for the present template, with as many replicas as the strategy allows at once. */
function newSetOf(owner: Deployment, olds: readonly ReplicaSet[], revision: number): ReplicaSet {
  const { spec, metadata, status } = owner;
  const hash = hashTemplate(spec.template, status.collisionCount);
  const total = olds.reduce((sum, old) => sum + old.spec.replicas, 0);
  const template = { ...spec.template, labels: withHash(spec.template.labels, hash) };
  const setSpec: ReplicaSetSpec = {
    replicas: newReplicaSetSize(spec, total, 0),
    selector: { ...spec.selector, matchLabels: withHash(spec.selector.matchLabels, hash) },
    template,
    minReadySeconds: spec.minReadySeconds,
  };
  const set: ReplicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: newObjectMeta({
      name: `${metadata.name}-${hash}`,
      namespace: metadata.namespace,
      labels: template.labels,
      ownerReferences: [controllerReference(owner)],
    }),
    spec: setSpec,
    status: newReplicaSetStatus,
  };
  return withReplicaCounts(
    withRevisionAnnotations(set, owner, revision),
    spec.replicas,
    spec.replicas + maxSurge(spec),
  );
}

function withHash(labels: Labels, hash: string): Labels {
  return labelsOf(new Map([...sortedLabels(labels), [hashLabel, hash]]));
}
