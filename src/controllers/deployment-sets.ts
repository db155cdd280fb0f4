/**
 * The ReplicaSets of a Deployment, of which one has the present template, and what its condition Progressing says of that (upstream
 * pkg/controller/deployment/sync.go).
 */
import { createRequest, isSuccess, updateRequest, updateStatusRequest } from '../apiserver/requests.ts';
import type { Deployment, DeploymentCondition, ReplicaSet, ReplicaSetSpec } from '../api/apps-v1.ts';
import { newReplicaSetStatus } from '../api/apps-v1.ts';
import { labelsOf, sortedLabels } from '../api/labels.ts';
import type { Labels } from '../api/meta-v1.ts';
import { controllerOf, newObjectMeta } from '../api/meta-v1.ts';
import { hashTemplate } from '../api/template-hash.ts';
import type { ControllerContext, Step } from './controller.ts';
import { send } from './controller.ts';
import {
  findNewReplicaSet,
  hashLabel,
  isSameTemplate,
  nextRevision,
  revisionOf,
  withReplicaCounts,
  withRevision,
  withRevisionAnnotations,
} from './deployment-revisions.ts';
import type { Rollout } from './deployment-status.ts';
import { conditionOf, hasDeadline, newCondition, withCondition } from './deployment-status.ts';
import { controllerReference } from './ownership.ts';
import { isNamespaceTerminating, tell } from './pod-control.ts';
import { maxSurge, newReplicaSetSize } from './replica-arithmetic.ts';

/** Finds and makes the sets of Deployments. What stands in the way is returned as text. */
export class DeploymentSets {
  private readonly context: ControllerContext;

  constructor(context: ControllerContext) {
    this.context = context;
  }

  /** The sets of a Deployment, the new one up to date with it, or created; a string says what went wrong. */
  *find(owner: Deployment, sets: readonly ReplicaSet[], mayCreate: boolean): Step<Rollout | string> {
    const found = findNewReplicaSet(owner, sets);
    const olds = sets.filter((set) => set !== found);
    if (found !== undefined) return yield* this.refresh(owner, found, olds);
    return mayCreate ? yield* this.create(owner, olds) : { deployment: owner, newer: undefined, olds };
  }

  *create(owner: Deployment, olds: readonly ReplicaSet[]): Step<Rollout | string> {
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
    return yield* this.adopt(owner, olds, revision, response.object!, condition);
  }

  /** Says that a rollout is paused or goes on: both stop and restart the clock of the deadline. */
  *notePause(stored: Deployment): Step<Deployment | string> {
    const present = conditionOf(stored.status, 'Progressing');
    if (!hasDeadline(stored) || present?.reason === 'ProgressDeadlineExceeded') return stored;
    const isNoted = present?.reason === 'DeploymentPaused';
    if (stored.spec.paused === isNoted) return stored;
    const [reason, message] = stored.spec.paused
      ? (['DeploymentPaused', 'Deployment is paused'] as const)
      : (['DeploymentResumed', 'Deployment is resumed'] as const);
    return yield* this.writeProgress(stored, this.progressing('Unknown', reason, message));
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
      return yield* this.adopt(owner, olds, revision, existing, undefined);
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

  private *adopt(
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
