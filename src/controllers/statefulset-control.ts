/** The order in which a StatefulSet makes, deletes and replaces its pods (upstream stateful_set_control.go). */
import type { Pod } from '../api/core-v1.ts';
import type { Step } from './controller.ts';
import { sideBySide } from './controller.ts';
import { firstUnavailable, isTerminating, mayCondemn, podsToUpdate, replicaStep } from './statefulset-plan.ts';
import type { Pass, StatefulPodControl } from './statefulset-pod-control.ts';

/** Pods of one batch of a Parallel set. */
const batchMax = 500;

/** Goes through the pods of a set, one after the other or, where it is Parallel, side by side. */
export class StatefulSetControl {
  private readonly pods: StatefulPodControl;

  constructor(pods: StatefulPodControl) {
    this.pods = pods;
  }

  /** One step of a set. Returns how many pods were deleted for an update. */
  *act(pass: Pass): Step<number> {
    const isOrdered = pass.pods.set.spec.podManagementPolicy === 'OrderedReady';
    if (isOrdered) {
      if (!(yield* this.fillInOrder(pass)) || !(yield* this.releaseCondemned(pass))) return 0;
      if (!(yield* this.scaleDownInOrder(pass))) return 0;
    } else {
      yield* this.inBatches(pass, pass.pods.replicas, (pod, at) => this.processReplica(pass, pod, at));
      if (pass.failed !== undefined || !(yield* this.releaseCondemned(pass))) return 0;
      yield* this.inBatches(pass, pass.pods.condemned, (pod) => this.processCondemned(pass, pod));
    }
    // One after the other, the highest ordinal first, and no further than the first refusal.
    let replaced = 0;
    for (const pod of podsToUpdate(pass.pods, pass.updateRevision)) {
      if (pass.failed !== undefined) break;
      if (yield* this.pods.delete(pass, pod)) replaced++;
    }
    return replaced;
  }

  /** Whether every wanted pod is there and available. */
  private *fillInOrder(pass: Pass): Step<boolean> {
    for (const [at, pod] of pass.pods.replicas.entries()) {
      const step = replicaStep(pass.pods, pod);
      yield* this.pods.seeToClaims(pass, pod);
      if (pass.failed !== undefined) return false;
      if (step === 'none') continue;
      if (step === 'create') yield* this.pods.create(pass, at);
      else if (step === 'delete') yield* this.pods.delete(pass, pod!);
      return false;
    }
    return true;
  }

  /** Whether nothing is left that is not wanted. */
  private *scaleDownInOrder(pass: Pass): Step<boolean> {
    const victim = pass.pods.condemned[0];
    if (victim === undefined) return true;
    if (!isTerminating(victim) && mayCondemn(pass.pods, victim, firstUnavailable(pass.pods)))
      yield* this.pods.delete(pass, victim);
    return false;
  }

  /** Claims of pods that are not wanted go with them, if the policy says so. Whether all could be told. */
  private *releaseCondemned(pass: Pass): Step<boolean> {
    const { set, condemned } = pass.pods;
    if (set.spec.podManagementPolicy === 'Parallel') {
      yield* this.inBatches(pass, condemned, (pod) => this.pods.release(pass, pod));
      return pass.failed === undefined;
    }
    for (const pod of condemned) {
      yield* this.pods.release(pass, pod);
      if (pass.failed !== undefined) return false;
    }
    return true;
  }

  private *processReplica(pass: Pass, pod: Pod | undefined, at: number): Step<void> {
    if (pod === undefined) return yield* this.pods.create(pass, at);
    if (replicaStep(pass.pods, pod) === 'delete') yield* this.pods.delete(pass, pod);
    else yield* this.pods.seeToClaims(pass, pod);
  }

  private *processCondemned(pass: Pass, pod: Pod): Step<void> {
    if (!isTerminating(pod)) yield* this.pods.delete(pass, pod);
  }

  /** Does the same for all pods of a Parallel set, side by side in batches that double; no further than the first batch with a failure. */
  private *inBatches<T>(pass: Pass, pods: readonly T[], act: (pod: T, at: number) => Step<void>): Step<void> {
    for (let from = 0, size = 1; from < pods.length; from += size, size = Math.min(2 * size, batchMax)) {
      const end = Math.min(from + size, pods.length);
      yield* sideBySide(pods.slice(from, end).map((pod, index) => act(pod, from + index)));
      if (pass.failed !== undefined) return;
    }
  }
}
