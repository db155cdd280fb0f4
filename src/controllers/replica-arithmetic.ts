/** The arithmetic of rolling updates (upstream pkg/controller/deployment/util/deployment_util.go and rolling.go). */
import type { DeploymentSpec, DeploymentStrategy, IntOrPercent } from '../api/apps-v1.ts';

/** What a rolling update may add and take away, in pods. */
export interface Fenceposts {
  /** Pods above the desired number. */
  readonly surge: number;
  /** Pods that may be missing. */
  readonly unavailable: number;
}

/** A ReplicaSet as the arithmetic sees it. */
export interface ScaleSubject {
  /** spec.replicas. */
  readonly size: number;
  /** status.availableReplicas. */
  readonly available: number;
}

/**
 * Upstream `ResolveFenceposts` and `MaxUnavailable`: a percentage is rounded up for the surge and down for what may be
 * missing; where both would be 0, one pod may be missing, as nothing could move otherwise.
 */
export function fenceposts(
  strategy: Pick<DeploymentStrategy, 'maxSurge' | 'maxUnavailable'>,
  replicas: number,
): Fenceposts {
  const surge = scaledValue(strategy.maxSurge, replicas, 'up');
  const unavailable = scaledValue(strategy.maxUnavailable, replicas, 'down');
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** A count, or a percentage of `total` rounded up or down (upstream `GetScaledValueFromIntOrPercent`). */
export function scaledValue(value: IntOrPercent, total: number, direction: 'up' | 'down'): number {
  if ('count' in value) return value.count;
  const exact = (value.percent * total) / 100;
  return direction === 'up' ? Math.ceil(exact) : Math.floor(exact);
}

/** Pods above the desired number that the strategy allows; 0 under Recreate. */
export function maxSurge(spec: DeploymentSpec): number {
  return spec.strategy.type === 'RollingUpdate' ? fenceposts(spec.strategy, spec.replicas).surge : 0;
}

/** Pods that may be missing from the desired number; 0 under Recreate. */
export function maxUnavailable(spec: DeploymentSpec): number {
  if (spec.strategy.type !== 'RollingUpdate') return 0;
  return Math.min(fenceposts(spec.strategy, spec.replicas).unavailable, spec.replicas);
}

/**
 * Size of the new ReplicaSet (upstream `NewRSNewReplicas`).
 *
 * @param total sum of spec.replicas over all ReplicaSets, the new one included.
 */
export function newReplicaSetSize(spec: DeploymentSpec, total: number, newSize: number): number {
  if (spec.strategy.type === 'Recreate') return spec.replicas;
  const room = spec.replicas + maxSurge(spec) - total;
  return room <= 0 ? newSize : newSize + Math.min(room, spec.replicas - newSize);
}

/** New sizes of the old ReplicaSets, in the order given, after each of the two steps of a scale-down. */
export interface OldSizes {
  /** Without replicas that are not available. */
  readonly cleaned: readonly number[];
  /** Then also without available ones that are not needed. */
  readonly reduced: readonly number[];
}

/**
 * Scale-down of the old ReplicaSets in one sync (upstream `reconcileOldReplicaSets`): first what is unhealthy, then as
 * many available pods as the minimum allows. Undefined: this step does nothing.
 *
 * @param olds oldest first.
 * @param newer the new ReplicaSet; zeros if there is none.
 */
export function oldReplicaSetSizes(
  spec: DeploymentSpec,
  olds: readonly ScaleSubject[],
  newer: ScaleSubject,
): OldSizes | undefined {
  const minAvailable = spec.replicas - maxUnavailable(spec);
  const total = sum(olds, (old) => old.size) + newer.size;
  const maxScaleDown = total - minAvailable - (newer.size - newer.available);
  if (sum(olds, (old) => old.size) === 0 || maxScaleDown <= 0) return undefined;
  const cleaned = withoutUnhealthy(olds, maxScaleDown);
  if (cleaned === undefined) return undefined;
  const available = sum(olds, (old) => old.available) + newer.available;
  return { cleaned, reduced: withoutSurplus(cleaned, available - minAvailable) };
}

/** Upstream `cleanupUnhealthyReplicas`; undefined when a status lags so far that a size would grow. */
function withoutUnhealthy(olds: readonly ScaleSubject[], maxCleanup: number): number[] | undefined {
  const sizes: number[] = [];
  let left = maxCleanup;
  for (const { size, available } of olds) {
    const taken = left > 0 && size > 0 ? Math.min(left, size - available) : 0;
    if (taken < 0) return undefined;
    left -= taken;
    sizes.push(size - taken);
  }
  return sizes;
}

/** Upstream `scaleDownOldReplicaSetsForRollingUpdate`. */
function withoutSurplus(sizes: readonly number[], budget: number): readonly number[] {
  let left = Math.max(0, budget);
  return sizes.map((size) => {
    const taken = Math.min(size, left);
    left -= taken;
    return size - taken;
  });
}

/** A ReplicaSet in proportional scaling. */
export interface ProportionalSubject {
  /** spec.replicas. */
  readonly size: number;
  /** Annotation max-replicas, or status.replicas where it is missing. */
  readonly maxReplicas: number;
  /** Whole seconds. */
  readonly createdAt: number;
  readonly name: string;
}

/**
 * Spreads a change of the desired number over several active ReplicaSets in proportion to their sizes (upstream `scale`
 * and `GetReplicaSetProportion`).
 *
 * @returns new sizes by the index of the subject, in the order in which upstream writes them: the largest set first, of equal ones the one that
 *   gains or loses first; as they stand where only the split is noted.
 */
export function proportionalSizes(
  subjects: readonly ProportionalSubject[],
  replicas: number,
  surge: number,
): ReadonlyMap<number, number> {
  const toAdd = replicasToAdd(subjects, replicas, surge);
  const order = subjects.map((_, index) => index);
  if (toAdd !== 0) order.sort((a, b) => bySize(subjects[a]!, subjects[b]!, toAdd > 0));
  const sizes = new Map<number, number>();
  let added = 0;
  for (const at of order) {
    const share = proportion(subjects[at]!, replicas, surge, toAdd, added);
    sizes.set(at, subjects[at]!.size + share);
    added += share;
  }
  const first = order[0];
  if (first !== undefined) sizes.set(first, Math.max(0, sizes.get(first)! + toAdd - added));
  return sizes;
}

/** How many all ReplicaSets together gain; negative = lose. */
function replicasToAdd(subjects: readonly ProportionalSubject[], replicas: number, surge: number): number {
  const allowed = replicas > 0 ? replicas + surge : 0;
  return allowed - sum(subjects, (subject) => subject.size);
}

function bySize(a: ProportionalSubject, b: ProportionalSubject, newerFirst: boolean): number {
  if (a.size !== b.size) return b.size - a.size;
  const older = a.createdAt !== b.createdAt ? a.createdAt - b.createdAt : a.name < b.name ? -1 : 1;
  return newerFirst ? -older : older;
}

function proportion(
  subject: ProportionalSubject,
  replicas: number,
  surge: number,
  toAdd: number,
  added: number,
): number {
  if (subject.size === 0 || toAdd === 0 || toAdd === added) return 0;
  const fraction = fractionOf(subject, replicas, surge);
  const allowed = toAdd - added;
  return toAdd > 0 ? Math.min(fraction, allowed) : Math.max(fraction, allowed);
}

function fractionOf({ size, maxReplicas }: ProportionalSubject, replicas: number, surge: number): number {
  if (replicas === 0) return -size;
  if (maxReplicas === 0) return 0;
  return roundHalfAway((size * (replicas + surge)) / maxReplicas) - size;
}

function roundHalfAway(value: number): number {
  return value < 0 ? -Math.floor(0.5 - value) : Math.floor(value + 0.5);
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  let total = 0;
  for (const value of values) total += of(value);
  return total;
}
