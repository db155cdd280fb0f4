/** What a DaemonSet does on its nodes (upstream pkg/controller/daemon/daemon_controller.go, update.go). Pure. */
import type { DaemonSet, DaemonSetStatus } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import type { Timestamp, Uid } from '../api/meta-v1.ts';
import { labelValue } from '../api/meta-v1.ts';
import { isPodAvailable, isPodReady } from '../api/pod-conditions.ts';
import type { RandomSource } from '../engine/random-source.ts';
import type { Eligibility } from './daemonset-placement.ts';
import { bySeniority } from './daemonset-placement.ts';
import { scaledValue } from './replica-arithmetic.ts';
import { revisionLabel } from './template-revisions.ts';

/** A set, its nodes and its pods on them. */
export interface DaemonView {
  readonly set: DaemonSet;
  readonly hash: string;
  /** Number of the set's template, from 1, and those under which its controller has made pods, by uid. */
  readonly generation: number;
  readonly podGenerations: ReadonlyMap<Uid, number>;
  /** Every node of the cluster. */
  readonly nodes: ReadonlyMap<string, Eligibility>;
  readonly podsByNode: ReadonlyMap<string, readonly Pod[]>;
  /** Whole seconds. */
  readonly now: Timestamp;
}

/** What is to be done. */
export interface DaemonPlan {
  readonly creations: string[];
  readonly deletions: Pod[];
}

const noPods: readonly Pod[] = [];

function podsOn({ podsByNode }: DaemonView, nodeName: string): readonly Pod[] {
  return podsByNode.get(nodeName) ?? noPods;
}

/** By the hash of the template or by its number: a set that is made anew counts from 1 again, and takes the pods of its forerunner as they are. */
function isUpdated({ hash, generation, podGenerations }: DaemonView, { metadata }: Pod): boolean {
  return labelValue(metadata.labels, revisionLabel) === hash || podGenerations.get(metadata.uid) === generation;
}

function isAvailable({ set, now }: DaemonView, pod: Pod): boolean {
  return isPodAvailable(pod, set.spec.minReadySeconds, now);
}

const isGoing = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;

/** Number of nodes that are to have a pod. */
export function desiredCount({ nodes }: DaemonView): number {
  let count = 0;
  for (const { shouldRun } of nodes.values()) if (shouldRun) count++;
  return count;
}

/** Nodes that may have two pods at a time. */
export function surgeOf(view: DaemonView): number {
  const { updateStrategy } = view.set.spec;
  return updateStrategy.type === 'RollingUpdate' ? scaledValue(updateStrategy.maxSurge, desiredCount(view), 'up') : 0;
}

/** Nodes that may be without an available pod; at least one where nothing could move otherwise. */
function unavailableOf(view: DaemonView, surge: number): number {
  const desired = desiredCount(view);
  const allowed = scaledValue(view.set.spec.updateStrategy.maxUnavailable, desired, 'up');
  return allowed === 0 && surge === 0 && desired > 0 ? 1 : allowed;
}

/** Says whether a pod that has failed or succeeded goes now; a failed one may have to wait. */
export type MayReplace = (pod: Pod, nodeName: string) => boolean;

/** Creations and deletions that bring each node to what it should have, whatever the revision. */
export function planNodes(view: DaemonView, mayReplace: MayReplace): DaemonPlan {
  const plan: DaemonPlan = { creations: [], deletions: [] };
  const surge = surgeOf(view);
  for (const [name, eligibility] of view.nodes) planNode(view, name, eligibility, surge, mayReplace, plan);
  for (const [name, pods] of view.podsByNode)
    if (!view.nodes.has(name)) plan.deletions.push(...pods.filter(({ spec }) => spec.nodeName === ''));
  return plan;
}

function planNode(
  view: DaemonView,
  name: string,
  { shouldRun, shouldContinue }: Eligibility,
  surge: number,
  mayReplace: MayReplace,
  plan: DaemonPlan,
): void {
  const pods = podsOn(view, name);
  if (pods.length === 0) {
    if (shouldRun) plan.creations.push(name);
    return;
  }
  if (!shouldContinue) return void plan.deletions.push(...pods.filter((pod) => !isGoing(pod)));
  const running: Pod[] = [];
  for (const pod of pods) {
    if (isGoing(pod)) continue;
    const { phase } = pod.status;
    if (phase !== 'Failed' && phase !== 'Succeeded') running.push(pod);
    else if (mayReplace(pod, name)) plan.deletions.push(pod);
  }
  if (surge === 0) plan.deletions.push(...running.slice(1));
  // Who may have two pods at a time does not wait until those that go or have failed are gone.
  else if (running.length === 0) plan.creations.push(...(shouldRun ? [name] : []));
  else if (running.length > 1) plan.deletions.push(...surplusUnderSurge(view, running));
}

/** Of each revision the oldest stays; the old one goes when it is not ready or the new one is available. */
function surplusUnderSurge(view: DaemonView, running: readonly Pod[]): readonly Pod[] {
  const newest = running.find((pod) => isUpdated(view, pod));
  const oldest = running.find((pod) => !isUpdated(view, pod));
  const surplus = running.filter((pod) => pod !== newest && pod !== oldest);
  if (newest === undefined || oldest === undefined) return surplus;
  return !isPodReady(oldest) || isAvailable(view, newest) ? [...surplus, oldest] : surplus;
}

/** One step of a rolling update. */
export function planUpdate(view: DaemonView, random: () => RandomSource): DaemonPlan {
  const surge = surgeOf(view);
  return surge === 0 ? planReplacements(view, unavailableOf(view, surge), random) : planSurge(view, surge, random);
}

/**
 * Up to `count` of what may go first: any of them, as upstream walks nodes and pods in the order of a map of Go. Nothing is drawn
 * where all may go, or none.
 */
export function chosen<T>(candidates: readonly T[], count: number, random: () => RandomSource): readonly T[] {
  if (count <= 0 || candidates.length <= count) return candidates.slice(0, Math.max(0, count));
  return random()
    .sample(count, candidates.length)
    .map((at) => candidates[at]!);
}

/** The newer and the older pod of a node; `isClear` false: there are two of a kind. */
interface NodePods {
  readonly newer: Pod | undefined;
  readonly older: Pod | undefined;
  readonly isClear: boolean;
}

function split(view: DaemonView, name: string): NodePods {
  const pods = podsOn(view, name).filter((pod) => !isGoing(pod));
  const newer = pods.filter((pod) => isUpdated(view, pod));
  const older = pods.filter((pod) => !isUpdated(view, pod));
  return { newer: newer[0], older: older[0], isClear: newer.length <= 1 && older.length <= 1 };
}

/** Nodes that have a pod, and those that should. */
function concernedNodes({ nodes, podsByNode }: DaemonView): readonly string[] {
  const empty = [...nodes].filter(([name, { shouldRun }]) => shouldRun && !podsByNode.has(name)).map(([name]) => name);
  return [...podsByNode.keys(), ...empty];
}

function planReplacements(view: DaemonView, budget: number, random: () => RandomSource): DaemonPlan {
  let unavailableCount = 0;
  const free: Pod[] = [];
  const candidates: Pod[] = [];
  for (const name of concernedNodes(view)) {
    const { newer, older, isClear } = split(view, name);
    if (!isClear || (newer === undefined) === (older === undefined)) unavailableCount++;
    else if (newer !== undefined) unavailableCount += isAvailable(view, newer) ? 0 : 1;
    else if (isAvailable(view, older!)) candidates.push(older!);
    else {
      unavailableCount++;
      free.push(older!);
    }
  }
  return { creations: [], deletions: [...free, ...chosen(candidates, budget - unavailableCount, random)] };
}

function planSurge(view: DaemonView, surge: number, random: () => RandomSource): DaemonPlan {
  let surgeCount = 0;
  let availableCount = 0;
  const creations: string[] = [];
  const candidates: string[] = [];
  const deletions: Pod[] = [];
  const misplaced: Pod[] = [];
  for (const name of concernedNodes(view)) {
    const { newer, older, isClear } = split(view, name);
    const isWanted = view.nodes.get(name)?.shouldRun === true;
    const counted = older ?? newer;
    if (isClear && counted !== undefined && isAvailable(view, counted)) availableCount++;
    if (!isClear) surgeCount++;
    else if (older === undefined) continue;
    else if (newer !== undefined) {
      if (isAvailable(view, newer)) deletions.push(older);
      else surgeCount++;
    } else if (!isAvailable(view, older)) {
      if (isWanted) creations.push(name);
      else deletions.push(older);
    } else if (!isWanted) misplaced.push(older);
    else candidates.push(name);
  }
  // An available pod where none should be goes only if there are enough available ones without it.
  deletions.push(...chosen(misplaced, availableCount - desiredCount(view), random));
  return { creations: [...creations, ...chosen(candidates, surge - surgeCount, random)], deletions };
}

/** The counters: of each node only its first pod matters. */
export function daemonSetStatus(view: DaemonView, isObserved: boolean): DaemonSetStatus {
  const { metadata, status } = view.set;
  const counts = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0 };
  const pods = { numberReady: 0, updatedNumberScheduled: 0, numberAvailable: 0 };
  for (const [name, { shouldRun }] of view.nodes) {
    const first = [...podsOn(view, name)].sort(bySeniority)[0];
    if (!shouldRun) {
      if (first !== undefined) counts.numberMisscheduled++;
      continue;
    }
    counts.desiredNumberScheduled++;
    if (first === undefined) continue;
    counts.currentNumberScheduled++;
    if (isPodReady(first)) pods.numberReady++;
    if (isPodReady(first) && isAvailable(view, first)) pods.numberAvailable++;
    if (isUpdated(view, first)) pods.updatedNumberScheduled++;
  }
  const numberUnavailable = counts.desiredNumberScheduled - pods.numberAvailable;
  const observedGeneration = isObserved ? metadata.generation : status.observedGeneration;
  return { ...status, ...counts, ...pods, numberUnavailable, observedGeneration };
}
