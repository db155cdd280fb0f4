/** How many pods each ReplicaSet has: by a walk over its pods, and kept from change to change. */
import type { ReplicaSet } from '../api/apps-v1.ts';
import type { Pod } from '../api/core-v1.ts';
import { matchesLabels } from '../api/labels.ts';
import type { Labels, Uid } from '../api/meta-v1.ts';
import { controllerOf } from '../api/meta-v1.ts';
import { isPodActive, isPodAvailable, isPodReady, isPodTerminal } from '../api/pod-conditions.ts';

/** Numbers of pods, as a status of a ReplicaSet tells them. */
export interface ReplicaTally {
  readonly active: number;
  readonly fullyLabeled: number;
  readonly ready: number;
  readonly available: number;
  readonly terminating: number;
}

/**
 * Counts the pods of a ReplicaSet.
 *
 * @param terminating those that are being deleted and not among the active ones.
 * @param now whole seconds.
 */
export function tallyOf({ spec }: ReplicaSet, active: readonly Pod[], terminating: number, now: number): ReplicaTally {
  let fullyLabeled = 0;
  let ready = 0;
  let available = 0;
  for (const pod of active) {
    if (matchesLabels(spec.template.labels, pod.metadata.labels)) fullyLabeled++;
    if (isPodReady(pod)) ready++;
    if (isPodAvailable(pod, spec.minReadySeconds, now)) available++;
  }
  return { active: active.length, fullyLabeled, ready, available, terminating };
}

/** Pods of one owner and one value of labels. */
interface LabelTally {
  active: number;
  ready: number;
  terminating: number;
}

/** The same numbers without the walk: a large set is looked at after every change of a pod of its own. */
export class ReplicaTallies {
  private readonly ownerKind: string;
  private readonly byOwner = new Map<Uid, Map<Labels, LabelTally>>();

  /** @param ownerKind kind of the owners that count. */
  constructor(ownerKind: string) {
    this.ownerKind = ownerKind;
  }

  /** Counts a change of a pod; undefined `before` or `after` as in `ChangeHandler`. To be told whenever `concernsTally`. */
  changed(before: Pod | undefined, after: Pod | undefined): void {
    if (before !== undefined) this.count(before, -1);
    if (after !== undefined) this.count(after, 1);
  }

  /** Undefined where every pod has to be looked at: some are to be released, or turn available as time goes by. */
  of({ spec, metadata }: ReplicaSet, matches: (labels: Labels) => boolean): ReplicaTally | undefined {
    if (spec.minReadySeconds > 0) return undefined;
    const sum = { active: 0, fullyLabeled: 0, ready: 0, available: 0, terminating: 0 };
    for (const [labels, { active, ready, terminating }] of this.byOwner.get(metadata.uid) ?? []) {
      if (!matches(labels)) return undefined;
      sum.active += active;
      if (matchesLabels(spec.template.labels, labels)) sum.fullyLabeled += active;
      sum.ready += ready;
      sum.available += ready;
      sum.terminating += terminating;
    }
    return sum;
  }

  private count(pod: Pod, by: 1 | -1): void {
    if (isPodTerminal(pod)) return;
    const owner = controllerOf(pod);
    if (owner?.kind !== this.ownerKind) return;
    const tally = this.tallyOf(owner.uid, pod.metadata.labels);
    if (!isPodActive(pod)) tally.terminating += by;
    else {
      tally.active += by;
      if (isPodReady(pod)) tally.ready += by;
    }
    if (tally.active === 0 && tally.terminating === 0) this.drop(owner.uid, pod.metadata.labels);
  }

  private tallyOf(owner: Uid, labels: Labels): LabelTally {
    let tallies = this.byOwner.get(owner);
    if (tallies === undefined) this.byOwner.set(owner, (tallies = new Map()));
    let tally = tallies.get(labels);
    if (tally === undefined) tallies.set(labels, (tally = { active: 0, ready: 0, terminating: 0 }));
    return tally;
  }

  private drop(owner: Uid, labels: Labels): void {
    const tallies = this.byOwner.get(owner)!;
    tallies.delete(labels);
    if (tallies.size === 0) this.byOwner.delete(owner);
  }
}

/** Whether a change of a pod is one of its owner, its labels, or of what is counted. */
export function concernsTally(before: Pod | undefined, after: Pod | undefined): boolean {
  if (before === undefined || after === undefined) return true;
  return (
    isNewlyDeleted(before, after) ||
    isPodReady(before) !== isPodReady(after) ||
    isPodTerminal(before) !== isPodTerminal(after) ||
    before.metadata.labels !== after.metadata.labels ||
    before.metadata.ownerReferences !== after.metadata.ownerReferences
  );
}

/** Whether the deletion of a pod has begun with this change. */
export function isNewlyDeleted(before: Pod, after: Pod): boolean {
  return before.metadata.deletionTimestamp === undefined && after.metadata.deletionTimestamp !== undefined;
}
