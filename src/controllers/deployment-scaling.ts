/** Changes of the sizes of a Deployment's ReplicaSets (upstream pkg/controller/deployment/{sync,rolling,recreate}.go). */
import { byControllerUntilDone } from '../apiserver/cluster-state.ts';
import { updateRequest } from '../apiserver/requests.ts';
import type { Deployment, ReplicaSet } from '../api/apps-v1.ts';
import { isPodTerminal } from '../api/pod-conditions.ts';
import type { ControllerContext, Step } from './controller.ts';
import { send } from './controller.ts';
import { byCreation, desiredReplicasOf, maxReplicasOf, withReplicaCounts } from './deployment-revisions.ts';
import type { Rollout } from './deployment-status.ts';
import { setsOf } from './deployment-status.ts';
import { tell } from './pod-control.ts';
import { maxSurge, newReplicaSetSize, oldReplicaSetSizes, proportionalSizes } from './replica-arithmetic.ts';

/** What became of a step: whether any set was scaled, or why it could not be. */
export type ScaleOutcome = { readonly scaled: boolean } | { readonly failed: string };

/** What became of the scaling of some sets: their present versions, or why it could not be done. */
type Scaling = { readonly scaled: boolean; readonly sets: readonly ReplicaSet[] } | { readonly failed: string };

const nothing: ScaleOutcome = { scaled: false };

/** Sets of which replicas are wanted, oldest first. */
export function activeSets(sets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  return sets.filter((set) => set.spec.replicas > 0).sort(byCreation);
}

/** Whether the user has changed the number of replicas since an active set was last scaled. */
export function isScalingEvent(rollout: Rollout): boolean {
  return activeSets(setsOf(rollout)).some((set) => {
    const desired = desiredReplicasOf(set);
    return desired !== undefined && desired !== rollout.deployment.spec.replicas;
  });
}

/** Writes the size of a set and what its Deployment wants; nothing where both are right. */
function* scaleSet(
  context: ControllerContext,
  deployment: Deployment,
  set: ReplicaSet,
  size: number,
): Step<ReplicaSet | string> {
  const { spec } = deployment;
  const before = set.spec.replicas;
  const annotated = withReplicaCounts(set, spec.replicas, spec.replicas + maxSurge(spec));
  if (before === size && annotated === set) return set;
  const resized = before === size ? annotated : { ...annotated, spec: { ...set.spec, replicas: size } };
  const { object, message } = yield* send(updateRequest('ReplicaSet', resized));
  if (object === undefined) return message;
  if (before === size) return object;
  const direction = size > before ? 'up' : 'down';
  const text = `Scaled ${direction} replica set ${set.metadata.name} from ${before} to ${size}`;
  tell(context, deployment, 'Normal', 'ScalingReplicaSet', text);
  return object;
}

/** Gives sets new sizes in turn; the first refusal ends it. A set of the right size is not touched. */
function* resize(
  context: ControllerContext,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  sizes: readonly number[],
): Step<Scaling> {
  const resized: ReplicaSet[] = [];
  let scaled = false;
  for (const [at, set] of sets.entries()) {
    const size = sizes[at]!;
    const result = set.spec.replicas === size ? set : yield* scaleSet(context, deployment, set, size);
    if (typeof result === 'string') return { failed: result };
    if (result !== set) scaled = true;
    resized.push(result);
  }
  return { scaled, sets: resized };
}

/** One step of a rolling update: up with the new set, or down with the old ones. */
export function* rollOneStep(context: ControllerContext, rollout: Rollout): Step<ScaleOutcome> {
  const { deployment, olds } = rollout;
  const newer = rollout.newer!;
  const { spec } = deployment;
  const total = setsOf(rollout).reduce((sum, set) => sum + set.spec.replicas, 0);
  const isTooLarge = newer.spec.replicas >= spec.replicas;
  const wanted = isTooLarge ? spec.replicas : newReplicaSetSize(spec, total, newer.spec.replicas);
  const up = yield* resize(context, deployment, [newer], [wanted]);
  if ('failed' in up || up.scaled) return up;
  const active = activeSets(olds);
  const sizes = oldReplicaSetSizes(spec, active.map(subjectOf), subjectOf(newer));
  if (sizes === undefined) return nothing;
  // Upstream swallows a refusal here: the next event of a ReplicaSet tries again.
  const cleaned = yield* resize(context, deployment, active, sizes.cleaned);
  if ('failed' in cleaned) return nothing;
  const reduced = yield* resize(context, deployment, cleaned.sets, sizes.reduced);
  return 'failed' in reduced ? nothing : { scaled: cleaned.scaled || reduced.scaled };
}

function subjectOf({ spec, status }: ReplicaSet): { size: number; available: number } {
  return { size: spec.replicas, available: status.availableReplicas };
}

/** Scales all old sets to nothing. */
export function* stopOlds(context: ControllerContext, { deployment, olds }: Rollout): Step<ScaleOutcome> {
  const active = activeSets(olds);
  return yield* resize(
    context,
    deployment,
    active,
    active.map(() => 0),
  );
}

/** Scales the new set to what the Deployment wants. */
export function* startNew(context: ControllerContext, { deployment, newer }: Rollout): Step<ScaleOutcome> {
  return yield* resize(context, deployment, [newer!], [deployment.spec.replicas]);
}

/** Whether pods of old templates may still run (upstream oldPodsRunning). */
export function areOldPodsRunning(context: ControllerContext, { olds }: Rollout): boolean {
  if (olds.some((old) => old.status.replicas > 0)) return true;
  const pods = context.informer('Pod');
  return olds.some((old) => pods.by(byControllerUntilDone, old.metadata.uid).some((pod) => !isPodTerminal(pod)));
}

/** Follows a change of spec.replicas: by the only active set, or in proportion (upstream `scale`). */
export function* followReplicas(context: ControllerContext, rollout: Rollout): Step<ScaleOutcome> {
  const { deployment, newer } = rollout;
  const { replicas, strategy } = deployment.spec;
  const only = activeOrLatest(rollout);
  if (only !== undefined) return yield* resize(context, deployment, [only], [replicas]);
  if (newer !== undefined && isSaturated(newer, replicas)) return yield* stopOlds(context, rollout);
  if (strategy.type !== 'RollingUpdate') return nothing;
  return yield* spread(context, rollout);
}

/** The one active set, or the newest of inactive ones; undefined where several are active. */
function activeOrLatest(rollout: Rollout): ReplicaSet | undefined {
  const active = activeSets(setsOf(rollout));
  if (active.length > 1) return undefined;
  return active[0] ?? rollout.newer ?? rollout.olds.toSorted(byCreation).at(-1);
}

function isSaturated(newer: ReplicaSet, replicas: number): boolean {
  return (
    newer.spec.replicas === replicas &&
    desiredReplicasOf(newer) === replicas &&
    newer.status.availableReplicas === replicas
  );
}

function* spread(context: ControllerContext, rollout: Rollout): Step<ScaleOutcome> {
  const { deployment } = rollout;
  const { spec, status } = deployment;
  const active = activeSets(setsOf(rollout));
  const subjects = active.map((set) => ({
    size: set.spec.replicas,
    maxReplicas: maxReplicasOf(set) ?? status.replicas,
    createdAt: set.metadata.creationTimestamp,
    name: set.metadata.name,
  }));
  for (const [at, size] of proportionalSizes(subjects, spec.replicas, maxSurge(spec))) {
    const result = yield* scaleSet(context, deployment, active[at]!, size);
    if (typeof result === 'string') return { failed: result };
  }
  return { scaled: true };
}
